"""The composition root: settings in, wired workflows out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from bot.adapters.github import GitHubForges, Limiter, Limits
from bot.adapters.jobs import DurableJobs
from bot.frozen import frozen
from bot.model.delivery import Job
from bot.ports import Forge, Forges, Handler, Jobs
from bot.rule.load import Rules, load_rules
from bot.scanning import image_scans
from bot.settings import Settings
from bot.sweeping import Sweeps, sweeps
from bot.workflows.check_pull_request import check_pull_request
from bot.workflows.close_pull_request import close_pull_request
from bot.workflows.conclude_merge_group import conclude_merge_group
from bot.workflows.recheck_commit import recheck_commit
from bot.workflows.report_failure import report_failure
from bot.workflows.review_images import ImageScans
from bot.workflows.route import route
from bot.workflows.run_command import run_command
from bot.workflows.sweep_repository import Errand, Swept


@frozen
class Workflows:
    """What is done for every kind of job; `is_current`: whether no newer one overtook it."""

    forges: Forges
    rules: Rules
    scans: ImageScans
    enforce: bool
    is_current: Callable[[Job], bool] = lambda _job: True
    sweeps: Sweeps | None = None
    """None where no repository is looked at as a whole."""

    def work(self, job: Job) -> None:
        """Do a job. Raises PodsecError, classed by what to do next."""
        behind = job.kind in ("refresh_repository", "sweep_repository")
        with self.forges.open(job.repository, behind=behind) as forge:
            self._do(job, forge)

    def _do(self, job: Job, forge: Forge) -> None:
        match job.kind:
            case "check_pull_request":
                self.check(job, forge)
            case "run_command":
                run_command(job, forge, self.rules, self.check)
            case "close_pull_request":
                close_pull_request(job, forge)
            case "recheck_commit":
                recheck_commit(job, forge, self.check)
            case "conclude_merge_group":
                conclude_merge_group(job, forge)
            case "refresh_repository" | "sweep_repository":
                if self.sweeps is not None:
                    self.sweeps.run(job, forge)

    def check(self, job: Job, forge: Forge) -> None:
        """Review a pull request as the settings ask."""
        check_pull_request(
            job,
            forge,
            self.rules,
            self.scans,
            enforce=self.enforce,
            is_current=lambda: self.is_current(job),
        )

    def report(self, job: Job, reason: str) -> None:
        """Say on the pull request that a job was given up. Raises PodsecError."""
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
    rules = load_rules()
    scans = image_scans(settings.scan, settings.github_url)
    return Workflows(
        forges=forges,
        rules=rules,
        scans=scans,
        enforce=settings.enforce,
        sweeps=sweeps(settings, forges, rules, scans),
    )


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
    made = sweeps(settings, forges, load_rules(), scans)
    repository = forges.find(full_name)
    today = datetime.now(UTC).date()
    errand = Errand(repository=repository, today=today, forced=True, by_hand=True)
    with forges.open(repository) as forge:
        return made.sweep(errand, forge)
