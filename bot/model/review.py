"""What is said on a pull request, and what is proposed to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from bot.frozen import frozen

Conclusion = Literal["success", "neutral", "failure"]


@frozen
class ReviewComment:
    """One inline comment; `start_line` is None for a single line."""

    path: str
    line: int
    start_line: int | None
    body: str
    fingerprints: tuple[str, ...]


@frozen
class Review:
    """One review of one push; nothing is posted where there is neither comment nor body."""

    head: str
    body: str
    comments: tuple[ReviewComment, ...]


@frozen
class Annotation:
    """One line of a check run."""

    path: str
    start_line: int
    end_line: int
    level: Literal["notice", "warning", "failure"]
    title: str
    message: str


@frozen
class CheckRun:
    """The check run that always concludes; `fixable` gives it a button that opens fixes."""

    head: str
    conclusion: Conclusion
    title: str
    summary: str
    annotations: tuple[Annotation, ...]
    external_id: str
    fixable: bool = False


@frozen
class Proposal:
    """A follow-up pull request: whole new texts of files on a branch of podsec's own."""

    branch: str
    base_ref: str
    base_sha: str
    title: str
    body: str
    message: str
    files: Mapping[str, bytes]
    draft: bool
    """Whether it wants a test before it may be merged."""
    sign_off: bool = False
    labels: tuple[str, ...] = ()


@frozen
class Answer:
    """What a person said in a thread; `author` is the login."""

    author: str
    body: str


@frozen
class Thread:
    """A thread on a line that podsec began; `lead` is the first line of what it said there.

    `is_silent`: nobody has answered. `answers` are those of people alone, never of bots.
    """

    id: str
    path: str
    lead: str
    fingerprints: frozenset[str]
    resolved: bool
    is_silent: bool
    answers: tuple[Answer, ...] = ()


@frozen
class Standing:
    """What podsec already said on a pull request, by the fingerprints of findings.

    `commented` have a comment on a line, resolved or not; `listed` stand in a review's summary.
    `head` is the head while that was read, empty where it was not.
    """

    commented: frozenset[str] = frozenset()
    listed: frozenset[str] = frozenset()
    threads: tuple[Thread, ...] = ()
    head: str = ""

    @property
    def fingerprints(self) -> frozenset[str]:
        """All that was said, wherever."""
        return self.commented | self.listed
