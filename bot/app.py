"""The composition root: settings in, wired workflows out."""

from __future__ import annotations

from collections.abc import Callable

from bot.adapters.github import GitHubForges, Limiter, Limits
from bot.adapters.jobs import DurableJobs
from bot.adapters.renderers import Kustomize
from bot.frozen import frozen
from bot.kubernetes.custom_kinds import KNOWN
from bot.model.delivery import Job
from bot.ports import Forge, Forges, Handler, Jobs, Renderer
from bot.rule.load import Rules, load_rules
from bot.scanning import image_scans
from bot.settings import Settings
from bot.workflows.check_pull_request import check_pull_request
from bot.workflows.close_pull_request import close_pull_request
from bot.workflows.conclude_merge_group import conclude_merge_group
from bot.workflows.recheck_commit import recheck_commit
from bot.workflows.render_roots import NOTHING_RENDERS
from bot.workflows.report_failure import report_failure
from bot.workflows.review_images import ImageScans
from bot.workflows.route import route
from bot.workflows.run_command import run_command


@frozen
class Workflows:
    """What is done for every kind of job; `is_current`: whether no newer one overtook it."""

    forges: Forges
    rules: Rules
    scans: ImageScans
    enforce: bool
    renderer: Renderer = NOTHING_RENDERS
    is_current: Callable[[Job], bool] = lambda _job: True

    def work(self, job: Job) -> None:
        """Do a job. Raises PodsecError, classed by what to do next."""
        if job.kind == "refresh_repository":
            return  # no workflow looks at whole repositories yet
        with self.forges.open(job.repository) as forge:
            self._do(job, forge)

    def _do(self, job: Job, forge: Forge) -> None:
        match job.kind:
            case "check_pull_request":
                self.check(job, forge)
            case "run_command":
                run_command(job, forge, self.rules, self.check, self.renderer)
            case "close_pull_request":
                close_pull_request(job, forge)
            case "recheck_commit":
                recheck_commit(job, forge, self.check)
            case "conclude_merge_group":
                conclude_merge_group(job, forge)

    def check(self, job: Job, forge: Forge) -> None:
        """Review a pull request as the settings ask."""
        check_pull_request(
            job,
            forge,
            self.rules,
            self.scans,
            enforce=self.enforce,
            is_current=lambda: self.is_current(job),
            renderer=self.renderer,
        )

    def report(self, job: Job, reason: str) -> None:
        """Say on the pull request that a job was given up. Raises PodsecError."""
        with self.forges.open(job.repository) as forge:
            report_failure(job, forge, reason)


def workflows(settings: Settings) -> Workflows:
    """The workflows over GitHub."""
    limits = Limits(minute=settings.writes_per_minute, hour=settings.writes_per_hour)
    forges = GitHubForges(
        settings.app_id,
        settings.private_key,
        settings.github_url,
        settings.write_pause,
        limiter=Limiter(limits),
    )
    return Workflows(
        forges=forges,
        rules=load_rules(),
        scans=image_scans(settings.scan, settings.github_url),
        enforce=settings.enforce,
        renderer=Kustomize(KNOWN),
    )


def jobs(settings: Settings, handler: Handler) -> Jobs:
    """Durable jobs in the database of the settings, done by `handler`."""
    return DurableJobs(settings.database_url, route, handler, keep_days=settings.delivery_days)
