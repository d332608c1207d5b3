"""Whether a value is a secret that should not stand in a manifest. Pure; the value goes nowhere.

Everything starts here: a look that costs a microsecond decides for most values, and only for the
others the patterns of `secret_judge`, `secret_scan` and `secret_command` are loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Literal

from bot.frozen import frozen
from bot.kubernetes.secret_name import Promise, promise

Kind = Literal["none", "likely", "certain"]
Part = Literal["whole", "address", "part"]


@frozen
class Verdict:
    """Whether a value is a secret, and why; it never holds the value.

    `part` says what a fix has to move: the whole value, an address (which moves as a whole, since
    its parts are percent-encoded), or a part of a longer text. `start` and `end` are the place of
    the secret in the value, both zero where podsec must not edit (a shell script).
    """

    kind: Kind
    reason: str = ""
    part: Part = "whole"
    start: int = 0
    end: int = 0

    def __bool__(self) -> bool:
        return self.kind != "none"


@frozen(kw_only=False)
class Found:
    """A secret in a text or a list: the line (from 1) or the index (from 0) that it stands in."""

    at: int
    verdict: Verdict


@frozen(kw_only=False)
class Variable:
    """An entry of `env` whose value is a secret; `name` is fit for the key of a Secret."""

    index: int
    name: str
    verdict: Verdict


NONE = Verdict(kind="none")
_SILENT = (Promise.NOTHING, Promise.POINTER)
# any text with a secret in it holds one of these words, an address, or a run as long as a token
_WORDS = re.compile(r"pass|pwd|pw\b|secret|token|key|cred|salt|cookie|auth|identified|private")
_RUN = re.compile(r"[A-Za-z0-9_\-+/=]{20,}")
_DIGIT = re.compile(r"\d")
_SHORTEST = 16
_TOOLS = re.compile(r"mysql|mariadb|redis-|valkey|mongo|sshpass|sqlcmd|ldap|curl|login")
_KEY = re.compile(r"[^-._a-zA-Z0-9]")


def may_hold(text: str) -> bool:
    """Whether a text could hold a secret at all, from its own words: a cheap look."""
    if "@" in text or mentions(text):
        return True
    if len(text) < _SHORTEST:
        return False
    return "asic " in text or "earer " in text or has_run(text)


def mentions(text: str) -> bool:
    """Whether a text holds a word that could name a secret."""
    return _WORDS.search(text.lower()) is not None


def has_run(text: str) -> bool:
    """Whether a text holds characters in a row, a digit among them, as tokens do."""
    return any(_DIGIT.search(run) for run in _RUN.findall(text))


def _is_short(text: str) -> bool:
    """Too short for a token, and nothing is assigned in it."""
    return len(text) < _SHORTEST and "=" not in text and ":" not in text


def classify(name: str, value: str) -> Verdict:
    """What a value is, by its form, by what its name promises, and by what stands in it."""
    text = value.strip()
    if promise(name) in _SILENT and (_is_short(text) or not may_hold(text)):
        return NONE
    from bot.kubernetes.secret_judge import (  # noqa: PLC0415  # 30 ms that few files need
        judge,
    )

    return judge(name, text)


def in_env(env: Any, allowed: Sequence[str] = ()) -> Iterator[Variable]:
    """The secrets among the entries of a container's `env`, but for names that a glob allows."""
    for index, entry in enumerate(env if isinstance(env, list) else ()):
        if not isinstance(entry, Mapping):
            continue
        value = entry.get("value")
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            continue
        name = str(entry.get("name") or "")
        verdict = classify(name, str(value))
        if verdict and not is_allowed(name, allowed):
            yield Variable(index, name, verdict)


def is_allowed(name: str, globs: Sequence[str]) -> bool:
    """Whether a repository says of a name that it is no secret."""
    return any(fnmatchcase(name, glob) for glob in globs)


def in_command(words: Sequence[str]) -> Iterator[Found]:
    """The secrets of a command and its arguments, by the index of their word."""
    text = "\n".join(words)
    if not may_hold(text) and _TOOLS.search(text) is None:
        return
    from bot.kubernetes.secret_command import (  # noqa: PLC0415  # 30 ms that few files need
        of_words,
    )

    yield from of_words(words)


def in_entry(key: str, value: str) -> Found | None:
    """The worst secret of an entry of a ConfigMap, by its line: a single value, or a whole file."""
    if promise(key) in _SILENT and not may_hold(value):
        return None
    from bot.kubernetes.secret_scan import (  # noqa: PLC0415  # 30 ms that few files need
        of_entry,
    )

    return of_entry(key, value)


def in_secret(key: str, value: str, *, encoded: bool) -> Verdict:
    """Whether an entry of a Secret is real: neither empty, a reference nor a placeholder."""
    from bot.kubernetes.secret_scan import (  # noqa: PLC0415  # 30 ms that few files need
        of_secret,
    )

    return of_secret(key, value, encoded=encoded)


def key_of(name: str) -> str:
    """A variable's name as a key of a Secret, which may hold letters, digits, '-', '_' and '.'."""
    return _KEY.sub("_", name)[:253] or "value"
