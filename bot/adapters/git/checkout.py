"""What `podsec check --diff` asks of a checkout. It reads, and never runs a hook or a filter."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from git import Repo
from git.exc import GitCommandError, InvalidGitRepositoryError, NoSuchPathError, ODBError
from git.objects import Commit

from bot.errors import UserError
from bot.model.change import ChangedFile, ChangeSet, FileStatus

_MAX_BYTES = 5_000_000
_FILE = ("100644", "100755")
Wanted = Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A base commit and a head; None is the working tree."""

    base: Commit
    head: Commit | None


class GitFiles:
    """The files of one commit; links are not among them."""

    def __init__(self, blobs: Mapping[str, str], read: Callable[[str], bytes]) -> None:
        self._blobs, self._read = blobs, read

    def paths(self) -> Sequence[str]:
        """All paths, sorted."""
        return sorted(self._blobs)

    def read(self, path: str) -> bytes | None:
        """The content of a file."""
        return self._read(self._blobs[path]) if path in self._blobs else None

    def refused(self, _path: str) -> str | None:
        """Nothing is told of links: they are not read."""
        return None


class Checkout:
    """A repository on this machine. Raises UserError for what git refuses."""

    def __init__(self, folder: Path) -> None:
        try:
            self._repo = Repo(folder, search_parent_directories=True)
        except (InvalidGitRepositoryError, NoSuchPathError) as error:
            raise UserError(f"{folder}: --diff needs a git checkout") from error
        if self._repo.working_tree_dir is None:
            raise UserError(f"{folder}: --diff needs a checkout, this is a bare repository")
        self.root = Path(self._repo.working_tree_dir).resolve()

    def range(self, text: str) -> Range:
        """Read BASE..HEAD, BASE...HEAD (from where they parted) or BASE (to the working tree)."""
        if "..." in text:
            base, _, head = text.partition("...")
            two = self._commit(base or "HEAD"), self._commit(head or "HEAD")
            common = self._repo.merge_base(*two)
            if not common:
                raise UserError(f"{text!r}: the commits have no common ancestor")
            return Range(base=common[0], head=two[1])
        if ".." in text:
            base, _, head = text.partition("..")
            return Range(base=self._commit(base or "HEAD"), head=self._commit(head or "HEAD"))
        return Range(base=self._commit(text), head=None)

    def _commit(self, name: str) -> Commit:
        try:
            return self._repo.commit("refs/-" if name.startswith("-") else name)
        except (ODBError, ValueError, IndexError, GitCommandError) as error:
            shallow = (Path(self._repo.git_dir) / "shallow").exists()
            hint = "; this clone is shallow: fetch more of its history" if shallow else ""
            raise UserError(f"there is no commit {name!r}{hint}") from error

    def read(self, commit: Commit, path: str) -> bytes | None:
        """A file at a commit, or None where there is none."""
        blob = self._tree(commit, path).get(path)
        return self._blob(blob) if blob is not None else None

    def files(self, commit: Commit, folder: str) -> dict[str, bytes]:
        """All files below a folder at a commit, by path."""
        return {path: self._blob(blob) for path, blob in self._tree(commit, folder).items()}

    def tree(self, commit: Commit) -> GitFiles:
        """The files of a commit, read when they are asked for."""
        return GitFiles(self._tree(commit), self._blob)

    def changes(self, span: Range, wanted: Wanted) -> ChangeSet:
        """All wanted files of both sides, unchanged ones too; renames are git's."""
        old = self._tree(span.base)
        moved = dict(self._renames(span))
        new: Mapping[str, str | bytes] = (
            self._tree(span.head) if span.head is not None else dict(self._working(wanted))
        )
        files = [
            self._file(path, head, old, moved) for path, head in sorted(new.items()) if wanted(path)
        ]
        gone = sorted(old.keys() - new.keys() - set(moved.values()))
        files += [
            ChangedFile(path=path, status="removed", data=None, base_data=self._blob(old[path]))
            for path in gone
            if wanted(path)
        ]
        return ChangeSet(files=tuple(files))

    def _file(
        self, path: str, head: str | bytes, old: Mapping[str, str], moved: Mapping[str, str]
    ) -> ChangedFile:
        was = moved.get(path, path)
        blob = old.get(was)
        same = blob is not None and blob == (head if isinstance(head, str) else _sha(head))
        data = head if isinstance(head, bytes) else self._blob(head)
        base = data if same else self._blob(blob) if blob is not None else None
        return ChangedFile(
            path=path,
            status=_status(same=same, renamed=was != path, known=blob is not None),
            data=data,
            base_data=base,
            previous_path=was if was != path else None,
        )

    def _tree(self, commit: Commit, below: str = "") -> dict[str, str]:
        """The blobs of a commit by path."""
        paths = ["--", below] if below else []
        listed = self._git("ls-tree", "-r", "-z", "--full-tree", commit.hexsha, *paths)
        found = {}
        for row in filter(None, listed.split("\0")):
            (mode, _, blob), path = row.split("\t", 1)[0].split(" "), row.split("\t", 1)[1]
            if mode in _FILE:
                found[path] = blob
        return found

    def _renames(self, span: Range) -> Iterator[tuple[str, str]]:
        """New paths with the old one of each."""
        ends = [span.base.hexsha, *([span.head.hexsha] if span.head is not None else [])]
        flags = (
            "-r",
            "-M",
            "-z",
            "--name-status",
            "--no-relative",
            "--no-ext-diff",
            "--no-textconv",
        )
        words = iter(self._git("diff", *flags, "--diff-filter=R", *ends, "--").split("\0"))
        for status in words:
            if status.startswith("R"):
                old, new = next(words), next(words)
                yield new, old

    def _working(self, wanted: Wanted) -> Iterator[tuple[str, bytes]]:
        """The files of the working tree, untracked ones too, ignored ones not."""
        listed = self._git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        for path in dict.fromkeys(filter(None, listed.split("\0"))):
            file = self.root / path
            if wanted(path) and file.is_file() and not file.is_symlink():
                with file.open("rb") as stream:
                    yield path, stream.read(_MAX_BYTES + 1)

    def _blob(self, sha: str) -> bytes:
        stream = self._repo.odb.stream(bytes.fromhex(sha))
        data: bytes = stream.read(_MAX_BYTES + 1)
        if stream.size > len(data):  # cat-file's pipe must be emptied before the next question
            while stream.read(1 << 20):
                pass
        return data

    def _git(self, command: str, *arguments: str) -> str:
        """The output of a git command, in which every byte has its place."""
        try:
            out = self._repo.git.execute(
                ["git", "-c", "core.fsmonitor=false", command, *arguments],
                stdout_as_string=False,
                strip_newline_in_stdout=False,
            )
        except GitCommandError as error:
            said = str(error.stderr).strip().removeprefix("stderr: ").strip("'\n ")
            raise UserError(f"git {command}: {said}") from error
        assert isinstance(out, bytes)
        return out.decode("utf-8", "surrogateescape")


def _status(*, same: bool, renamed: bool, known: bool) -> FileStatus:
    if renamed:
        return "renamed"
    if same:
        return "unchanged"
    return "modified" if known else "added"


def _sha(data: bytes) -> str:
    """The name that git gives to a file's content."""
    header = f"blob {len(data)}\0".encode()
    return hashlib.sha1(header + data, usedforsecurity=False).hexdigest()
