"""The port Forge on PyGithub."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar, cast
from urllib.parse import quote

from bot.adapters.github import (
    branches,
    changes,
    conversation,
    inline,
    labels,
    pull_requests,
    threads,
    trees,
)
from bot.adapters.github.blobs import BlobMemory, Blobs
from bot.adapters.github.commit_files import CommitFiles
from bot.adapters.github.limiter import Limiter
from bot.adapters.github.own import GitHubOwn
from bot.adapters.github.session import Session
from bot.adapters.github.shared import SharedFiles
from bot.adapters.github.tokens import Tokens
from bot.errors import Gone, OutOfBudget, RateLimited, StaleToken
from bot.model.action import Reaction
from bot.model.change import ChangeSet
from bot.model.delivery import CommentRef, PullRef, RepositoryRef, pull_ref
from bot.model.files import Files
from bot.model.review import CheckRun, Proposal, Review, Standing
from bot.ports import Permission

_CACHED = 512
_T = TypeVar("_T")
_Key = tuple[int, int, str, str]


class GitHubForges:
    """Opens clients; keeps tokens, pauses, and files at commits, which never change.

    `pause` is the seconds between two writes of one job, `timeout` the seconds for one answer;
    `limiter` keeps each installation within what GitHub allows.
    """

    def __init__(
        self,
        app_id: int,
        private_key: str,
        url: str,
        pause: float = 1.0,
        timeout: int = 20,
        limiter: Limiter | None = None,
    ) -> None:
        self._tokens = Tokens(app_id, private_key, url)
        self._url, self._pause, self._timeout = url, pause, timeout
        self._memory, self._blobs = Memory(), BlobMemory()
        self._limiter = limiter if limiter is not None else Limiter()
        self._shared = SharedFiles(self._locate, self._session)

    def forget_shared(self, installation: int) -> None:
        """Look for the files of the owner's `.github` again."""
        self._shared.forget(installation)

    def _locate(self, repository: RepositoryRef, name: str) -> tuple[str | None, int] | None:
        return self._tokens.of_repository(repository.installation, name)

    def _session(self, token: str | None, repository: RepositoryRef) -> Session:
        return Session(self._url, token, repository, self._pause, self._timeout, self._limiter)

    def token(self, repository: RepositoryRef) -> str:
        """A token that reaches one repository, for git. Raises PodsecError."""
        return self._tokens.token(repository.installation, repository.id)

    def find(self, full_name: str) -> RepositoryRef:
        """A repository by its name. Raises Gone where the App is not installed in it."""
        return self._tokens.find(full_name)

    def everywhere(self) -> Iterator[RepositoryRef]:
        """Every repository that an installation of the App reaches, archived ones not."""
        return self._tokens.everywhere()

    @contextmanager
    def open(self, repository: RepositoryRef, *, behind: bool = False) -> Iterator[GitHubForge]:
        """A client for one job; `behind`: nobody waits for it.

        Raises PodsecError where no token is given, and RateLimited, without asking GitHub, while
        a pause lasts that GitHub asked this installation for, or where its budget is short.
        """
        self._limiter.demand(repository.installation, behind=behind)
        try:
            token = self._tokens.token(repository.installation, repository.id)
            session = self._session(token, repository)
            try:
                blobs = Blobs(session, self._blobs)
                yield GitHubForge(session, self._memory, blobs, self._shared, self._tokens.login)
            finally:
                session.close()
        except StaleToken:
            self._tokens.forget(repository.installation, repository.id)
            raise
        except OutOfBudget:
            raise
        except RateLimited as error:
            self._limiter.pause(repository.installation, error.retry_after or 0.0)
            raise


class Memory:
    """Files and the names in folders, at commits: these never change."""

    def __init__(self) -> None:
        self._known: dict[_Key, object] = {}

    def of(self, key: _Key, ask: Callable[[], _T]) -> _T:
        """What is known, else what `ask` says; a key always speaks of one type."""
        if key not in self._known:
            found = ask()
            if len(self._known) >= _CACHED:
                self._known.clear()
            self._known[key] = found
            return found
        return cast("_T", self._known[key])


