"""Globs as `.gitignore` has them: `*` within a folder, `**` across folders."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from bot.frozen import frozen

_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[[^\]/]+\]|.", re.DOTALL)
_WILD = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def matches(glob: str, text: str, *, is_path: bool) -> bool:
    """Whether a path, or else a plain name, fits.

    A path glob without a slash fits a file or folder of that name at any depth; with one it
    counts from the root. What names a folder holds all below it.
    """
    pattern = _path(glob) if is_path else _name(glob)
    return pattern.match(text) is not None


@lru_cache(maxsize=512)
def _path(glob: str) -> re.Pattern[str]:
    plain = glob.strip("/")
    anywhere = "" if "/" in glob.rstrip("/") else "(?:[^/]+/)*"
    return re.compile(f"{anywhere}{_translated(plain)}(?:/.*)?$", re.DOTALL)


@lru_cache(maxsize=512)
def _name(glob: str) -> re.Pattern[str]:
    return re.compile(_translated(glob).replace("[^/]", ".") + "$", re.DOTALL)


def _translated(glob: str) -> str:
    return "".join(_token(token) for token in _TOKEN.findall(glob))


def _token(token: str) -> str:
    if token in _WILD:
        return _WILD[token]
    if len(token) > 1:  # a class of characters
        inner = token[1:-1].replace("\\", r"\\")
        return f"[^{inner[1:]}]" if inner[0] == "!" else f"[{inner}]".replace("[^", r"[\^")
    return re.escape(token)


def below(glob: str, folder: str) -> str:
    """A path glob that counts from `folder`, as one that counts from the root."""
    if not folder:
        return glob
    anywhere = "" if "/" in glob.rstrip("/") else "**/"
    return f"{folder}/{anywhere}{glob.lstrip('/')}"


@frozen
class Paths:
    """Which files are judged: those that an include fits, if there is one, and no exclude."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def hold(self, path: str) -> bool:
        """Whether the file at `path`, relative to the root with slashes, is judged."""
        if self.include and not _any(self.include, path):
            return False
        return not _any(self.exclude, path)

    def asked_for(self, path: str) -> Paths:
        """The same for what is below `path`: whoever names an excluded folder wants it judged."""
        kept = tuple(glob for glob in self.exclude if not matches(glob, path, is_path=True))
        return Paths(include=self.include, exclude=kept)


def _any(globs: Sequence[str], path: str) -> bool:
    return bool(globs) and _either(tuple(globs)).match(path) is not None


@lru_cache(maxsize=64)
def _either(globs: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern for many globs: every file of a tree is asked about."""
    return re.compile("|".join(f"(?:{_path(glob).pattern})" for glob in globs), re.DOTALL)
