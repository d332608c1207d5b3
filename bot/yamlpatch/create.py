"""New YAML files, with comments: written by ruamel.yaml, read back by libyaml.

Only what did not exist before is written so: an existing file is edited as text
(`bot.yamlpatch.edit`). The same input gives the same bytes. Importing this module costs 0.1 s.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from bot.frozen import frozen
from bot.yamlpatch.comments import comments
from bot.yamlpatch.document import Unreadable, read
from bot.yamlpatch.patch import Path, Refused, Value
from bot.yamlpatch.scalar import is_string
from bot.yamlpatch.tree import intended, same

_STEP = 2
_Node: TypeAlias = CommentedMap | CommentedSeq


@frozen
class NewFile:
    """One document of a new file: its value, and what is said about it."""

    value: Mapping[str, Value]
    comment: str = ""
    """What stands above the document; each line becomes a comment line."""
    notes: Mapping[Path, str] = field(default_factory=dict)
    """What stands above a key or a list item, by its path."""


def create(documents: Sequence[NewFile]) -> bytes:
    """The bytes of a new file: UTF-8, LF, one `---` before each document but the first.

    Strings are quoted wherever any reader (YAML 1.1, 1.2, Kubernetes, JSON) would take them for
    something else. Raises Refused where a note has no place, or the text would not read back as
    what was asked for.
    """
    text = "---\n".join(_text(document) for document in documents)
    _demand(text, documents)
    return text.encode("utf-8")


def _text(document: NewFile) -> str:
    yaml = YAML(plug_ins=[])
    yaml.width = 1 << 20
    yaml.indent(mapping=_STEP, sequence=_STEP, offset=0)
    root = _built(document.value)
    placed: dict[Path, list[str]] = {}
    for path, note in document.notes.items():
        placed.setdefault(_line_of(root, path), []).extend(note.splitlines())
    for path, lines in placed.items():
        _annotate(root, path, lines)
    out = io.StringIO()
    yaml.dump(root, out)
    return "".join(f"{line}\n" for line in _commented(document.comment)) + out.getvalue()


def _commented(comment: str) -> Iterator[str]:
    for line in comment.splitlines():
        yield f"# {line}".rstrip()


def _built(value: Value) -> Any:
    if isinstance(value, Mapping):
        pairs = {_string(key): _built(item) for key, item in value.items()}
        return CommentedMap(pairs) if pairs else _flow(CommentedMap())
    if isinstance(value, list | tuple):
        return CommentedSeq(map(_built, value)) if value else _flow(CommentedSeq())
    return _string(value) if isinstance(value, str) else value


def _flow(empty: _Node) -> _Node:
    empty.fa.set_flow_style()
    return empty


def _string(text: str) -> str:
    lines = text.split("\n")
    if len(lines) > 1 and lines[0].strip() and all(line == line.rstrip() for line in lines):
        literal: str = LiteralScalarString(text)
        return literal
    quoted: str = DoubleQuotedScalarString(text)
    return text if is_string(text) else quoted


def _line_of(root: Any, path: Path) -> Path:
    """The path of what opens the line: an item, where its first key shares the line of its dash."""
    holder = root
    for step in path[:-1]:
        holder = _below(holder, step, path)
    if not path or not isinstance(holder, CommentedMap | CommentedSeq):
        raise Refused(f"a note has no place: {path}")
    _below(holder, path[-1], path)
    shares = isinstance(holder, CommentedMap) and path[-1] == next(iter(holder))
    if shares and len(path) > 1 and isinstance(path[-2], int):
        return _line_of(root, path[:-1])
    return path


def _annotate(root: Any, path: Path, lines: Sequence[str]) -> None:
    """Put comment lines above what stands at `path`."""
    holder, column = root, 0
    for step in path[:-1]:
        column += _STEP if isinstance(holder, CommentedMap) and not isinstance(step, int) else 0
        holder = holder[step]
    column -= _STEP if isinstance(holder, CommentedSeq) else 0
    holder.yaml_set_comment_before_after_key(path[-1], before="\n".join(lines), indent=column)


def _below(holder: Any, step: str | int, path: Path) -> Any:
    try:
        return holder[step]
    except (KeyError, IndexError, TypeError) as error:
        raise Refused(f"a note has no place: {path}") from error


def _demand(text: str, documents: Sequence[NewFile]) -> None:
    """Raises Refused where the text is not what was asked for."""
    try:
        stream = read(text.encode("utf-8"))
    except Unreadable as error:
        raise Refused(f"the new file would not be readable: {error.reason}") from error
    alike = len(stream.documents) == len(documents) and all(
        same(intended(wanted.value), found.root)
        for wanted, found in zip(documents, stream.documents, strict=True)
    )
    said = sum(
        len(note.splitlines()) for one in documents for note in (one.comment, *one.notes.values())
    )
    if not alike or len(comments(stream)) != said:
        raise Refused("the new file would not say what was asked for")
