"""Who owns a file: CODEOWNERS, as GitHub reads it (docs.github.com, "About code owners")."""

from __future__ import annotations

from collections.abc import Callable

from bot.config.globs import matches
from bot.frozen import frozen

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where it stands; the first that is there is read."""
_LARGEST = 3_000_000


@frozen(kw_only=False)
class CodeOwners:
    """Patterns with their owners; the last that fits a file decides."""

    rows: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def of(self, path: str) -> tuple[str, ...]:
        """The owners of a file; none where no pattern fits, or the last one names nobody."""
        for glob, owners in reversed(self.rows):
            if _fits(glob, path):
                return owners
        return ()


def code_owners(read: Callable[[str], bytes | None]) -> CodeOwners:
    """The owners of a tree; `read` gives a file of it. What GitHub does not read owns nothing."""
    for place in PLACES:
        data = read(place)
        if data is not None:
            return parse(data) if len(data) <= _LARGEST else CodeOwners()
    return CodeOwners()


def parse(data: bytes) -> CodeOwners:
    """Read the file; comments and empty lines say nothing."""
    rows: list[tuple[str, tuple[str, ...]]] = []
    for line in data.decode("utf-8", "replace").splitlines():
        glob, *owners = line.partition(" #")[0].split() or [""]
        if glob and not glob.startswith(("#", "!")):
            rows.append((glob, tuple(owners)))
    return CodeOwners(tuple(rows))


def _fits(glob: str, path: str) -> bool:
    if glob == "*":
        return True
    if glob.endswith("/*"):  # what is in the folder, and not what is in folders below
        return matches(glob, path, is_path=True) and matches(glob[:-2], _folder(path), is_path=True)
    return matches(glob, path, is_path=True)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
