"""YAML and JSON files below local paths, and Dockerfiles for what their images are.

Symbolic links that leave the tree are not followed.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.config import PATHS, Paths
from bot.disk import PRUNED
from bot.errors import UserError
from bot.frozen import frozen
from bot.kubernetes.build_file import is_build_file
from bot.model.change import ChangedFile, ChangeSet

SUFFIXES = (".yaml", ".yml", ".json")
STDIN = "-"
_MAX_BYTES = 5_000_000


@frozen
class Entry:
    """A file to judge: its name from the root, with slashes; as the user would write it; itself.

    The name is what fingerprints and globs go by, so that they are the same from everywhere.
    `path` is None for the standard input.
    """

    name: str
    shown: str
    path: Path | None


@frozen
class Found:
    """The files below some paths, by name, and how many more the config leaves out.

    `builds` are no manifests, but tell how images are built: Dockerfiles.
    """

    entries: tuple[Entry, ...]
    excluded: int
    builds: tuple[Entry, ...] = ()


def find(
    paths: Sequence[str], root: Path, chosen: Paths, *, strict: bool, stdin_name: str = "<stdin>"
) -> Found:
    """The manifests below `paths`, those of `chosen` alone.

    A file that is named itself is taken all the same, unless `strict`. Raises UserError for a path
    that is not there.
    """
    entries: dict[str, Entry] = {}
    builds: dict[str, Entry] = {}
    excluded: set[str] = set()
    for given in paths:
        if given == STDIN:
            entries[stdin_name] = Entry(name=stdin_name, shown=stdin_name, path=None)
            continue
        path = Path(given)
        if not path.exists():
            raise UserError(f"{given}: no such file or directory")
        around = _name(path.resolve(), root)
        wanted = chosen if strict or around is None else chosen.asked_for(around)
        for entry in _walk(path, root):
            if not (entry.name.endswith(SUFFIXES) or path.is_file()):
                builds |= {entry.name: entry} if wanted.hold(entry.name) else {}
            elif wanted.hold(entry.name) or (path.is_file() and not strict):
                entries.setdefault(entry.name, entry)
            else:
                excluded.add(entry.name)
    return Found(
        entries=tuple(entries[name] for name in sorted(entries)),
        excluded=len(excluded - entries.keys()),
        builds=tuple(builds[name] for name in sorted(builds)),
    )


def collect(found: Found) -> ChangeSet:
    """Read the files; every line counts as new. What cannot be read says why."""
    return ChangeSet(
        files=tuple(read_entry(entry) for entry in found.entries),
        builds=tuple(read_entry(entry) for entry in found.builds),
    )


def _name(path: Path, root: Path) -> str | None:
    """The name of a resolved path from the root, or None where it lies outside."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else None


def _walk(path: Path, root: Path) -> Iterator[Entry]:
    base = path.resolve()
    if path.is_file():
        yield _entry(path, base, root)
        return
    for folder, below, names in os.walk(path):
        below[:] = sorted(name for name in below if name not in PRUNED)
        wanted = [name for name in names if name.endswith(SUFFIXES) or is_build_file(name)]
        yield from _in_folder(Path(folder), path, wanted, root)


def _in_folder(folder: Path, path: Path, names: Sequence[str], root: Path) -> Iterator[Entry]:
    """The files of a folder below `path`; they may be many, so names are put together as text."""
    base = path.resolve()
    shown = str(folder / "x")[:-1]
    named = _name(base / folder.relative_to(path) / "x", root)
    for name in sorted(names):
        file = shown + name
        entry = Entry(
            name=file if named is None else named[:-1] + name, shown=file, path=Path(file)
        )
        if not entry.name.endswith(PATHS) and _is_inside(file, base):
            yield entry


def _is_inside(file: str, base: Path) -> bool:
    """Whether it is a file, and none that a link brings in from elsewhere, or from nowhere."""
    try:
        mode = os.lstat(file).st_mode
        if not stat.S_ISLNK(mode):
            return stat.S_ISREG(mode)
        target = Path(file).resolve()
        return target.is_relative_to(base) and target.is_file()
    except (OSError, RuntimeError):  # a link to itself
        return False


def _entry(shown: Path, real: Path, root: Path) -> Entry:
    return Entry(name=_name(real, root) or str(shown), shown=str(shown), path=shown)


def read_entry(entry: Entry) -> ChangedFile:
    """Read one file; every line counts as new. What cannot be read says why."""
    try:
        data = _bytes(entry)
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        return ChangedFile(path=entry.name, status="added", data=None, unread=reason)
    return ChangedFile(path=entry.name, status="added", data=data)


def _bytes(entry: Entry) -> bytes:
    """The file, or a little more than the largest that is judged."""
    if entry.path is None:
        return sys.stdin.buffer.read(_MAX_BYTES + 1)
    with entry.path.open("rb") as stream:
        return stream.read(_MAX_BYTES + 1)
