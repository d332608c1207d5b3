"""Everything the core asks of the outside, on one page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from bot.kubernetes.image import ImageReference
from bot.model.action import Reaction
from bot.model.app import Installation, LoggedDelivery
from bot.model.change import ChangeSet
from bot.model.delivery import CommentRef, Delivery, Job, Outcome, PullRef, RepositoryRef
from bot.model.files import Files
from bot.model.image import Download, ImageManifest, Layer, Pinned
from bot.model.proposed import NewCommit, NewPull
from bot.model.rendering import Rendering, Root, Tool
from bot.model.review import CheckRun, Proposal, Review, Standing
from bot.model.snapshot import FileEntry
from bot.model.sweep import Dress, OwnIssue, OwnWork, Tip
from bot.model.vulnerability import ImageConfig, ImageReport, ScannerState

if TYPE_CHECKING:  # who renders no chart loads nothing of them
    from bot.engine.helm.rendering import Request

Permission = Literal["admin", "write", "read", "none"]
WRITERS: tuple[Permission, ...] = ("admin", "write")


class Forge(Protocol):
    """GitHub, as the workflows see it; one instance serves one job in one thread."""

    def changes(self, pull: PullRef) -> ChangeSet:
        """The changed files of a pull request; only manifests carry data."""

    def read(self, repository: RepositoryRef, commit: str, path: str) -> bytes | None:
        """A file at a commit or branch, or None where there is none."""

    def paths(self, repository: RepositoryRef, commit: str, folder: str) -> tuple[str, ...]:
        """The files below a folder at a commit, by their paths from the root; no links."""

    def shared(
        self, repository: RepositoryRef, name: str, paths: Sequence[str]
    ) -> tuple[str, bytes] | None:
        """The first of some files in the owner's repository `name`, with its path.

        None where the repository or the file is not there, or podsec is not installed in it.
        What was found is remembered for some minutes.
        """

    def is_rendered(self, repository: RepositoryRef, commit: str, names: Iterable[str]) -> bool:
        """Whether a commit has files of some of these names, such as `kustomization.yaml`."""

    def files(self, pull: PullRef) -> Files:
        """All files of a pull request's head, read when they are asked for.

        Raises Malformed where they are too many to be listed.
        """

    def pull(self, repository: RepositoryRef, number: int) -> PullRef:
        """A pull request as it stands now."""

    def standing(self, pull: PullRef) -> Standing:
        """What podsec already said there; only its own comments count."""

    def resolve(self, repository: RepositoryRef, ids: Sequence[str]) -> None:
        """Resolve threads of podsec's own. Raises NotPermitted where the App may not."""

    def publish_review(self, pull: PullRef, review: Review) -> None:
        """Post one COMMENT review. Raises Rejected where GitHub refuses a line."""

    def conclude(self, repository: RepositoryRef, check: CheckRun, *, first: bool) -> None:
        """Complete the check run; unless `first`, the one that stands there is renewed."""

    def checked(self, repository: RepositoryRef, head: str) -> tuple[int, ...]:
        """The numbers of the pull requests of which podsec concluded a check run on a commit."""

    def into(self, repository: RepositoryRef, branch: str) -> tuple[PullRef, ...]:
        """The open pull requests that want to be merged into a branch."""

    def retire(self, pull: PullRef, key: str, body: str) -> None:
        """Close one of podsec's own pull requests, say why once per `key`, delete its branch.

        The branch stays where somebody else has pushed to it.
        """

    def own_pulls(self, repository: RepositoryRef) -> tuple[PullRef, ...]:
        """Podsec's own open pull requests."""

    def drop_branches(self, repository: RepositoryRef) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Delete podsec's own branches; those that are gone, and those that others changed."""

    def permission(self, repository: RepositoryRef, login: str) -> Permission:
        """What a person may do in the repository."""

    def react(self, repository: RepositoryRef, comment: CommentRef, reaction: Reaction) -> None:
        """Put a reaction on a comment; twice is once, and a button has none."""

    def answer(self, number: int, comment: CommentRef, key: str, body: str) -> None:
        """Say something once per `key` where a comment stands: in its thread if it is on a line."""

    def spoken_of(self, repository: RepositoryRef, comment: int) -> frozenset[str]:
        """The fingerprints that a comment of podsec's on a line speaks of; of others, none."""

    def label(self, number: int, name: str) -> None:
        """Put a label on a pull request; twice is once."""

    def unlabel(self, number: int, name: str) -> None:
        """Take a label off; where it is not, nothing happens."""

    def proposed(self, repository: RepositoryRef, branch: str) -> bool:
        """Whether a pull request of podsec's branch is open."""

    def reply(self, repository: RepositoryRef, number: int, key: str, body: str) -> None:
        """Say something in the conversation once per `key`."""

    def propose(self, repository: RepositoryRef, proposal: Proposal) -> str:
        """Create or renew podsec's branch and pull request; returns its URL.

        Raises Edited where somebody else has pushed to the branch.
        """


