"""NetworkPolicies for the manifests of a tree: for the command line, and in a pull request."""

from __future__ import annotations

from bot.config import Config
from bot.engine.network.files import propose
from bot.engine.network.plan import plan
from bot.engine.network.survey import survey
from bot.engine.read import kinds_of, load, without_patches
from bot.kubernetes.network_grants import Proposed
from bot.kubernetes.network_texts import Read
from bot.model.change import ChangeSet
from bot.model.manifest import Manifest


def policies_of(changes: ChangeSet, config: Config, read: Read) -> Proposed:
    """Policies for the workloads of some files, proved; `read` gives any file of their tree."""
    manifests = manifests_of(changes, config)
    return propose(plan(survey(manifests, read), config.network), manifests, read)


def manifests_of(changes: ChangeSet, config: Config) -> tuple[Manifest, ...]:
    """The objects of some files, without those that are patches of others."""
    kinds = kinds_of(config)
    found = [
        manifest
        for file in changes.files
        if file.data is not None
        for manifest in load(file.path, file.data, kinds)[0]
    ]
    return without_patches(found)[0]
