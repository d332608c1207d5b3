"""The table: which event and action makes which job, what it needs, and why podsec listens to it.

The App's manifest and docs/events.md are generated from it.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.frozen import frozen
from bot.model.delivery import Delivery, Job
from bot.workflows import payload

Maker = Callable[[Delivery], tuple[Job, ...]]
REVIEWED = ("opened", "synchronize", "reopened", "ready_for_review", "converted_to_draft")
ANY = ""


@frozen
class Heard:
    """An event with those of its actions that are treated alike.

    `permission` is what GitHub asks for before an App may subscribe to the event, empty where every
    App is sent it. `make` is None where nothing follows.
    """

    event: str
    actions: tuple[str, ...]
    permission: str
    does: str
    make: Maker | None

    @property
    def makes_jobs(self) -> bool:
        """Whether a job may follow."""
        return self.make is not None


EVENTS = (
    Heard(
        event="pull_request",
        actions=REVIEWED,
        permission="pull_requests",
        does="checks the changed manifests: a review of what is new, and a check run; the check "
        "run alone while it is a draft",
        make=payload.check,
    ),
    Heard(
        event="pull_request",
        actions=("edited",),
        permission="pull_requests",
        does="checks again where it has another base branch; nothing follows from another title",
        make=payload.check_moved,
    ),
    Heard(
        event="pull_request",
        actions=("closed",),
        permission="pull_requests",
        does="drops the reviews that wait, and closes podsec's pull requests into it unless it was "
        "merged; for one of podsec's own, looks at the repository again",
        make=payload.close,
    ),
    Heard(
        event="issue_comment",
        actions=("created",),
        permission="issues",
        does="does what a `/podsec` line in the comment asks; other comments make no job",
        make=payload.command,
    ),
    Heard(
        event="pull_request_review_comment",
        actions=("created",),
        permission="pull_requests",
        does="does what a `/podsec` line asks; a reply such as `won't fix` to what podsec said "
        "checks again, and then counts as a suppression",
        make=payload.answer,
    ),
    Heard(
        event="pull_request_review_thread",
        actions=("resolved", "unresolved"),
        permission="pull_requests",
        does="stored, no job: GitHub remembers what is resolved, and the next check asks for it",
        make=None,
    ),
    Heard(
        event="push",
        actions=(ANY,),
        permission="contents",
        does="after a push to the default branch, looks at the repository again: its config, its "
        "sweep, fixes that are obsolete",
        make=payload.push,
    ),
    Heard(
        event="check_run",
        actions=("rerequested",),
        permission="checks",
        does="checks the pull request of the check run again",
        make=payload.rerun,
    ),
    Heard(
        event="check_run",
        actions=("requested_action",),
        permission="checks",
        does="the button `Fix` of the check run: the same as `/podsec fix` by who pressed it",
        make=payload.press,
    ),
    Heard(
        event="check_suite",
        actions=("rerequested",),
        permission="checks",
        does="checks every pull request of the commit again",
        make=payload.rerun_suite,
    ),
    Heard(
        event="merge_group",
        actions=("checks_requested",),
        permission="merge_queues",
        does="concludes a check run for the head of the merge group, so that a required check does "
        "not hold the queue up",
        make=payload.merge_group,
    ),
    Heard(
        event="issues",
        actions=("edited",),
        permission="issues",
        does="looks at the repository again where a person ticked a box of podsec's own issue",
        make=payload.tick,
    ),
    Heard(
        event="installation",
        actions=("created",),
        permission="",
        does="looks at each repository for the first time",
        make=payload.install,
    ),
    Heard(
        event="installation_repositories",
        actions=("added",),
        permission="",
        does="looks at each added repository for the first time",
        make=payload.install,
    ),
    Heard(
        event="installation",
        actions=("deleted", "suspend", "unsuspend", "new_permissions_accepted"),
        permission="",
        does="stored, no job: tokens are refused or given as the installation stands",
        make=None,
    ),
    Heard(
        event="installation_repositories",
        actions=("removed",),
        permission="",
        does="stored, no job: tokens for the repository are refused from now on",
        make=None,
    ),
    Heard(
        event="ping",
        actions=(ANY,),
        permission="",
        does="answered with `pong`: GitHub tries the webhook",
        make=None,
    ),
)


def subscribed() -> dict[str, str]:
    """The events that the App asks for, and the permission that each needs."""
    return {row.event: row.permission for row in EVENTS if row.permission}


def route(delivery: Delivery) -> tuple[Job, ...]:
    """The jobs of a delivery; none for what podsec does not act on.

    A delivery without an installation is a repository's own hook, not the App's.
    """
    action = delivery.payload.get("action")
    make = _TABLE.get((delivery.event, action if isinstance(action, str) else ANY))
    if make is None or not isinstance(delivery.payload.get("installation"), dict):
        return ()
    return make(delivery)


_TABLE = {
    (row.event, action): row.make
    for row in EVENTS
    for action in row.actions
    if row.make is not None
}