class GitHubForge:
    """One repository, for one job."""

    def __init__(
        self,
        session: Session,
        memory: Memory,
        blobs: Blobs,
        shared: SharedFiles,
        login: Callable[[], str],
    ) -> None:
        self._session, self._memory, self._blobs = session, memory, blobs
        self._shared, self._login = shared, login

    def own(self) -> GitHubOwn:
        """The branches, pull requests and dashboard that are podsec's own."""
        return GitHubOwn(self._session, self._login)

    def changes(self, pull: PullRef) -> ChangeSet:
        """The changed files of a pull request; only manifests carry data."""
        return changes.changes(self._session, pull, self._blobs)

    def read(self, repository: RepositoryRef, commit: str, path: str) -> bytes | None:
        """A file at a commit, or None; asked once a commit, and only where the root has it."""
        if not self._may_hold(repository, commit, path):
            return None
        key = (repository.installation, repository.id, commit, path)
        return self._memory.of(key, lambda: changes.read(self._session, path, commit, self._blobs))

    def paths(self, repository: RepositoryRef, commit: str, folder: str) -> tuple[str, ...]:
        """The files below a folder at a commit; asked once a commit."""
        if not self._may_hold(repository, commit, folder):
            return ()
        key = (repository.installation, repository.id, commit, f"{folder}/")
        return self._memory.of(key, lambda: trees.below(self._session, commit, folder))

    def is_rendered(self, repository: RepositoryRef, commit: str, names: Iterable[str]) -> bool:
        """Whether a commit has files of some of these names, as far as GitHub lists them."""
        return not self._listing(repository, commit).rendered.isdisjoint(names)

    def files(self, pull: PullRef) -> Files:
        """All files of a pull request's head."""
        return CommitFiles(self._session, self._blobs, pull.head_sha)

    def _may_hold(self, repository: RepositoryRef, commit: str, path: str) -> bool:
        """Whether the root of a commit has what leads to a path: one listing saves many misses."""
        names = self._listing(repository, commit).names
        return names is None or path.partition("/")[0] in names

    def _listing(self, repository: RepositoryRef, commit: str) -> trees.Listing:
        key = (repository.installation, repository.id, commit, "")
        return self._memory.of(key, lambda: trees.listing(self._session, commit))

    def shared(
        self, repository: RepositoryRef, name: str, paths: Sequence[str]
    ) -> tuple[str, bytes] | None:
        """The first of some files in another repository of the owner's."""
        return self._shared.first(repository, name, paths)

    def pull(self, repository: RepositoryRef, number: int) -> PullRef:
        """A pull request as it stands now."""
        return pull_ref(repository, self._session.get(f"/pulls/{number}"))

    def standing(self, pull: PullRef) -> Standing:
        """What podsec already said there."""
        return threads.standing(self._session, pull.number)

    def resolve(self, repository: RepositoryRef, ids: Sequence[str]) -> None:
        """Resolve threads of podsec's own. Raises NotPermitted without contents: write."""
        del repository
        threads.resolve(self._session, ids)

    def publish_review(self, pull: PullRef, review: Review) -> None:
        """Post one COMMENT review. Raises Rejected where GitHub refuses a line."""
        conversation.publish_review(self._session, pull, review)

    def conclude(self, repository: RepositoryRef, check: CheckRun, *, first: bool) -> None:
        """Complete the check run of a head."""
        del repository
        conversation.conclude(self._session, check, first=first)

    def checked(self, repository: RepositoryRef, head: str) -> tuple[int, ...]:
        """The numbers of the pull requests of which podsec concluded a check run on a commit."""
        return conversation.checked(self._session, repository.id, head)

    def into(self, repository: RepositoryRef, branch: str) -> tuple[PullRef, ...]:
        """The open pull requests that want to be merged into a branch."""
        rows = self._session.rows("/pulls", base=branch, state="open")
        return tuple(pull_ref(repository, row) for row in rows)

    def retire(self, pull: PullRef, key: str, body: str) -> None:
        """Close one of podsec's own pull requests, say why once, delete its branch."""
        conversation.reply(self._session, pull.number, key, body)
        pull_requests.retire(self._session, pull)

    def own_pulls(self, repository: RepositoryRef) -> tuple[PullRef, ...]:
        """Podsec's own open pull requests."""
        rows = self._session.rows("/pulls", state="open")
        return tuple(pull for row in rows if (pull := pull_ref(repository, row)).is_own)

    def drop_branches(self, repository: RepositoryRef) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Delete podsec's own branches."""
        del repository
        return branches.drop(self._session)

    def permission(self, repository: RepositoryRef, login: str) -> Permission:
        """What a person may do; `author_association` would say less than the truth."""
        del repository
        try:
            found = self._session.get(f"/collaborators/{quote(login)}/permission")
        except Gone:
            return "none"
        level: Permission = found["permission"]
        return level

    def react(self, repository: RepositoryRef, comment: CommentRef, reaction: Reaction) -> None:
        """Put a reaction on a comment; a button has none."""
        del repository
        conversation.react(self._session, comment, reaction)

    def answer(self, number: int, comment: CommentRef, key: str, body: str) -> None:
        """Say something once per key where a comment stands."""
        if comment.is_inline:
            inline.answer(self._session, number, comment, key, body)
        else:
            conversation.reply(self._session, number, key, body)

    def spoken_of(self, repository: RepositoryRef, comment: int) -> frozenset[str]:
        """The fingerprints in a comment of podsec's on a line."""
        del repository
        return inline.spoken_of(self._session, comment)

    def label(self, number: int, name: str) -> None:
        """Put a label on a pull request."""
        labels.put(self._session, number, name)

    def unlabel(self, number: int, name: str) -> None:
        """Take a label off."""
        labels.take(self._session, number, name)

    def proposed(self, repository: RepositoryRef, branch: str) -> bool:
        """Whether a pull request of podsec's branch is open."""
        del repository
        return pull_requests.stands(self._session, branch)

    def reply(self, repository: RepositoryRef, number: int, key: str, body: str) -> None:
        """Say something in the conversation once per key."""
        del repository
        conversation.reply(self._session, number, key, body)

    def propose(self, repository: RepositoryRef, proposal: Proposal) -> str:
        """Create or renew podsec's branch and pull request."""
        del repository
        return pull_requests.propose(self._session, proposal)
