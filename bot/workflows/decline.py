"""Replies that decline what podsec said: for that pull request, they count as a suppression."""

from __future__ import annotations

import re

_QUOTED = re.compile(r"^\s*>")
# the words stand first: "we won't fix this" declines, "they said they won't fix it" tells
_DECLINE = re.compile(
    r"(?:(?:i|we|this|it)(?: is| are|.s| will)? +)?"
    r"(?:won.?t[ -]?fix|will not fix|not going to fix|false positive|accepted risk|"
    r"accept(?:ing)? (?:the|this) risk|by design|as intended|intended|intentional)\b",
    re.IGNORECASE,
)
_LONGEST = 300


def declines(body: str) -> bool:
    """Whether a reply says that what podsec found stays as it is. Quoted lines say nothing."""
    spoken = (line.strip() for line in body.splitlines() if not _QUOTED.match(line))
    first = next((line for line in spoken if line), "")
    return _DECLINE.match(first.lstrip("*_ ")) is not None


def reason(body: str) -> str:
    """What a reply gives as its reason: its first line that is no quote."""
    spoken = (line.strip() for line in body.splitlines() if not _QUOTED.match(line))
    return next((line for line in spoken if line), "")[:_LONGEST]
