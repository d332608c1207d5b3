"""The only writer of podsec's own branches and pull requests: each step may be done again.

A step looks at what stands, and not at what an earlier attempt remembers: after a crash anywhere
the next run ends in the same state. In order: commit, branch, pull request, its dress.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from bot.errors import Edited
from bot.formats.proposal_mark import remarked
from bot.frozen import frozen
from bot.model.proposed import NewCommit, NewPull
from bot.model.sweep import (
    ONBOARDING,
    ONBOARDING_BRANCH,
    SWEEP_BRANCHES,
    Dress,
    Fate,
    Mark,
    OwnPull,
    OwnWork,
    Tip,
    Wishes,
)
from bot.ports import Own

_THEIRS = (
    "Somebody else has pushed to `{branch}`: podsec leaves it as it is from now on. Tick the box "
    "in the description to have it made anew, which discards those commits."
)
_ABANDONED = (
    "The base branch needs none of these fixes any more, but somebody else has pushed to "
    "`{branch}`: podsec leaves it open. Close it if it is of no more use."
)


@frozen
class Content:
    """What a pull request is to hold; `built` is the digest of its files and their base."""

    branch: str
    key: str
    title: str
    message: str
    files: Mapping[str, bytes]
    modes: Mapping[str, str]
    built: str
    prints: frozenset[str]
    draft: bool


@frozen
class Stand:
    """A repository's own work at a moment, what people wish of it, and the day.

    `branches` are podsec's own, by what was done to them since.
    """

    own: Own
    tip: Tip
    work: OwnWork
    wishes: Wishes
    today: date
    branches: dict[str, str]
    opens: bool = True
    """Whether new pull requests are opened, or those that stand kept current alone."""


class Gardener:
    """Tends what podsec has in one repository; bodies are made for the mark that ends them."""

    def __init__(self, stand: Stand, dress: Dress) -> None:
        self._own, self._tip, self._work = stand.own, stand.tip, stand.work
        self._branches, self._dress = stand.branches, dress
        self._tended: set[str] = set()

    def is_edited(self, branch: str, pull: OwnPull | None) -> bool:
        """Whether a branch holds what podsec did not write; a call only where that is in doubt."""
        at = self._branches.get(branch)
        if at is None or (pull is not None and pull.mark.wrote == at):
            return False
        return not self._own.wrote(at)

    def hand_off(self, branch: str, pull: OwnPull) -> None:
        """Say once, for each commit of others, that the branch is theirs now."""
        at = self._branches.get(branch, "")
        self._own.say(pull.number, f"theirs-{at[:12]}", _THEIRS.format(branch=branch))

    def put(self, content: Content, pull: OwnPull | None, body: Callable[[Mark], str]) -> int:
        """Open the pull request, or renew the open one; returns its number.

        Raises Edited where somebody pushes to its branch meanwhile.
        """
        self._tended.add(content.branch)
        standing = pull if pull is not None and pull.state == "open" else None
        wears = standing is not None and standing.mark.is_dressed
        mark = Mark(
            key=content.key,
            wrote=self._write(content, standing),
            built=content.built,
            prints=content.prints,
            is_dressed=wears or self._dress.is_empty,
        )
        text = body(mark)
        if standing is None:
            number = self._opened(content, text)
        else:
            number = standing.number
            if (standing.title, standing.body) != (content.title, text):
                self._own.rewrite(number, content.title, text)
        if not mark.is_dressed:
            self._own.dress(number, self._dress, body(replace(mark, is_dressed=True)))
        return number

    def _opened(self, content: Content, body: str) -> int:
        return self._own.open(
            NewPull(
                branch=content.branch,
                base=self._tip.branch,
                title=content.title,
                body=body,
                draft=content.draft,
            )
        )

    def _write(self, content: Content, standing: OwnPull | None) -> str:
        """The commit that the branch is at, made and moved there where it is not."""
        at = self._branches.get(content.branch)
        if at is not None and standing is not None:
            mark = standing.mark
            if (mark.wrote, mark.built) == (at, content.built) and not standing.wants_again:
                return at
        new = NewCommit(
            base=self._tip.commit,
            message=content.message,
            files=content.files,
            modes=content.modes,
        )
        commit = self._own.commit(new)
        self._own.move(self._tip, content.branch, at, commit)
        self._branches[content.branch] = commit
        return commit

    def close(self, pull: OwnPull, branch: str, reason: str, fate: Fate) -> bool:
        """Close a pull request with a reason, and delete its branch; whether that was done.

        One that others have pushed to stays open, and is told once.
        """
        is_edited = self.is_edited(branch, pull)
        if fate == "obsolete" and is_edited:
            self._own.say(pull.number, "abandoned", _ABANDONED.format(branch=branch))
            return False
        self._own.say(pull.number, f"closed-{fate}-{pull.mark.wrote[:12]}", reason)
        self._own.close(pull.number, remarked(pull.body, replace(pull.mark, fate=fate)))
        if not is_edited:
            self._delete(branch)
        return True

    def tidy(self) -> None:
        """Delete the branches of sweeps whose pull requests are merged, or closed by podsec."""
        for branch in sorted(self._branches):
            if branch not in self._tended and self._is_done(branch):
                self._delete(branch)

    def _is_done(self, branch: str) -> bool:
        pull = self._work.newest(branch.removeprefix(SWEEP_BRANCHES))
        if not branch.startswith(SWEEP_BRANCHES) or pull is None or pull.state == "open":
            return False
        if pull.state == "closed" and pull.mark.fate == "standing":
            return False  # somebody closed it, and may want the branch
        return not self.is_edited(branch, pull)

    def _delete(self, branch: str) -> None:
        at = self._branches.get(branch)
        if at is None:
            return
        try:
            self._own.move(self._tip, branch, at, None)
        except Edited:
            return  # pushed to this very moment: it is theirs
        del self._branches[branch]


def branch_of(key: str) -> str:
    """The branch of a key: sweeps' keys and others'."""
    return ONBOARDING_BRANCH if key == ONBOARDING else f"{SWEEP_BRANCHES}{key}"
