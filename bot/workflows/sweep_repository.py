"""Sweep a repository: judge all of it, and bring podsec's own pull requests to what is desired.

What an unchanged repository costs is one call: its tree, podsec's branches, its own code and the
scanner's database are as they were left.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from bot.config import Layer
from bot.engine.posture import posture
from bot.errors import ConfigError, Gone, RuleError
from bot.formats.dashboard import TITLE, Dashboard, Progress, to_body
from bot.formats.proposal_mark import dashboard_scores, wishes
from bot.formats.sweep_images import to_lines, to_news, to_section
from bot.frozen import frozen
from bot.model.delivery import RepositoryRef
from bot.model.image_sweep import ImageSweep
from bot.model.sweep import OwnIssue, Tip, Wishes
from bot.ports import Clones, Own, Records, Snapshot
from bot.rule.load import Rules
from bot.workflows.onboard import onboard
from bot.workflows.review_images import ImageScans
from bot.workflows.survey import Survey, Terms, read_terms, survey
from bot.workflows.sweep_groups import said, sweep_groups, waits_for_tomorrow
from bot.workflows.sweep_images import database_day, keep_images, references, sweep_images
from bot.workflows.sweep_memory import Remembered, digest, keep, recall
from bot.workflows.tend import Stand

_NOT_SET_UP = {
    "proposed": "a pull request to set podsec up was opened: nothing is swept before its merge",
    "waiting": "a pull request to set podsec up is open: nothing is swept before its merge",
    "refused": "the pull request to set podsec up was closed unmerged: nothing is swept",
    "done": "the config was taken away again: nothing is swept",
    "pointless": "nothing is there to be fixed",
}


@frozen
class Sweeper:
    """What sweeps need; `above` are the config layers before a repository's own.

    `is_onboarded`: a layer above lets podsec sweep without a config in the repository. `stamp` is
    that of podsec's own code and of the layers.
    """

    clones: Clones
    records: Records
    rules: Rules
    stamp: str
    scans: ImageScans
    above: Sequence[Layer] = ()
    is_onboarded: bool = False


@frozen
class Swept:
    """How a sweep ended, in words: `state` is unchanged, off, not set up, wrong config or swept."""

    state: str
    lines: tuple[str, ...] = ()
    schedule: tuple[str, str] | None = None
    """The schedule that the repository asks for: cron and time zone."""


@frozen
class Errand:
    """What a sweep is asked for.

    `forced`: though nothing changed; `by_hand`: by a person. `opens`: whether it opens new pull
    requests, or keeps those that stand current alone.
    """

    repository: RepositoryRef
    today: date
    forced: bool = False
    by_hand: bool = False
    opens: bool = True


def sweep_repository(errand: Errand, own: Own, sweeper: Sweeper) -> Swept:
    """Sweep, and remember how the repository was left. Raises PodsecError; then nothing is."""
    try:
        tip = own.tip()
    except Gone:
        return Swept(state="off", lines=("the repository has no commit",))
    if not errand.opens and not tip.own_branches:
        return Swept(state="unchanged", lines=("nothing of podsec's own is open",))
    stamp = sweeper.stamp if errand.opens else f"{sweeper.stamp} without opening"
    known = recall(sweeper.records, errand.repository.id)
    if known is not None and not errand.forced:
        day = database_day(sweeper.scans) if known.images else ""
        if known.holds(tip, stamp, errand.today, day):
            return Swept(state="unchanged", lines=(known.outcome,))
    with sweeper.clones.open(errand.repository, tip.commit) as snapshot:
        sweeping = _Sweeping(errand, own, sweeper, tip, snapshot)
        swept = sweeping.run()
    remembered = Remembered(
        tree=tip.tree,
        branches=digest(sweeping.branches),
        stamp=stamp,
        wake=sweeping.wake,
        outcome=swept.state,
        images=references(sweeping.images),
        database=sweeping.images.day,
    )
    keep(sweeper.records, errand.repository.id, remembered)
    return swept


class _Sweeping:
    """One sweep of one commit."""

    def __init__(
        self, errand: Errand, own: Own, sweeper: Sweeper, tip: Tip, snapshot: Snapshot
    ) -> None:
        self._errand, self._own, self._sweeper = errand, own, sweeper
        self._tip, self._snapshot = tip, snapshot
        self.branches = dict(tip.own_branches)
        self.wake = ""
        self.images = ImageSweep()

    def run(self) -> Swept:
        """Do it; `wake` is set where another day changes the answer."""
        sweeper = self._sweeper
        try:
            terms = read_terms(self._snapshot, sweeper.rules, sweeper.above)
        except (ConfigError, RuleError) as error:
            return Swept(state="wrong config", lines=tuple(str(error).splitlines()))
        schedule = (terms.config.schedule.cron, terms.config.schedule.time_zone)
        if not terms.config.sweep.enabled:
            return Swept(state="off", lines=("sweep.enabled is false",), schedule=schedule)
        stand = self._stand()
        if not (terms.has_config or sweeper.is_onboarded):
            if not self._errand.opens:
                return Swept(state="not set up", lines=(_NOT_SET_UP["waiting"],))
            state = onboard(stand, lambda: self._survey(terms), asked=self._errand.by_hand)
            return Swept(state="not set up", lines=(_NOT_SET_UP[state],), schedule=schedule)
        found = self._survey(terms)
        progress = sweep_groups(found, stand)
        lines = [f"score {posture(found.report).score} of 100", *said(progress)]
        if self._errand.opens:  # between sweeps nobody asks the scanner
            self.images = sweep_images(
                found, sweeper.scans, sweeper.records, self._errand.repository.id
            )
            lines += to_lines(self.images)
        if terms.config.sweep.dashboard:
            number = self._tell(found, progress, stand)
            lines.append(f"dashboard #{number}")
        if self._errand.opens:
            keep_images(sweeper.records, self._errand.repository.id, self.images)
        self.wake = self._wakes(terms, progress)
        return Swept(state="swept", lines=tuple(lines), schedule=schedule)

    def _survey(self, terms: Terms) -> Survey:
        return survey(self._snapshot, terms, self._errand.today)

    def _stand(self) -> Stand:
        work = self._own.work()
        board = work.dashboard
        return Stand(
            own=self._own,
            tip=self._tip,
            work=work,
            wishes=wishes(board.body) if board is not None else Wishes(),
            today=self._errand.today,
            branches=self.branches,
            opens=self._errand.opens,
        )

    def _tell(self, found: Survey, progress: Sequence[Progress], stand: Stand) -> int:
        """Bring the dashboard up to date; no call where it says so already."""
        now = posture(found.report)
        standing = stand.work.dashboard
        before = dashboard_scores(standing.body) if standing is not None else ()
        scores = [row for row in before or () if row[0] != stand.today]
        board = Dashboard(
            posture=now,
            scores=(*scores, (stand.today, now.score)),
            progress=progress,
            skipped=found.report.skipped,
            images=to_section(self.images),
        )
        number = self._save(standing, to_body(board, found.terms.rules))
        if self.images.news:
            self._own.say(number, f"images-{self.images.day}", to_news(self.images))
        return number

    def _save(self, standing: OwnIssue | None, body: str) -> int:
        is_same = standing is not None and (standing.title, standing.body, standing.state) == (
            TITLE,
            body,
            "open",
        )
        if standing is not None and is_same:
            return standing.number
        return self._own.save_dashboard(standing, TITLE, body)

    def _wakes(self, terms: Terms, progress: Sequence[Progress]) -> str:
        """The first day on which the same tree is to be looked at again; empty: none is known."""
        today = self._errand.today
        last_days = [one.until for one in terms.config.suppressions if one.until is not None]
        days = [day + timedelta(days=1) for day in last_days if day >= today]
        if waits_for_tomorrow(progress):
            days.append(today + timedelta(days=1))
        return min(days).isoformat() if days else ""
