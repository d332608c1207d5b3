"""Which characters of a value or of a command's word have to go to a Secret, and by what names.

A name is taken from what stands before a secret, never from a secret: what is told of one is
looked at with all others taken out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.kubernetes.secret import Verdict, classify, in_command
from bot.kubernetes.secret_place import variable_of
from bot.model.move import Piece

_MOST = 8
"""Secrets of one text that are told apart."""
_NAME_BEFORE = re.compile(r"(?:-D)?([A-Za-z_][\w.\-]*)[\"']?(?:\s*[:=]\s*|\s+)[\"']?$")
_FLAG = re.compile(r"--?([A-Za-z][\w.\-]+)")
_SCHEME = re.compile(r"(?:jdbc:)?([A-Za-z][a-z0-9+]{1,20})://")
_TOKEN = re.compile(r"[\w.+/~%-]*=*")
_NO_NAME = "SECRET"
_TELLING = 4
"""From how many characters on a secret that a name holds would be told by it."""
Find = Callable[[str], "Verdict | None"]
Span = tuple[int, int]


def of_value(name: str, value: str) -> tuple[Piece, ...] | None:
    """What moves of a variable's value: nothing named is all of it, None is nothing.

    An address moves as a whole, since its parts are percent-encoded. What Kubernetes would expand
    in a variable (`$(NAME)`, `$$`) it does not expand in a Secret: that is for a person to split.
    """
    first = classify(name, value)
    if not first:
        return None
    if first.part != "part":
        return () if _is_literal(value) else None

    def find(text: str) -> Verdict | None:
        found = classify(name, text)
        return found if found and found.part == "part" else None

    places = _places(value, find, len(value) - len(value.lstrip()))
    if not places:
        return None
    if value[: places[0][0]].strip() == value[places[-1][1] :].strip() == "" and len(places) == 1:
        return ()
    rest = _without(value, places)
    prefix = variable_of(name)
    return tuple(
        Piece(name=f"{prefix}_{_safe(_named_before(rest[:start]), value[start:end])}",
              start=start, end=end)
        for start, end in places
    )  # fmt: skip


def of_word(words: Sequence[str], at: int) -> tuple[Piece, ...] | None:
    """What moves of a word of a command; None in a shell script, which quotes in its own way."""
    word = words[at]

    def find(text: str) -> Verdict | None:
        return _found(_with(words, at, text), at)

    whole = _address_of(word)
    places = [whole] if whole and find(word) else _places(word, find, 0)
    if not places or not all(_is_literal(word[start:end]) for start, end in places):
        return None
    rest = _without(word, places)
    if find(rest) is not None:
        return None
    return tuple(
        Piece(name=_safe(_name_of(words, at, rest[:start], word[start:end]), word[start:end]),
              start=start, end=end)
        for start, end in places
    )  # fmt: skip


def _found(words: Sequence[str], at: int) -> Verdict | None:
    return next((found.verdict for found in in_command(words) if found.at == at), None)


def _with(words: Sequence[str], at: int, text: str) -> list[str]:
    return [*words[:at], text, *words[at + 1 :]]


def _places(text: str, find: Find, shift: int) -> list[Span] | None:
    """One secret after the other; None where one cannot be told, or there are too many."""
    found: list[Span] = []
    for _ in range(_MOST):
        verdict = find(text)
        if verdict is None:
            return sorted(found)
        if verdict.end <= verdict.start:
            return None  # somewhere in a script
        start, end = verdict.start + shift, _token_end(text, verdict.end + shift)
        if end - start < len("$()") or not _is_literal(text[start:end]):
            return None
        found.append((start, end))
        text = _without(text, [(start, end)])
    return None


def _token_end(text: str, end: int) -> int:
    """A form may know only how a token begins: the signature of a JSON Web Token is secret too."""
    rest = _TOKEN.match(text, end)
    return rest.end() if rest else end


def _without(text: str, places: Sequence[Span]) -> str:
    """The text with references of the same length instead, so that places keep their numbers."""
    for start, end in places:
        text = f"{text[:start]}$({'X' * (end - start - 3)}){text[end:]}"
    return text


def _is_literal(text: str) -> bool:
    """Whether Kubernetes hands it on as it is (third_party/forked/golang/expansion)."""
    return "$(" not in text and "$$" not in text


def _address_of(word: str) -> Span | None:
    """Where an address with a password stands in a word, flag and all."""
    name, sign, value = word.partition("=")
    start = len(name) + 1 if sign and "://" not in name else 0
    value = word[start:]
    return (start, len(word)) if classify("", value).part == "address" else None


def _named_before(text: str) -> str:
    found = _NAME_BEFORE.search(text)
    return variable_of(found[1].rpartition(".")[2]) if found else ""


def _name_of(words: Sequence[str], at: int, lead: str, secret: str) -> str:
    """By its flag, as part of the word or before it, else by what it is."""
    flag = _FLAG.match(lead.partition("=")[0].removeprefix("-D"))
    if "=" in lead:
        return variable_of(flag[1]) if flag else _named_before(lead)
    before = _FLAG.fullmatch(words[at - 1]) if at and not lead else None
    if before and _found(words, at - 1) is None:
        return variable_of(before[1])
    scheme = _SCHEME.match(secret)
    if scheme:
        return f"{variable_of(scheme[1])}_URL"
    return "PASSWORD" if lead.startswith("-") or words[at - 1].startswith("-") else ""


def _safe(name: str, secret: str) -> str:
    """The name, unless it tells the secret."""
    told = variable_of(secret).replace("_", "")
    tells = len(told) >= _TELLING and told in name.replace("_", "")
    return _NO_NAME if tells or not name else name