class Home(Forge, Protocol):
    """One repository as podsec's own place, too: for sweeps."""

    def own(self) -> Own:
        """The branches, pull requests and dashboard that are podsec's own."""


class Own(Protocol):
    """What podsec has of its own in one repository. Only `workflows/tend.py` changes it."""

    def tip(self) -> Tip:
        """The default branch and podsec's own branches: one call. Raises Gone without a commit."""

    def work(self) -> OwnWork:
        """Its pull requests that carry a mark, the newest first, and its dashboard."""

    def wrote(self, commit: str) -> bool:
        """Whether podsec made a commit, and nobody has changed it since."""

    def commit(self, new: NewCommit) -> str:
        """Make a commit that no branch has yet; returns its SHA."""

    def move(self, tip: Tip, branch: str, before: str | None, after: str | None) -> None:
        """Let a branch be at `after` where it is at `before`; None is: not there.

        Raises Edited where it is elsewhere by now, and Unavailable where that is not known.
        """

    def open(self, pull: NewPull) -> int:
        """Open a pull request; the number of the one that an earlier attempt opened, if one did."""

    def rewrite(self, number: int, title: str, body: str) -> None:
        """Give an open pull request another title and body."""

    def dress(self, number: int, dress: Dress, body: str) -> None:
        """Ask reviewers, and set labels, assignees and the body, all that GitHub takes of them."""

    def close(self, number: int, body: str) -> None:
        """Close a pull request, with a body that says by whom."""

    def say(self, number: int, key: str, body: str) -> None:
        """Comment once per key."""

    def save_dashboard(self, standing: OwnIssue | None, title: str, body: str) -> int:
        """Create the dashboard, or edit it in place; returns its number."""


class Snapshot(Protocol):
    """One commit of a repository; links and submodules are not part of it."""

    @property
    def files(self) -> Mapping[str, FileEntry]:
        """All files by path."""

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes | None]:
        """The content of those that are there; None where one is larger than 5 MB."""


class Clones(Protocol):
    """Repositories as git gives them."""

    def open(self, repository: RepositoryRef, commit: str) -> AbstractContextManager[Snapshot]:
        """A commit, fetched as far as it is asked for. Raises Gone or Unavailable."""


class AppLog(Protocol):
    """GitHub as the App itself sees it. Raises PodsecError."""

    def installations(self) -> tuple[Installation, ...]:
        """Where the App is installed."""

    def repositories(self, installation: int) -> tuple[RepositoryRef, ...]:
        """The repositories that an installation reaches."""

    def open_pulls(self, repository: RepositoryRef) -> Iterator[tuple[PullRef, dict[str, Any]]]:
        """The open pull requests with GitHub's own objects, the last updated first."""

    def has_check(self, repository: RepositoryRef, head: str, name: str) -> bool:
        """Whether a check run of that name stands on a commit."""

    def deliveries(self) -> Iterator[LoggedDelivery]:
        """The log of deliveries, the newest first."""

    def delivery(self, number: int) -> Delivery | None:
        """One of them as it was sent; None where it is no longer kept."""


