"""What a sweep proposes, and what already stands of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from typing import Literal

from bot.frozen import frozen
from bot.model.delivery import OWN_BRANCHES
from bot.model.finding import Finding

SWEEP_BRANCHES = f"{OWN_BRANCHES}sweep-"
ONBOARDING = "onboarding"
ONBOARDING_BRANCH = f"{OWN_BRANCHES}onboarding"
_MOST_PRINTS = 600
Fate = Literal["standing", "obsolete", "ignored"]


@frozen
class ProposalKind:
    """A risk that is proposed apart from all others.

    `advice` is what a reader must know first; `checklist` what is to be done before the merge of
    a draft.
    """

    name: str
    rank: int
    draft: bool
    one: str
    many: str
    advice: str
    checklist: tuple[str, ...] = ()

    def counted(self, number: int) -> str:
        """1 safe fix, 2 safe fixes."""
        return f"{number} {self.one if number == 1 else self.many}"


@frozen
class Group:
    """The findings that one pull request is to mend.

    `label` is its folder, rule or owner; `later` counts the workloads that wait for the merge,
    since one merge restarts only so many.
    """

    kind: ProposalKind
    key: str
    label: str
    findings: tuple[Finding, ...]
    later: int = 0

    @property
    def branch(self) -> str:
        """Always the same for the same group."""
        return f"{SWEEP_BRANCHES}{self.key}"

    @property
    def prints(self) -> frozenset[str]:
        """What it is about: the identities of its findings, shortened, as many as a body holds."""
        return frozenset(sorted({f.fingerprint[:10] for f in self.findings})[:_MOST_PRINTS])


Workload = tuple[str, int, str, str]
"""Its file, document, kind and name."""


def workloads(findings: Iterable[Finding]) -> tuple[Workload, ...]:
    """The objects that the fixes of these findings change, each once, in order."""
    return tuple(sorted({(f.file, f.document, f.kind, f.name) for f in findings}))


@frozen
class Mark:
    """What podsec notes in the body of its own pull request, hidden.

    `wrote` is the commit that it wrote last, `built` what that commit holds on which base,
    `prints` what it is about. `fate` says that podsec closed it itself, and why. `is_dressed`:
    labels, assignees and reviewers were given, so that they are not given again.
    """

    key: str
    wrote: str
    built: str
    prints: frozenset[str]
    fate: Fate = "standing"
    is_dressed: bool = True


@frozen
class OwnPull:
    """A pull request of podsec's own, newest first in lists; `wants_again`: its box is ticked."""

    number: int
    url: str
    state: Literal["open", "closed", "merged"]
    title: str
    body: str
    opened: datetime
    mark: Mark
    draft: bool = False
    wants_again: bool = False


@frozen
class OwnIssue:
    """The dashboard as it stands."""

    number: int
    url: str
    state: Literal["open", "closed"]
    title: str
    body: str


@frozen
class Tip:
    """The default branch as it is now, and podsec's own branches with their commits.

    `node` is the repository's id for GraphQL.
    """

    node: str
    branch: str
    commit: str
    tree: str
    own_branches: Mapping[str, str] = field(default_factory=dict)


@frozen
class OwnWork:
    """Everything of podsec's own in a repository; the newest pull request of each key."""

    pulls: tuple[OwnPull, ...] = ()
    dashboard: OwnIssue | None = None

    def newest(self, key: str) -> OwnPull | None:
        """The newest pull request of a key."""
        return next((pull for pull in self.pulls if pull.mark.key == key), None)


Verb = Literal["open", "renew", "wait", "ignored", "edited", "close", "nothing"]


@frozen
class Decision:
    """What becomes of a group, and why: the words that people read on the dashboard."""

    verb: Verb
    reason: str = ""
    until_tomorrow: bool = False
    """Whether the next day changes it."""


@frozen
class Wishes:
    """What people ticked on the dashboard, by keys."""

    opened: frozenset[str] = frozenset()
    renewed: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()


@frozen
class Dress:
    """Labels, assignees and reviewers (a team as ORGANISATION/TEAM) of new pull requests."""

    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to give."""
        return not (self.labels or self.assignees or self.reviewers)
