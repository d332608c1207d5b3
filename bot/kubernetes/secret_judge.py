"""The judgement itself: by the form of a value, by what its name promises, by what stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.kubernetes import secret_value as looks
from bot.kubernetes.secret import NONE, Kind, Part, Verdict, mentions
from bot.kubernetes.secret_form import matches
from bot.kubernetes.secret_name import Promise, mentions_noun, noun, promise
from bot.kubernetes.secret_text import (
    Assignment,
    assignments,
    credentials,
    tokens_of_urls,
)

LONGEST = 2048
"""Characters of a value that its name may speak of: a longer one is a text."""
_CONSTANT = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_DEFAULTS = "a well-known default, live all the same"


def judge(name: str, text: str) -> Verdict:
    """What a value is, without the blanks around it."""
    if len(text) < 2:
        return NONE
    found = by_form(text)
    if found:
        return found
    if len(text) > LONGEST:
        return _within(text)
    expected = promise(name)
    if expected is not Promise.NOTHING and looks.is_reference(text):
        return NONE
    return _named(expected, name, text) or _within(text)


def by_form(text: str) -> Verdict:
    """What is known by its form: tokens, private keys, addresses with a password."""
    if len(text) < 8:
        return NONE
    if "@" in text and ":" in text:
        for found in credentials(text):
            verdict = _of_address(found)
            if verdict:
                return verdict
    best = NONE
    for match in matches(text):
        whole = match.end - match.start >= len(text) - 2 or "\n" in text
        part: Part = "whole" if whole else "part"
        kind: Kind = "certain" if match.certain else "likely"
        if not best or (best.kind, kind) == ("likely", "certain"):
            reason = f"{match.reason} by its form"
            best = Verdict(kind=kind, reason=reason, part=part, start=match.start, end=match.end)
    return best


def _of_address(found: Assignment) -> Verdict:
    """The password of an address; one that is a reference, or says PASSWORD, is none."""
    password, user = found.value, found.name
    shouted = password.isupper() and user.isupper() and password.isalpha()
    if shouted or looks.is_reference(password) or looks.is_instruction(password):
        return NONE
    known = looks.is_default(password) or password == user
    kind: Kind = "likely" if known and not looks.is_opaque(password) else "certain"
    reason = "an address with a password"
    if kind == "likely":
        reason += f", {_DEFAULTS}"
    return Verdict(kind=kind, reason=reason, part="address", start=found.start, end=found.end)


def _within(text: str) -> Verdict:
    """A password in a longer value: options of Java, connection strings, JSON, query strings."""
    if len(text) < 8:
        return NONE
    if "://" in text:
        for found in tokens_of_urls(text):
            if looks.is_opaque(found.value):
                return _at(found, "certain", "an address with a token", "address")
    if mentions(text):
        return next(_assigned(text), NONE)
    return NONE


def _assigned(text: str) -> Iterator[Verdict]:
    offset = 0
    for line in text.splitlines(keepends=True):
        for found in assignments(line):
            verdict = judged(found.name, found.value)
            if verdict:
                start, end = found.start + offset, found.end + offset
                part: Part = "address" if "://" in text.split(None, 1)[0] else "part"
                yield Verdict(
                    kind=verdict.kind, reason=verdict.reason, part=part, start=start, end=end
                )
        offset += len(line)


def _at(found: Assignment, kind: Kind, reason: str, part: Part) -> Verdict:
    return Verdict(kind=kind, reason=reason, part=part, start=found.start, end=found.end)


def judged(name: str, value: str) -> Verdict:
    """By the name and the value as a whole: what an assignment within a text is judged by."""
    text = value.strip()
    if not 2 <= len(text) <= LONGEST or looks.is_reference(text):
        return NONE
    expected = promise(name)
    if expected in (Promise.WEAK, Promise.NOTHING):
        return NONE
    return _named(expected, name, text)


def _named(expected: Promise, name: str, text: str) -> Verdict:
    if expected in (Promise.NOTHING, Promise.POINTER):
        return NONE
    if looks.is_instruction(text) or looks.is_plain(text) or _repeats(name, text):
        return NONE
    if expected is Promise.CHOSEN:
        return _chosen(name, text)
    if expected is Promise.WEAK:
        return _weak(name, text)
    return _issued(expected, name, text)


def _chosen(name: str, text: str) -> Verdict:
    """A password: whatever stands there is live, but for numbers too short to be one."""
    if text.isdigit() and len(text) < 4:
        return NONE
    return _by_name(name, text, certain=looks.is_strong(text) and not looks.is_default(text))


def _issued(expected: Promise, name: str, text: str) -> Verdict:
    """A token or a key: neither a word that says what kind, nor an example."""
    opaque = looks.is_opaque(text)
    if expected is not Promise.MADE and (looks.is_invented(text) or _is_its_name(name, text)):
        return NONE
    if not opaque and (looks.is_technical(text) or " " in text):
        return NONE
    if expected is Promise.OBJECT and not opaque and _names_an_object(text):
        return NONE
    return _by_name(name, text, certain=looks.is_random(text))


def _names_an_object(text: str) -> bool:
    """`SECRET: shop-tls` names a Secret, `SECRET: s3cr3t` is one."""
    return looks.is_label(text) and ("-" in text or not looks.is_default(text))


def _is_its_name(name: str, text: str) -> bool:
    return re.sub(r"\W|_", "", name).lower() == re.sub(r"\W|_", "", text).lower()


def _weak(name: str, text: str) -> Verdict:
    """A name that says little: the value must look like nothing but a secret."""
    if looks.is_technical(text) or looks.is_invented(text) or looks.is_uuid(text):
        return NONE
    if not looks.is_opaque(text) or not looks.is_dense(text):
        return NONE
    return _by_name(name, text, certain=False)


def _by_name(name: str, text: str, *, certain: bool) -> Verdict:
    reason = f"{noun(name)} by its name"
    if not certain and looks.is_default(text):
        reason = f"{reason}, {_DEFAULTS}"
    return Verdict(kind="certain" if certain else "likely", reason=reason, end=len(text))


def _repeats(name: str, text: str) -> bool:
    """`GOOGLE_API_KEY: GOOGLE_API_KEY_VAL`, `TOKEN: MY_TOKEN`: a name stands for the value."""
    if not _CONSTANT.fullmatch(text):
        return False
    return mentions_noun(text) or text in name.upper()
