"""Bare git repositories on disk: commits, refs and diffs as GitHub computes them."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ZERO = "0" * 40
_CONFIG = {
    "http.receivepack": "true",
    "uploadpack.allowFilter": "true",
    "uploadpack.allowAnySHA1InWant": "true",
    "receive.hideRefs": "refs/pull",
    "gc.auto": "0",
    "receive.autogc": "false",
}
_STATUS = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "T": "changed"}
_DIFF = ("diff", "-M", "--no-ext-diff", "--no-color")


class GitFailed(Exception):
    """git refused; the text is git's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One row of a pull request's files; `patch` is None for binary files and bare renames."""

    status: str
    path: str
    previous: str | None
    sha: str
    additions: int
    deletions: int
    patch: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of a tree."""

    mode: str
    type: str
    sha: str
    path: str
    size: int | None


class Store:
    """One bare repository."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._changes: dict[tuple[str, str], list[Change]] = {}
        self._written: dict[bytes, str] = {}

    @classmethod
    def create(cls, path: Path) -> Store:
        """Make an empty bare repository with `main` as its head."""
        path.parent.mkdir(parents=True, exist_ok=True)
        store = cls(path)
        _git(None, "init", "-q", "--bare", "-b", "main", str(path))
        with (path / "config").open("a", encoding="utf-8") as config:
            for key, value in _CONFIG.items():
                section, _, name = key.partition(".")
                config.write(f"[{section}]\n\t{name} = {value}\n")
        return store

    def move(self, path: Path) -> None:
        """Put the repository elsewhere."""
        self.path = self.path.rename(path)

    def git(
        self, *arguments: str, data: bytes | None = None, env: Mapping[str, str] | None = None
    ) -> bytes:
        """Run git here. Raises GitFailed."""
        return _git(self.path, *arguments, data=data, env=env)

    def resolve(self, revision: str) -> str | None:
        """The commit that a name stands for."""
        try:
            name = f"{revision}^{{commit}}"
            return self.git("rev-parse", "-q", "--verify", name).decode().strip()
        except GitFailed:
            return None

    def exists(self, sha: str) -> bool:
        """Whether an object is there."""
        try:
            self.git("cat-file", "-e", sha)
        except GitFailed:
            return False
        return True

    def refs(self, prefix: str = "refs/heads") -> dict[str, str]:
        """Names below a prefix with their commits."""
        out = self.git("for-each-ref", "--format=%(refname) %(objectname)", prefix).decode()
        return dict(line.split(" ") for line in out.splitlines())

    def set_ref(self, ref: str, sha: str) -> None:
        """Create or move a ref."""
        self.git("update-ref", ref, sha)

    def delete_ref(self, ref: str) -> None:
        """Take a ref away."""
        self.git("update-ref", "-d", ref)

    def blob(self, sha: str) -> bytes:
        """The bytes of a blob."""
        return self.git("cat-file", "blob", sha)

    def write_blob(self, data: bytes) -> str:
        """Store bytes, the same ones once."""
        if data not in self._written:
            made = self.git("hash-object", "-w", "--stdin", data=data)
            self._written[data] = made.decode().strip()
        return self._written[data]

    def read(self, revision: str, path: str) -> bytes | None:
        """A file at a revision."""
        try:
            return self.git("cat-file", "blob", f"{revision}:{path}")
        except GitFailed:
            return None

    def tree(self, revision: str, *, recursive: bool, path: str = "") -> list[Entry]:
        """The rows of a tree."""
        name = f"{revision}:{path}" if path else revision
        flags = ["-r", "-t"] if recursive else []
        rows: list[Entry] = []
        for row in self.git("ls-tree", "-l", "-z", *flags, name).split(b"\0"):
            if row:
                meta, _, where = row.decode("utf-8", "replace").partition("\t")
                mode, kind, sha, size = meta.split()
                number = None if size == "-" else int(size)
                rows.append(Entry(mode=mode, type=kind, sha=sha, path=where, size=number))
        return rows

    def write_tree(self, base: str | None, rows: list[tuple[str, str, str | None]]) -> str:
        """A tree from `base` and rows of (mode, path, blob or None to delete)."""
        with tempfile.TemporaryDirectory() as folder:
            env = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self.git("read-tree", base or "--empty", env=env)
            listed = "".join(
                f"{mode} {sha}\t{path}\0" if sha else f"0 {ZERO}\t{path}\0"
                for mode, path, sha in rows
            )
            self.git("update-index", "-z", "--index-info", data=listed.encode(), env=env)
            return self.git("write-tree", env=env).decode().strip()

    def write_commit(self, tree: str, parents: list[str], message: str, author: str) -> str:
        """A commit object."""
        flags = [flag for parent in parents for flag in ("-p", parent)]
        who = {"NAME": author, "EMAIL": f"{author}@users.noreply.github.com"}
        env = {f"GIT_{role}_{k}": v for role in ("AUTHOR", "COMMITTER") for k, v in who.items()}
        data = message.encode()
        return self.git("commit-tree", tree, *flags, data=data, env=env).decode().strip()

    def message_of(self, sha: str) -> tuple[str, str, str, list[str], str]:
        """Tree, author, date, parents and message of a commit."""
        out = self.git("log", "-1", "--format=%T%n%an%n%aI%n%P%n%B", sha).decode("utf-8", "replace")
        tree, author, date, parents, *message = out.split("\n")
        return tree, author, date, parents.split(), "\n".join(message).rstrip("\n")

    def count(self, base: str, head: str) -> int:
        """How many commits `head` has that `base` has not."""
        return int(self.git("rev-list", "--count", f"{base}..{head}"))

    def merge_base(self, one: str, other: str) -> str:
        """Where two histories part; GitHub's diff of a pull request starts there."""
        try:
            return self.git("merge-base", one, other).decode().strip()
        except GitFailed:
            return one

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether moving from `old` to `new` is a fast forward."""
        try:
            self.git("merge-base", "--is-ancestor", old, new)
        except GitFailed:
            return False
        return True

    def changes(self, base: str, head: str) -> list[Change]:
        """The files of the three-dot diff of two commits, with patches as GitHub cuts them.

        Commits never change, and events, lists and pages ask for the same diff over and over.
        """
        key = base, head
        if key not in self._changes:
            self._changes[key] = self._changed(base, head)
        return list(self._changes[key])

    def _changed(self, base: str, head: str) -> list[Change]:
        start = self.merge_base(base, head)
        raw = self.git(*_DIFF, "--raw", "-z", "--abbrev=40", start, head)
        text = self.git(*_DIFF, "-U3", "--full-index", start, head).decode("utf-8", "replace")
        sections = re.split(r"(?m)^diff --git ", text)[1:]
        return [_change(row, section) for row, section in zip(_rows(raw), sections, strict=True)]

    def diff(self, base: str, head: str) -> str:
        """The three-dot diff as text."""
        start = self.merge_base(base, head)
        return self.git(*_DIFF, start, head).decode("utf-8", "replace")


def _rows(raw: bytes) -> list[tuple[str, str, str, str | None]]:
    """(status letter, new blob, path, previous path) of each row of `--raw -z`."""
    parts = raw.decode("utf-8", "replace").split("\0")
    rows: list[tuple[str, str, str, str | None]] = []
    index = 0
    while index < len(parts) and parts[index]:
        fields = parts[index].lstrip(":").split(" ")
        letter = fields[4][0]
        sha = fields[3] if letter != "D" else fields[2]
        if letter in "RC":
            rows.append((letter, sha, parts[index + 2], parts[index + 1]))
            index += 3
        else:
            rows.append((letter, sha, parts[index + 1], None))
            index += 2
    return rows


def _change(row: tuple[str, str, str, str | None], section: str) -> Change:
    letter, sha, path, previous = row
    found = re.search(r"(?m)^@@ ", section)
    patch = section[found.start() :].removesuffix("\n") if found else None
    lines = patch.split("\n") if patch else []
    return Change(
        status=_STATUS.get(letter, "changed"),
        path=path,
        previous=previous,
        sha=sha,
        additions=sum(1 for line in lines if line.startswith("+")),
        deletions=sum(1 for line in lines if line.startswith("-")),
        patch=patch,
    )


def _git(
    cwd: Path | None,
    *arguments: str,
    data: bytes | None = None,
    env: Mapping[str, str] | None = None,
) -> bytes:
    done = subprocess.run(
        ["git", *arguments],
        cwd=cwd,
        input=data if data is not None else b"",
        capture_output=True,
        env={
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": "/nonexistent",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            **(env or {}),
        },
        check=False,
        timeout=60,
    )
    if done.returncode:
        raise GitFailed(done.stderr.decode("utf-8", "replace").strip())
    return done.stdout
