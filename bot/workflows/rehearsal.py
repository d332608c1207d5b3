"""A Forge that reads and writes nothing: what would be written is kept, in order.

`--dry-run`, `podsec preview` and the mode `observe` are made of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.model.action import (
    Action,
    Conclude,
    Label,
    Propose,
    PublishReview,
    React,
    Reaction,
    Reply,
    Resolve,
    Retire,
)
from bot.model.change import ChangeSet
from bot.model.delivery import CommentRef, PullRef, RepositoryRef
from bot.model.files import Files
from bot.model.review import CheckRun, Proposal, Review, Standing
from bot.ports import Forge, Permission


class Rehearsal:
    """The port Forge over another one, of which it only reads."""

    def __init__(self, forge: Forge) -> None:
        self._forge = forge
        self.actions: list[Action] = []

    def changes(self, pull: PullRef) -> ChangeSet:
        """Read."""
        return self._forge.changes(pull)

    def read(self, repository: RepositoryRef, commit: str, path: str) -> bytes | None:
        """Read."""
        return self._forge.read(repository, commit, path)

    def paths(self, repository: RepositoryRef, commit: str, folder: str) -> tuple[str, ...]:
        """Read."""
        return self._forge.paths(repository, commit, folder)

    def is_rendered(self, repository: RepositoryRef, commit: str, names: Iterable[str]) -> bool:
        """Read."""
        return self._forge.is_rendered(repository, commit, names)

    def files(self, pull: PullRef) -> Files:
        """Read."""
        return self._forge.files(pull)

    def shared(
        self, repository: RepositoryRef, name: str, paths: Sequence[str]
    ) -> tuple[str, bytes] | None:
        """Read."""
        return self._forge.shared(repository, name, paths)

    def pull(self, repository: RepositoryRef, number: int) -> PullRef:
        """Read."""
        return self._forge.pull(repository, number)

    def standing(self, pull: PullRef) -> Standing:
        """Read."""
        return self._forge.standing(pull)

    def permission(self, repository: RepositoryRef, login: str) -> Permission:
        """Read."""
        return self._forge.permission(repository, login)

    def spoken_of(self, repository: RepositoryRef, comment: int) -> frozenset[str]:
        """Read."""
        return self._forge.spoken_of(repository, comment)

    def proposed(self, repository: RepositoryRef, branch: str) -> bool:
        """Read."""
        return self._forge.proposed(repository, branch)

    def checked(self, repository: RepositoryRef, head: str) -> tuple[int, ...]:
        """Read."""
        return self._forge.checked(repository, head)

    def into(self, repository: RepositoryRef, branch: str) -> tuple[PullRef, ...]:
        """Read."""
        return self._forge.into(repository, branch)

    def own_pulls(self, repository: RepositoryRef) -> tuple[PullRef, ...]:
        """Read."""
        return self._forge.own_pulls(repository)

    def drop_branches(self, repository: RepositoryRef) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Leave them; their names are those of the pull requests that would be closed."""
        return tuple(pull.head_ref for pull in self._forge.own_pulls(repository)), ()

    def resolve(self, repository: RepositoryRef, ids: Sequence[str]) -> None:
        """Keep."""
        del repository
        self.actions.append(Resolve(threads=tuple(ids)))

    def publish_review(self, pull: PullRef, review: Review) -> None:
        """Keep."""
        del pull
        self.actions.append(PublishReview(review=review, fallback=review))

    def conclude(self, repository: RepositoryRef, check: CheckRun, *, first: bool) -> None:
        """Keep."""
        del repository
        self.actions.append(Conclude(check=check, first=first))

    def react(self, repository: RepositoryRef, comment: CommentRef, reaction: Reaction) -> None:
        """Keep."""
        del repository
        self.actions.append(React(comment=comment, reaction=reaction))

    def reply(self, repository: RepositoryRef, number: int, key: str, body: str) -> None:
        """Keep."""
        del repository, number
        self.actions.append(Reply(key=key, body=body))

    def answer(self, number: int, comment: CommentRef, key: str, body: str) -> None:
        """Keep."""
        del number, comment
        self.actions.append(Reply(key=key, body=body))

    def retire(self, pull: PullRef, key: str, body: str) -> None:
        """Keep."""
        del pull
        self.actions.append(Retire(key=key, body=body))

    def label(self, number: int, name: str) -> None:
        """Keep."""
        del number
        self.actions.append(Label(name=name, on=True))

    def unlabel(self, number: int, name: str) -> None:
        """Keep."""
        del number
        self.actions.append(Label(name=name, on=False))

    def propose(self, repository: RepositoryRef, proposal: Proposal) -> str:
        """Keep; the address is no address."""
        self.actions.append(Propose(proposal=proposal))
        return f"{repository.full_name}:{proposal.branch}"
