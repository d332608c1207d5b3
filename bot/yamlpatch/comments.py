"""The comments of a file, in order: none may be lost, changed or swallowed by a value."""

from __future__ import annotations

from bot.yamlpatch.document import Node, Stream


def comments(stream: Stream) -> list[str]:
    """All comments in order: each `#` at a line's start or after a blank, outside scalars."""
    if "#" not in stream.text:
        return []
    found: list[str] = []
    position = 0
    for start, end in sorted(_scalar_spans(stream)):
        found += between(stream.text, position, start)
        position = max(position, end)
    return found + between(stream.text, position, len(stream.text))


def inside(stream: Stream, start: int, end: int) -> bool:
    """Whether a comment stands in a part of the text."""
    if "#" not in stream.text[start:end]:
        return False
    position = start
    for first, last in sorted(_scalar_spans(stream)):
        if between(stream.text, position, min(first, end)):
            return True
        position = max(position, min(last, end))
    return bool(between(stream.text, position, end))


def _scalar_spans(stream: Stream) -> list[tuple[int, int]]:
    """Where scalars stand that may hold a `#`."""
    spans: list[tuple[int, int]] = []
    todo = [document.root for document in stream.documents if document.root is not None]
    while todo:
        node = todo.pop()
        if node.kind == "scalar":
            if "#" in node.text:
                spans.append(_span(stream, node))
            continue
        todo += node.items
        todo += [part for pair in node.pairs for part in pair]
    return spans


def _span(stream: Stream, node: Node) -> tuple[int, int]:
    if not node.is_block_scalar:
        return node.content, node.end
    header = stream.text.find("\n", node.content, node.end)  # which may carry a comment
    return (header if header >= 0 else node.end), node.end


def between(text: str, start: int, end: int) -> list[str]:
    """The comments of a text that holds no scalar with a `#` from `start` to `end`."""
    found = []
    position = text.find("#", start, end)
    while position >= 0:
        step = position + 1
        if position == 0 or text[position - 1] in " \t\n\r":
            line_end = text.find("\n", position)
            step = len(text) if line_end < 0 else line_end
            found.append(text[position:step].rstrip("\r"))
        position = text.find("#", step, end)
    return found
