"""All files of a commit, listed in one call and read when they are asked for, many in one call."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from functools import cached_property
from urllib.parse import quote

from bot.adapters.github.blobs import Blobs
from bot.adapters.github.session import Session
from bot.errors import Malformed
from bot.frozen import frozen

_FILES = ("100644", "100755")
_LINK = "120000"
_MANIFESTS = (".yaml", ".yml", ".json")
_FIRST = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_MOST_FIRST = 2_000
_MOST_LINKS = 200
_LARGE = 1_000_000
_LEAVES = "a link that leaves the repository: it is not read"


@frozen
class _Row:
    """A file or link of the listing."""

    mode: str
    sha: str
    size: int


class CommitFiles:
    """The files of one commit; links are followed within it alone.

    Reading may raise PodsecError. Kustomizations are read together, and with any other file the
    manifests of its folder.
    """

    def __init__(self, session: Session, blobs: Blobs, commit: str) -> None:
        """Raises Malformed where GitHub lists only some of the files."""
        found = session.get(f"/git/trees/{quote(commit, safe='')}", recursive=1)
        if found["truncated"]:
            raise Malformed("GitHub lists only some of the repository's files")
        self._blobs = blobs
        self._rows = {
            str(row["path"]): _Row(mode=row["mode"], sha=row["sha"], size=int(row.get("size") or 0))
            for row in found["tree"]
            if row["type"] == "blob"
        }
        self._expected: set[str] = set()
        self._refused: dict[str, str] = {}

    def paths(self) -> Sequence[str]:
        """All paths, sorted, those of links within the commit too."""
        return self._all

    def read(self, path: str) -> bytes | None:
        """The content of a file; None where there is none, or it is larger than 5 MB."""
        target = self._links.get(path, path)
        row = self._rows.get(target)
        if row is None or row.mode not in _FILES:
            return None
        self._expect(target)
        return self._blobs.read(row.sha)

    def refused(self, path: str) -> str | None:
        """Why a file is never read."""
        return self._refused.get(path) if path in self._rows and self._links is not None else None

    @cached_property
    def _all(self) -> tuple[str, ...]:
        files = [path for path, row in self._rows.items() if row.mode in _FILES]
        return tuple(sorted({*files, *self._links}))

    @cached_property
    def _links(self) -> dict[str, str]:
        """By the path that leads through a link: the file that it leads to."""
        links = [path for path, row in self._rows.items() if row.mode == _LINK][:_MOST_LINKS]
        self._blobs.expect(self._rows[path].sha for path in links)
        found: dict[str, str] = {}
        for path in links:
            text = (self._blobs.read(self._rows[path].sha) or b"").decode("utf-8", "replace")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), text))
            if text.startswith("/") or target == ".." or target.startswith("../"):
                self._refused[path] = _LEAVES
            elif target in self._rows and self._rows[target].mode in _FILES:
                found[path] = target
            else:
                found |= self._below(path, target)
        return found

    def _below(self, path: str, folder: str) -> dict[str, str]:
        """The files of a folder that a link leads to."""
        prefix = f"{folder}/"
        return {
            f"{path}/{name.removeprefix(prefix)}": name
            for name, row in self._rows.items()
            if name.startswith(prefix) and row.mode in _FILES and not path.startswith(prefix)
        }

    def _expect(self, path: str) -> None:
        """Ask for what is likely to be read next, together."""
        folder, _, name = path.rpartition("/")
        if name in _FIRST:
            if "" not in self._expected:
                self._expected.add("")
                every = (one for one in self._rows if one.rpartition("/")[2] in _FIRST)
                self._blobs.expect(self._rows[one].sha for one in sorted(every)[:_MOST_FIRST])
        elif folder and folder not in self._expected:
            self._expected.add(folder)
            self._blobs.expect(
                row.sha
                for one, row in self._rows.items()
                if one.rpartition("/")[0] == folder
                and one.endswith(_MANIFESTS)
                and row.size < _LARGE
                and row.mode in _FILES
            )
