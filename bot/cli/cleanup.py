"""`podsec cleanup`: podsec leaves a repository, or all of an owner's."""

from __future__ import annotations

import os
from collections.abc import Iterator

from bot import app
from bot.adapters.github import AppClient
from bot.cli.output import emit
from bot.errors import UserError
from bot.formats.plain import visible
from bot.model.cleaned import Cleaned
from bot.model.delivery import RepositoryRef
from bot.settings import Settings
from bot.workflows.clean_up import clean_up
from bot.workflows.rehearsal import Rehearsal


def run(target: str, *, dry_run: bool) -> int:
    """Clean each repository and print what was done. Raises PodsecError."""
    settings = Settings.from_environment(os.environ)
    client = AppClient(settings.app_id, settings.private_key, settings.github_url)
    found = list(_repositories(client, target))
    if not found:
        raise UserError(f"the App is not installed on {target!r}")
    forges = app.workflows(settings).forges
    for repository in found:
        with forges.open(repository) as forge:
            cleaned = clean_up(repository, Rehearsal(forge) if dry_run else forge)
        emit(_said(repository, cleaned, dry_run=dry_run), None)
    return 0


def _repositories(client: AppClient, target: str) -> Iterator[RepositoryRef]:
    owner, _, name = target.lower().partition("/")
    for installation in client.installations():
        if installation.is_suspended:
            continue
        for repository in client.repositories(installation.id):
            home, _, own = repository.full_name.lower().partition("/")
            if home == owner and name in ("", own):
                yield repository


def _said(repository: RepositoryRef, cleaned: Cleaned, *, dry_run: bool) -> str:
    verb = "would be" if dry_run else "were"
    lines = [f"{repository.full_name}: {len(cleaned.closed)} pull requests {verb} closed"]
    lines += [f"  #{number}" for number in cleaned.closed]
    lines += [f"  branch {visible(name)} {verb} deleted" for name in cleaned.deleted]
    lines += [f"  branch {visible(name)} stays: others pushed to it" for name in cleaned.left]
    return "\n".join(lines) + "\n"
