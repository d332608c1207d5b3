"""Each group of a survey brought to what is desired of it: opened, renewed, closed or left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from bot.config.model import Config
from bot.engine.grouping import groups
from bot.engine.reconcile import Budget, budget, decide, obsolete
from bot.errors import Edited
from bot.formats.dashboard import Progress
from bot.formats.sweep_proposal import body_of, message_of, title_of
from bot.model.built import Built
from bot.model.sweep import (
    ONBOARDING,
    SWEEP_BRANCHES,
    Decision,
    Dress,
    Group,
    OwnPull,
)
from bot.workflows.build_group import Builder
from bot.workflows.survey import Survey
from bot.workflows.tend import Content, Gardener, Stand

_GONE = "Closed by podsec: the base branch needs none of these fixes any more."
_IGNORED = "Closed by podsec: somebody ticked to ignore it on the dashboard."


def sweep_groups(survey: Survey, stand: Stand) -> tuple[Progress, ...]:
    """What became of each group, in the order in which they are proposed."""
    config = survey.terms.config
    found = groups(survey.report.introduced, config.sweep, survey.terms.owners, survey.terms.rules)
    sweep = _Sweep(survey, stand)
    progress = tuple(map(sweep.group, found))
    sweep.close_obsolete({one.group.key for one in progress if one.decision.verb != "nothing"})
    return progress


class _Sweep:
    """One sweep: fixes are made for what is opened or renewed alone, since they cost the most."""

    def __init__(self, survey: Survey, stand: Stand) -> None:
        self._survey, self._stand = survey, stand
        self._builder = Builder(survey)
        self._gardener = Gardener(stand, dress_of(survey.terms.config))
        self._left = _budget(stand, survey.terms.config)

    def group(self, group: Group) -> Progress:
        """Decide on a group and do it."""
        pull = self._stand.work.newest(group.key)
        edited = self._gardener.is_edited(group.branch, pull)
        decision = decide(group, pull, self._stand.wishes, self._left, is_edited=edited)
        number = pull.number if pull is not None else None
        match decision.verb:
            case "open" | "renew":
                decision, number = self._put(group, pull, decision)
            case "close" if pull is not None:
                self._gardener.close(pull, group.branch, _IGNORED, "ignored")
                decision = Decision(verb="ignored", reason=decision.reason)
            case "edited" if pull is not None and pull.state == "open":
                self._gardener.hand_off(group.branch, pull)
        return Progress(
            group=group,
            decision=decision,
            number=number,
            wished_away=group.key in self._stand.wishes.ignored,
        )

    def _put(
        self, group: Group, pull: OwnPull | None, decision: Decision
    ) -> tuple[Decision, int | None]:
        built = self._builder.build(group)
        before = pull.number if pull is not None else None
        if built is None:
            return Decision(verb="nothing", reason="no fix of it can be made"), before
        body = partial(body_of, group, built, self._survey.terms.rules)
        try:
            number = self._gardener.put(_content(group, built), pull, body)
        except Edited as error:
            return Decision(verb="edited", reason=str(error)), before
        if decision.verb == "open":
            self._left.spend()
        return decision, number

    def close_obsolete(self, keys: set[str]) -> None:
        """Close what nothing is left of, and delete the branches that are done with."""
        for pull in obsolete(self._stand.work, keys):
            self._gardener.close(pull, f"{SWEEP_BRANCHES}{pull.mark.key}", _GONE, "obsolete")
        self._gardener.tidy()


def _content(group: Group, built: Built) -> Content:
    return Content(
        branch=group.branch,
        key=group.key,
        title=title_of(group, built.repair),
        message=message_of(group, built.repair),
        files=built.repair.files,
        modes=built.modes,
        built=built.digest,
        prints=group.prints,
        draft=group.kind.draft,
    )


def _budget(stand: Stand, config: Config) -> Budget:
    keys = (pull.mark.key for pull in stand.work.pulls if pull.mark.key != ONBOARDING)
    sweep = config.sweep
    left = budget(stand.work, keys, stand.today, sweep.max_open, sweep.max_new_per_day)
    left.opens = stand.opens
    return left


def dress_of(config: Config) -> Dress:
    """What new pull requests wear."""
    sweep = config.sweep
    return Dress(labels=sweep.labels, assignees=sweep.assignees, reviewers=sweep.reviewers)


def waits_for_tomorrow(progress: Sequence[Progress]) -> bool:
    """Whether the next day lets more be opened."""
    return any(one.decision.until_tomorrow for one in progress)


def said(progress: Sequence[Progress]) -> Iterator[str]:
    """What became of each group, a line each."""
    for one in progress:
        number = f"#{one.number} " if one.number is not None else ""
        reason = f": {one.decision.reason}" if one.decision.reason else ""
        yield f"{one.decision.verb} {number}{one.group.kind.name} {one.group.label}{reason}"
