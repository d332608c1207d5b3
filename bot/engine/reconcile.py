"""What becomes of a group, given what stands of it, what people ticked, and the limits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bot.model.sweep import ONBOARDING, Decision, Group, OwnPull, OwnWork, Wishes

_EDITED = "somebody else has pushed to its branch: it is theirs, until the box is ticked"


@dataclass(slots=True, kw_only=True)
class Budget:
    """How many pull requests may still be opened now; it is spent where one is."""

    open_left: int
    new_left: int
    max_open: int
    max_new: int
    opens: bool = True
    """Whether anything is opened at all: between sweeps only what stands is kept current."""

    def spend(self) -> None:
        """One was opened."""
        self.open_left -= 1
        self.new_left -= 1


def budget(own: OwnWork, keys: Iterable[str], today: date, max_open: int, max_new: int) -> Budget:
    """What is left of the limits: `keys` are those of the sweep, others count for nothing."""
    mine = frozenset(keys)
    standing = [pull for pull in own.pulls if pull.mark.key in mine]
    opened = sum(1 for pull in standing if pull.state == "open")
    new = sum(1 for pull in standing if pull.opened.date() == today)
    return Budget(
        open_left=max_open - opened, new_left=max_new - new, max_open=max_open, max_new=max_new
    )


def decide(
    group: Group, pull: OwnPull | None, wishes: Wishes, left: Budget, *, is_edited: bool
) -> Decision:
    """What is to be done; `pull` is the newest of the group's key.

    `is_edited`: its branch holds commits that are not podsec's.
    """
    key = group.key
    asked = key in wishes.opened or key in wishes.renewed or _wants_again(pull)
    if key in wishes.ignored:
        reason = "ignored on the dashboard"
        is_open = pull is not None and pull.state == "open"
        return Decision(verb="close" if is_open else "ignored", reason=reason)
    if is_edited and not asked:
        return Decision(verb="edited", reason=_EDITED)
    if pull is not None and pull.state == "open":
        return Decision(verb="renew")
    if pull is not None and _is_refused(pull, group) and not asked:
        reason = f"#{pull.number} was closed unmerged, and nothing new came since"
        return Decision(verb="ignored", reason=reason)
    return Decision(verb="open") if asked else _within(left)


def _wants_again(pull: OwnPull | None) -> bool:
    return pull is not None and pull.wants_again


def _is_refused(pull: OwnPull, group: Group) -> bool:
    """Whether people closed what is proposed; podsec's own closing says nothing of that."""
    return (
        pull.state == "closed" and pull.mark.fate == "standing" and group.prints <= pull.mark.prints
    )


def _within(left: Budget) -> Decision:
    if not left.opens:
        return Decision(verb="wait", reason="the next sweep opens it")
    if left.open_left <= 0:
        reason = f"{left.max_open} of podsec's pull requests may be open at once"
        return Decision(verb="wait", reason=reason)
    if left.new_left <= 0:
        reason = f"{left.max_new} may be opened in a day"
        return Decision(verb="wait", reason=reason, until_tomorrow=True)
    return Decision(verb="open")


def obsolete(own: OwnWork, keys: Iterable[str]) -> tuple[OwnPull, ...]:
    """The open pull requests of sweeps for which nothing is left to propose."""
    wanted = frozenset(keys) | {ONBOARDING}
    return tuple(pull for pull in own.pulls if pull.state == "open" and pull.mark.key not in wanted)
