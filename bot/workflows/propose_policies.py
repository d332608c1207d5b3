"""NetworkPolicies for the manifests of a tree: for the command line, and in a pull request."""

from __future__ import annotations

from bot.config import Config
from bot.engine.network.files import propose
from bot.engine.network.plan import plan
from bot.engine.network.survey import survey
from bot.engine.read import kinds_of, load, without_patches
from bot.errors import UserError
from bot.formats.network.proposal import to_network_proposal, to_network_reply
from bot.formats.pull_request import dressed
from bot.kubernetes.network_grants import Proposed
from bot.kubernetes.text_sources import Read
from bot.model.action import Propose, Reply
from bot.model.change import ChangeSet
from bot.model.delivery import Job, PullRef
from bot.model.manifest import Manifest
from bot.ports import Forge
from bot.workflows.apply import apply
from bot.workflows.around import around
from bot.workflows.base_branch import asked_by_base
from bot.workflows.fix_pull_request import open_pull
from bot.workflows.judge_pull_request import collect
from bot.workflows.operator import Operator

_MOST_FILES = 150
"""Files that are read beside those of the pull request, once somebody asks."""


def policies_of(
    changes: ChangeSet, config: Config, read: Read, files: frozenset[str] | None = None
) -> Proposed:
    """Policies for the workloads of some files, proved; `read` gives any file of their tree.

    For the workloads of `files` alone, where some are given.
    """
    manifests = manifests_of(changes, config)
    planned = plan(survey(manifests, read), config.network, files)
    return propose(planned, manifests, read)


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


def propose_policies(job: Job, forge: Forge, operator: Operator, asked_by: str) -> tuple[str, ...]:
    """Propose policies for the workloads that a pull request changes; returns its address.

    Raises UserError where there is nothing to propose, and Edited where the branch is somebody
    else's by now.
    """
    pull, changes = collect(forge, open_pull(job, forge))
    terms, _ = asked_by_base(forge, pull, operator)
    whole = around(forge, pull, changes, terms, _MOST_FILES)
    if whole is None:
        raise UserError(
            "podsec cannot see all manifests around this change, which policies rest on: run "
            "`podsec policies FOLDER --write` in a checkout"
        )
    files = frozenset(file.path for file in changes.files)
    proposed = policies_of(whole, terms.config, _reader(forge, pull, whole), files)
    if not proposed.policies:
        raise UserError(_nothing(proposed))
    if pull.fork:
        apply(forge, pull, [Reply(key=job.id, body=to_network_reply(proposed))])
        return ()
    proposal = dressed(to_network_proposal(proposed, pull, asked_by), terms.config.pulls)
    return apply(forge, pull, [Propose(proposal=proposal)])


def _reader(forge: Forge, pull: PullRef, whole: ChangeSet) -> Read:
    """Files of the tree: those that were read, and others at the head."""

    def read(path: str) -> bytes | None:
        file = whole.file(path)
        if file is not None:
            return file.data
        return forge.read(pull.repository, pull.head_sha, path)

    return read


def _nothing(proposed: Proposed) -> str:
    """Why no pull request was opened."""
    reasons = dict.fromkeys(
        f"{one.actor.kind} {one.actor.name}: {one.reason}" for one in proposed.planned.declined
    )
    if not reasons:
        return "this pull request changes no workload that wants a NetworkPolicy"
    return f"no NetworkPolicy to propose. {'; '.join(list(reasons)[:5])}"
