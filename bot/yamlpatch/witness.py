"""A second opinion on an edited document, by a parser of other hands: ruamel.yaml's own.

It shares no code with libyaml. It reads YAML 1.2, so what a plain scalar stands for is not its
business; that the same characters are scalars, keys and items is. It is pure Python, so it gets the
edits with all that they stand in and what is beside them, and not what lies far from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from bot.yamlpatch.document import Document, Node, Stream
from bot.yamlpatch.excerpt import Excerpt, Span, excerpt

Token: TypeAlias = tuple[object, ...]
_END: Token = ("end",)
_UNREAD: Token = ("unread",)


def agrees(stream: Stream, documents: Iterable[int], edited: Sequence[Span] | None = None) -> bool:
    """Whether the second reader reads these documents as they were read; False where it cannot.

    With `edited`, the places of edits in order, what lies far from them is left out.
    """
    if stream.text.startswith("%") or "\n%" in stream.text:  # directives speak of what follows
        return _same(Excerpt(stream.text, frozenset()), stream.documents)
    for index in documents:
        document = stream.documents[index]
        whole = Excerpt(stream.text[document.start : document.end], frozenset())
        part = whole if edited is None else excerpt(stream, document, edited)
        if not _same(part, (document,)):
            return False
    return True


def _same(part: Excerpt, documents: Iterable[Document]) -> bool:
    ours = [token for document in documents for token in _tokens(document.root, part.left_out)]
    return list(_read(part.text)) == ours


@lru_cache(maxsize=1024)  # the same container in many files: copies, environments, overlays
def _read(text: str) -> tuple[Token, ...]:
    """What ruamel.yaml reads; an impossible token where it gives up."""
    from ruamel.yaml import YAML  # noqa: PLC0415  # 0.1 s that only an edit pays
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415  # the same

    try:
        return tuple(_theirs(YAML(typ="safe", pure=True, plug_ins=[]).parse(text)))
    except (YAMLError, ValueError, AttributeError, IndexError):  # it gives up in many ways
        return (_UNREAD,)


def _tokens(root: Node | None, left_out: frozenset[int]) -> Iterator[Token]:
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
            todo += reversed(_members(node, left_out))


def _members(node: Node, left_out: frozenset[int]) -> list[Node]:
    if node.kind == "seq":
        return [item for item in node.items if id(item) not in left_out]
    return [part for pair in node.pairs if id(pair[1]) not in left_out for part in pair]


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
