"""What GitHub's button "Commit suggestion" does to a file."""

from __future__ import annotations

from markdown_it import MarkdownIt

from bot.sandbox.world import Refusal

_PARSER = MarkdownIt("commonmark")


def replaced(data: bytes, start: int, end: int, body: str) -> bytes:
    """The file whose lines `start` to `end` (1-based, inclusive) are the suggestion's.

    Raises Refusal 422 where the comment holds no suggestion, or one that changes nothing.
    """
    fences = (token for token in _PARSER.parse(body) if token.type == "fence")
    found = next((token for token in fences if token.info.strip() == "suggestion"), None)
    if found is None:
        raise Refusal(422, "The comment holds no suggestion")
    lines = data.split(b"\n")
    new = found.content.encode().split(b"\n")[:-1]
    if lines[start - 1 : end] == new:
        raise Refusal(422, "Suggestions cannot be applied where nothing changes")
    lines[start - 1 : end] = new
    return b"\n".join(lines)