class Records(Protocol):
    """Small texts that outlast a process, by kind and key. Raises Unavailable."""

    def keep(self, kind: str, key: str, value: str) -> None:
        """Store a text, in place of the former one; the same one again writes nothing."""

    def find(self, kind: str, key: str) -> str | None:
        """The text of a key, or None."""

    def all(self, kind: str) -> tuple[tuple[str, str], ...]:
        """All keys of a kind with their texts, by key."""

    def drop(self, kind: str, key: str) -> None:
        """Take a text out; what is not there is gone already."""


class Forges(Protocol):
    """Access to GitHub, one job at a time."""

    def open(
        self, repository: RepositoryRef, *, behind: bool = False
    ) -> AbstractContextManager[Home]:
        """A client whose token reaches this repository alone; `behind`: nobody waits for the job.

        What GitHub refuses meanwhile, such as a token, is not used again; a pause that it asks
        for holds for every job of the installation.
        """

    def forget_shared(self, installation: int) -> None:
        """Look for the files of the owner's `.github` again: it was pushed to."""


class Jobs(Protocol):
    """Durable work."""

    def accept(self, delivery: Delivery) -> bool:
        """Store a delivery and enqueue its routing in one commit; False if it was there.

        Raises Unavailable where the store does not answer.
        """

    def start(self) -> None:
        """Begin working."""

    def is_current(self, job: Job) -> bool:
        """Whether no newer job has overtaken this one, as far as deliveries tell.

        Raises Unavailable where the store does not answer.
        """

    def stop(self, drain: float) -> None:
        """Stop taking work, wait up to `drain` seconds for what runs; twice is once."""

    def ready(self) -> bool:
        """Whether the store answers."""

    def drain_until_idle(self, seconds: float) -> bool:
        """Wait until no job waits or runs; False if that took longer."""


class Registry(Protocol):
    """Where images are kept. Raises Unlisted for hosts that podsec may not speak to."""

    def pin(self, reference: ImageReference) -> Pinned:
        """What a reference stands for now. Raises Gone where it names nothing."""

    def manifest(self, image: Pinned, platform: str) -> ImageManifest:
        """The manifest of a platform. Raises Gone where the image is not made for it."""

    def config(self, image: Pinned, platform: str) -> ImageConfig:
        """What the image says of how it runs."""

    def layers(self, image: Pinned, platform: str) -> tuple[Layer, ...]:
        """How its layers are fetched; each URL was looked at as if it were fetched here."""

    def save(self, image: Pinned, platform: str, folder: Path, limits: Download) -> None:
        """Write an image as an OCI layout. Raises Malformed where it is larger than allowed."""

    def is_listed(self, repository: str) -> bool:
        """Whether other programs may speak to its registry: the list names it, no mere `*`."""

    def is_plain(self, repository: str) -> bool:
        """Whether its registry is spoken to without TLS, since the list says so."""

    def tags(self, reference: ImageReference) -> tuple[str, ...]:
        """The tags of a repository."""


class Scanner(Protocol):
    """Something that knows vulnerabilities. Each call is bounded by `seconds`."""

    def state(self, seconds: float) -> ScannerState:
        """Who it is, and the date of its database."""

    def scan(self, image: Pinned, platform: str, seconds: float) -> ImageReport:
        """What it says of an image."""


class ChartRenderer(Protocol):
    """helm, confined."""

    def missing(self) -> str | None:
        """What has to be installed first; None where it can render."""

    def render(self, request: Request) -> bytes:
        """What a chart renders to. Raises NotRendered with the reason, and NotInstalled."""


class Renderer(Protocol):
    """A program that makes objects of sources: kustomize or helm, confined."""

    @property
    def tool(self) -> Tool:
        """What it renders."""

    def missing(self) -> str | None:
        """What has to be installed first; None where it can render."""

    def render(self, root: Root, reads: Sequence[str], files: Files) -> Rendering:
        """What a root makes of the files at `reads`, which are all that it gets to see.

        What the input is to blame for is a `failure` in the answer. Raises NotInstalled.
        """


Route = Callable[[Delivery], tuple[Job, ...]]
Handler = Callable[[Job], Outcome]
Tick = Callable[[datetime, Callable[[Job], None]], None]
"""Called at a moment, in UTC, with what adds a job."""
