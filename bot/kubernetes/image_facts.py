"""What may be known of an image; each fact carries the source that it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Generic, Literal, TypeVar

from bot.frozen import frozen

T = TypeVar("T")

Verdict = Literal["yes", "with_changes", "no", "base", "unknown"]
ReadOnly = Literal["yes", "with_mounts", "hard", "unknown"]


@frozen(kw_only=False)
class Source:
    """Where a fact is from, in words for people; `sure`: a safe fix may rest on it."""

    text: str
    sure: bool


@frozen(kw_only=False)
class Fact(Generic[T]):
    """A value and its source."""

    value: T
    source: Source


@frozen
class User:
    """The USER of an image's config. `uid` is None where only a name is known."""

    uid: int | None
    gid: int | None = None
    name: str | None = None

    @property
    def is_root(self) -> bool:
        """Whether it is root: number 0, the name, or nothing at all."""
        return self.uid == 0 or (self.uid is None and self.name in (None, "", "root"))

    @property
    def is_named(self) -> bool:
        """Whether the kubelet cannot tell that it is not root: it does not read /etc/passwd."""
        return self.name is not None


@frozen
class NonRoot:
    """How the image runs as another user than root.

    `mounts` are paths that only root may write in the image; `changes` says in words what has to
    be changed; `by_hand`: too much depends on the workload for an edit without a person.
    """

    verdict: Verdict
    uid: int | None = None
    gid: int | None = None
    fs_group: int | None = None
    any_uid: bool = False
    mounts: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    by_hand: bool = False
    alternative: str | None = None


@frozen
class Capabilities:
    """What the image needs of Linux capabilities, without CAP_.

    `of_files` stand on the program itself, which does not start without them; `of_root` are what
    the entrypoint needs that starts as root; `step_down` is how it leaves root.
    """

    of_files: tuple[str, ...] = ()
    of_root: tuple[str, ...] = ()
    step_down: str | None = None


@frozen
class Writable:
    """A path that the process writes to.

    `is_data`: what is written must outlive the pod. `is_seeded`: the image ships files there, which
    an empty volume would hide. It is written only where `when_mounted` is a mount, or under a
    `condition` that manifests do not show.
    """

    path: str
    is_data: bool = False
    is_seeded: bool = False
    condition: str | None = None
    when_mounted: str | None = None


@frozen
class Files:
    """Whether the root file system may be read-only, and what is written to then."""

    verdict: ReadOnly
    writable: tuple[Writable, ...] = ()


@frozen
class Ports:
    """What it listens on by default; `is_low` None: its configuration decides."""

    numbers: tuple[int, ...]
    is_low: bool | None


@frozen
class ImageFacts:
    """All that is known of an image; None is what nothing is known of.

    `size` is its class of resources, `conflicts` are the sources that a better one contradicts.
    """

    family: str
    size: str | None = None
    user: Fact[User] | None = None
    nonroot: Fact[NonRoot] | None = None
    capabilities: Fact[Capabilities] | None = None
    files: Fact[Files] | None = None
    ports: Fact[Ports] | None = None
    conflicts: tuple[str, ...] = ()

    @property
    def is_base(self) -> bool:
        """Whether it is a language or a system, of which the manifest says what runs."""
        return self.nonroot is not None and self.nonroot.value.verdict in ("base", "unknown")

    @property
    def keeps_data(self) -> bool:
        """Whether it is made to keep data: databases, queues, and what writes to a data path."""
        if self.size in ("db", "mq", "search", "tsdb", "cache"):
            return True
        writable = self.files.value.writable if self.files else ()
        return any(one.is_data and one.condition is None for one in writable)


def ranked(known: Sequence[ImageFacts]) -> ImageFacts | None:
    """One answer from several, the best first: each fact from the first that knows it."""
    if not known:
        return None
    best = known[0]
    for other in known[1:]:
        best = replace(
            best,
            size=best.size or other.size,
            # who says as whom it is to run outranks who only says as whom it runs
            user=best.user or (other.user if best.nonroot is None else None),
            nonroot=best.nonroot or other.nonroot,
            capabilities=best.capabilities or other.capabilities,
            files=best.files or other.files,
            ports=best.ports or other.ports,
            conflicts=(*best.conflicts, *_contradicted(best, other)),
        )
    return best


def _contradicted(best: ImageFacts, other: ImageFacts) -> tuple[str, ...]:
    """In words, where a lesser source says another user."""
    first, second = numeric(best), numeric(other)
    if first is None or second is None or first.value == second.value:
        return ()
    return (f"{second.source.text} says user {second.value}",)


def numeric(facts: ImageFacts) -> Fact[int] | None:
    """The number of the user that is not root, wherever it is known from."""
    if facts.user is not None and facts.user.value.uid:
        return Fact(facts.user.value.uid, facts.user.source)
    if facts.nonroot is not None and facts.nonroot.value.uid:
        return Fact(facts.nonroot.value.uid, facts.nonroot.source)
    return None
