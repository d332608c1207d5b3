"""A second opinion on an edited document, by a parser of other hands: ruamel.yaml's own.

It shares no code with libyaml. It reads YAML 1.2, so what a plain scalar stands for is not its
business; that the same characters are scalars, keys, items, comments is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any, TypeAlias

from bot.yamlpatch.document import Document, Node, Stream

Token: TypeAlias = tuple[object, ...]
_END: Token = ("end",)


def agrees(stream: Stream, documents: Iterable[int]) -> bool:
    """Whether the second reader reads these documents as they were read; False where it cannot."""
    chosen = [stream.documents[index] for index in documents]
    if stream.text.startswith("%") or "\n%" in stream.text:  # directives speak of what follows
        return _same(stream.text, stream.documents)
    return all(_same(stream.text[d.start : d.end], (d,)) for d in chosen)


def _same(text: str, documents: Iterable[Document]) -> bool:
    from ruamel.yaml import YAML  # noqa: PLC0415  # 0.1 s that only an edit pays
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415  # the same

    ours = (token for document in documents for token in _tokens(document.root))
    try:
        theirs = _theirs(YAML(typ="safe", pure=True).parse(text))
        return all(one == other for one, other in zip_longest(ours, theirs))
    except (YAMLError, ValueError, AttributeError, IndexError):  # it gives up in many ways
        return False


def _tokens(root: Node | None) -> Iterator[Token]:
    todo: list[Node | Token] = [] if root is None else [root]
    while todo:
        node = todo.pop()
        if not isinstance(node, Node):
            yield node
        elif node.kind == "scalar":
            yield "scalar", node.text, node.plain, node.tag, node.anchor
        elif node.kind == "alias":
            yield "alias", node.text
        else:
            yield node.kind, node.tag, node.anchor
            todo.append(_END)
            todo += reversed(node.items or [part for pair in node.pairs for part in pair])


def _theirs(events: Iterable[Any]) -> Iterator[Token]:
    for event in events:
        name = type(event).__name__
        tag = None if name == "AliasEvent" else _tag(event)
        if name == "ScalarEvent":
            plain = not event.style and bool(event.implicit[0]) and tag is None
            yield "scalar", event.value, plain, tag, event.anchor
        elif name == "AliasEvent":
            yield "alias", event.anchor
        elif name == "MappingStartEvent":
            yield "map", tag, event.anchor
        elif name == "SequenceStartEvent":
            yield "seq", tag, event.anchor
        elif name in ("MappingEndEvent", "SequenceEndEvent"):
            yield _END


def _tag(event: Any) -> str | None:
    tag = getattr(event, "tag", None)
    return None if tag is None or str(tag) == "!" else str(tag)
