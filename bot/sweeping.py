"""The composition of sweeps: settings in, what sweeps a repository and knows when it is due out."""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bot.adapters.github import GitHubForges
from bot.config import Layer
from bot.errors import ConfigError, NotInstalled
from bot.frozen import frozen
from bot.model.delivery import Job, RepositoryRef
from bot.ports import Home, Snapshot
from bot.settings import Settings
from bot.verdicts.store import stamp
from bot.workflows.base_branch import shared_layers
from bot.workflows.operator import Operator
from bot.workflows.review_images import ImageScans
from bot.workflows.schedule_sweeps import Agenda
from bot.workflows.sweep_images import database_day
from bot.workflows.sweep_repository import Errand, Sweeper, Swept, sweep_repository

_log = logging.getLogger("podsec.sweeps")
INSTALLED, PUSHED = "installed", "push"
"""Why a repository is looked at: only these are not worth everything."""


@frozen
class Sweeps:
    """Sweeps of repositories. `is_scheduled`: they come by themselves."""

    sweeper: Sweeper
    agenda: Agenda
    is_scheduled: bool

    def run(self, job: Job, home: Home) -> None:
        """Do a job that looks at a whole repository. Raises PodsecError."""
        if job.kind == "refresh_repository" and not self.is_scheduled:
            return
        now = datetime.now(UTC)
        self.agenda.register(job.repository, now)
        if job.reason == INSTALLED:
            return  # its first sweep comes within the hour: an organisation installs many at once
        errand = Errand(
            repository=job.repository,
            today=now.date(),
            forced=job.kind == "refresh_repository" and job.reason != PUSHED,
            opens=job.reason != PUSHED,
        )
        self.sweep(errand, home)

    def sweep(self, errand: Errand, home: Home) -> Swept:
        """Sweep now, and note when it is due next. Raises PodsecError."""
        swept = self._swept(errand, home)
        if swept.schedule is not None:
            self.agenda.reschedule(errand.repository, swept.schedule, datetime.now(UTC))
        fields = {"repository": errand.repository.full_name, "state": swept.state}
        _log.info("repository_swept", extra=fields | {"changes": list(swept.lines)})
        return swept

    def _swept(self, errand: Errand, home: Home) -> Swept:
        """Sweep under the organisation's layer, which asks no repository to be set up first."""
        try:
            shared = shared_layers(home, errand.repository)
        except ConfigError as error:
            return Swept(state="wrong config", lines=tuple(str(error).splitlines()))
        sweeper = replace(
            self.sweeper,
            above=(*self.sweeper.above, *shared),
            is_onboarded=self.sweeper.is_onboarded or bool(shared),
            stamp=self.sweeper.stamp + stamp_of(shared),
        )
        return sweep_repository(errand, home.own(), sweeper)


@frozen(kw_only=False)
class _Clones:
    """Clones, for which git is looked for when one is opened: the service starts without."""

    folder: Path
    web_url: str
    token: Callable[[RepositoryRef], str]

    def open(self, repository: RepositoryRef, commit: str) -> AbstractContextManager[Snapshot]:
        """A commit of a repository. Raises NotInstalled without git."""
        if shutil.which("git") is None:
            raise NotInstalled("sweeps read repositories with git, which is not installed")
        from bot.adapters.git import Clones  # noqa: PLC0415  # it looks for git when it is loaded

        return Clones(self.folder, self.web_url, self.token).open(repository, commit)


def sweeps(
    settings: Settings, forges: GitHubForges, operator: Operator, scans: ImageScans
) -> Sweeps:
    """Sweeps over GitHub."""
    web = web_url(settings.github_url)
    return Sweeps(
        sweeper=Sweeper(
            clones=_Clones(settings.clones, web, forges.token),
            records=operator.records,
            rules=operator.rules,
            stamp=stamp("", ()).hex() + stamp_of(operator.layers),
            scans=scans,
            above=operator.layers,
        ),
        agenda=Agenda(
            records=operator.records,
            listed=forges.everywhere,
            database=partial(database_day, scans),
        ),
        is_scheduled=settings.sweeps,
    )


def stamp_of(layers: Sequence[Layer]) -> str:
    """What changes when a layer says something else; empty without one."""
    said = [(layer.path, layer.data) for layer in layers]
    return hashlib.sha256(repr(said).encode()).hexdigest() if layers else ""


def web_url(github_url: str) -> str:
    """Where people see GitHub, and git clones from."""
    return github_url.removesuffix("/api/v3").replace("://api.github.com", "://github.com")
