"""The composition root: settings in, wired workflows out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bot.adapters.github import AppClient, GitHubForges, Limiter, Limits
from bot.adapters.jobs import DurableJobs
from bot.adapters.records import RecordTable
from bot.adapters.renderers import Helm, Kustomize
from bot.config import Layer, build, read_layer
from bot.errors import ConfigError
from bot.frozen import frozen
from bot.kubernetes.custom_kinds import KNOWN
from bot.model.action import Action
from bot.model.delivery import Job
from bot.ports import Forge, Forges, Handler, Jobs, Records
from bot.rule.load import load_rules
from bot.rule.switches import demand_known
from bot.scanning import image_scans
from bot.settings import Settings
from bot.sweeping import Sweeps, sweeps
from bot.watch import Watch
from bot.workflows.base_branch import SHARED
from bot.workflows.check_pull_request import check_pull_request
from bot.workflows.close_pull_request import close_pull_request
from bot.workflows.conclude_merge_group import conclude_merge_group
from bot.workflows.observe import note
from bot.workflows.operator import Operator
from bot.workflows.recheck_commit import recheck_commit
from bot.workflows.rehearsal import Rehearsal
from bot.workflows.render_change import Programs
from bot.workflows.report_failure import report_failure
from bot.workflows.review_images import ImageScans
from bot.workflows.route import route
from bot.workflows.run_command import run_command
from bot.workflows.sweep_repository import Errand, Swept

_WHOLE = ("refresh_repository", "sweep_repository")
"""Jobs that look at a whole repository; nobody waits for them."""


@frozen
class Workflows:
    """What is done for every kind of job; `is_current`: whether no newer one overtook it."""

    forges: Forges
    operator: Operator
    scans: ImageScans
    is_current: Callable[[Job], bool] = lambda _job: True
    sweeps: Sweeps | None = None
    """None where no repository is looked at as a whole."""

    def work(self, job: Job) -> None:
        """Do a job. Raises PodsecError, classed by what to do next."""
        if job.kind == "refresh_repository" and _is_shared(job):
            self.forges.forget_shared(job.repository.installation)
        behind = job.kind in _WHOLE
        if behind and self._is_quiet(job):
            return  # what is observed is what pull requests bring
        with self.forges.open(job.repository, behind=behind) as home:
            if not behind:
                self._do(job, Rehearsal(home) if self._is_quiet(job) else home)
            elif self.sweeps is not None:
                self.sweeps.run(job, home)

    def rehearse(self, job: Job) -> tuple[Action, ...]:
        """What a job would write, in order; nothing is written. Raises PodsecError."""
        with self.forges.open(job.repository) as forge:
            rehearsal = Rehearsal(forge)
            self._do(job, rehearsal)
        return tuple(rehearsal.actions)

    def _is_quiet(self, job: Job) -> bool:
        return self.operator.rollout(job.repository.full_name).is_quiet

    def _do(self, job: Job, forge: Forge) -> None:
        match job.kind:
            case "check_pull_request":
                self.check(job, forge)
            case "run_command":
                run_command(job, forge, self.operator, self.check)
            case "close_pull_request":
                close_pull_request(job, forge)
            case "recheck_commit":
                recheck_commit(job, forge, self.check)
            case "conclude_merge_group":
                conclude_merge_group(job, forge)
            case "refresh_repository" | "sweep_repository":
                pass  # not done for one pull request

    def check(self, job: Job, forge: Forge) -> None:
        """Review a pull request as the settings ask."""
        is_current = partial(self.is_current, job)
        planned = check_pull_request(job, forge, self.operator, self.scans, is_current=is_current)
        if self._is_quiet(job) and planned is not None and job.pull is not None:
            note(self.operator.records, job.pull, planned)

    def report(self, job: Job, reason: str) -> None:
        """Say on the pull request that a job was given up. Raises PodsecError."""
        if self._is_quiet(job):
            return
        with self.forges.open(job.repository) as forge:
            report_failure(job, forge, reason)


def _forges(settings: Settings) -> GitHubForges:
    limits = Limits(minute=settings.writes_per_minute, hour=settings.writes_per_hour)
    return GitHubForges(
        settings.app_id,
        settings.private_key,
        settings.github_url,
        settings.write_pause,
        limiter=Limiter(limits),
    )


def workflows(settings: Settings) -> Workflows:
    """The workflows over GitHub."""
    forges = _forges(settings)
    scans = image_scans(settings.scan, settings.github_url)
    brought = replace(operator(settings), remembered=scans.remembered)
    return Workflows(
        forges=forges,
        operator=brought,
        scans=scans,
        sweeps=sweeps(settings, forges, brought, scans),
    )


def operator(settings: Settings) -> Operator:
    """What the operator brings. Raises ConfigError where the config file is wrong."""
    rules = load_rules()
    layer = operator_layer(settings.operator_config)
    demand_known(build([layer] if layer else []), rules)
    return Operator(
        rules=rules,
        records=RecordTable(settings.database_url),
        layer=layer,
        mode=settings.mode,
        programs=Programs(kustomize=Kustomize(KNOWN), helm=Helm()),
    )


def operator_layer(path: Path | None) -> Layer | None:
    """The operator's layer of the config. Raises ConfigError where the file cannot be used."""
    if path is None:
        return None
    try:
        return read_layer(path.read_bytes(), path.name, "operator")
    except OSError as error:
        raise ConfigError(f"PODSEC_OPERATOR_CONFIG: {path} cannot be read") from error


def watch(settings: Settings, jobs: Jobs, records: Records, poll_seconds: float | None) -> Watch:
    """What looks for deliveries that did not come; for all of them where it polls."""
    client = AppClient(settings.app_id, settings.private_key, settings.github_url)
    return Watch(client, jobs, records, poll_seconds)


def jobs(settings: Settings, handler: Handler, work: Workflows) -> Jobs:
    """Durable jobs in the database of the settings, done by `handler`; sweeps come on time."""
    tick = work.sweeps.agenda.tick if settings.sweeps and work.sweeps is not None else None
    return DurableJobs(
        settings.database_url, route, handler, keep_days=settings.delivery_days, tick=tick
    )


def sweep_now(settings: Settings, full_name: str) -> Swept:
    """Sweep a repository by hand, whatever its schedule says. Raises PodsecError."""
    forges = _forges(settings)
    scans = image_scans(settings.scan, settings.github_url)
    made = sweeps(settings, forges, operator(settings), scans)
    repository = forges.find(full_name)
    today = datetime.now(UTC).date()
    errand = Errand(repository=repository, today=today, forced=True, by_hand=True)
    with forges.open(repository) as forge:
        return made.sweep(errand, forge)


def _is_shared(job: Job) -> bool:
    return job.repository.full_name.endswith(f"/{SHARED}")
