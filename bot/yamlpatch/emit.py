"""The text of new values: block lines, one-line flow, and JSON over several lines."""

from __future__ import annotations

import json
from collections.abc import Mapping

from bot.frozen import frozen
from bot.yamlpatch.patch import Value
from bot.yamlpatch.scalar import write


def is_collection(value: Value) -> bool:
    """Whether a value is a mapping or a list that has members."""
    return isinstance(value, Mapping | list | tuple) and bool(value)


@frozen
class Block:
    """How block collections are written here."""

    step: int
    offset: int
    quote: str

    def lines(self, value: Value, column: int) -> list[str]:
        """The lines of a value at `column`; the first carries no indentation."""
        if isinstance(value, Mapping) and value:
            return self._mapping(value, column)
        if isinstance(value, list | tuple) and value:
            return self._listing(value, column)
        return [leaf(value, fallback=self.quote)]

    def indented(self, value: Value, column: int) -> list[str]:
        """The lines of a value at `column`, each with its indentation."""
        first, *rest = self.lines(value, column)
        return [" " * column + first, *rest]

    def below(self, value: Value, key_column: int) -> list[str]:
        """The lines of a collection below a key at `key_column`, each with its indentation."""
        step = self.step if isinstance(value, Mapping) else self.offset
        return self.indented(value, key_column + step)

    def _mapping(self, value: Mapping[str, Value], column: int) -> list[str]:
        out: list[str] = []
        for key, item in value.items():
            indent = " " * column if out else ""
            name = write(key, fallback=self.quote)
            if is_collection(item):
                out += [f"{indent}{name}:", *self.below(item, column)]
            else:
                out.append(f"{indent}{name}: {leaf(item, fallback=self.quote)}")
        return out

    def _listing(self, value: list[Value] | tuple[Value, ...], column: int) -> list[str]:
        out: list[str] = []
        for item in value:
            first, *rest = self.lines(item, column + 2)
            out += [(" " * column if out else "") + "- " + first, *rest]
        return out


@frozen
class Flow:
    """How flow collections are written here."""

    quote: str = '"'
    in_json: bool = False
    colon: str = ": "
    comma: str = ", "
    pad: str = ""

    def text(self, value: Value) -> str:
        """A value on one line."""
        if isinstance(value, Mapping) and value:
            pairs = (f"{self.key(k)}{self.colon}{self.text(v)}" for k, v in value.items())
            return "{" + self.pad + self.comma.join(pairs) + self.pad + "}"
        if isinstance(value, list | tuple) and value:
            return "[" + self.comma.join(self.text(item) for item in value) + "]"
        return leaf(value, fallback=self.quote, flow=True, in_json=self.in_json)

    def key(self, key: str) -> str:
        """A key."""
        return write(key, fallback=self.quote, flow=True, in_json=self.in_json)


def json_lines(value: Value, prefix: str, unit: str, newline: str, colon: str) -> str:
    """JSON over several lines, whose closing bracket stands behind `prefix`."""
    inner = prefix + unit
    if isinstance(value, Mapping) and value:
        pairs = (
            inner
            + json.dumps(k, ensure_ascii=False)
            + colon
            + json_lines(v, inner, unit, newline, colon)
            for k, v in value.items()
        )
        return "{" + newline + ("," + newline).join(pairs) + newline + prefix + "}"
    if isinstance(value, list | tuple) and value:
        items = (inner + json_lines(item, inner, unit, newline, colon) for item in value)
        return "[" + newline + ("," + newline).join(items) + newline + prefix + "]"
    return leaf(value, in_json=True)


def leaf(
    value: Value, *, quote: str = "", fallback: str = '"', flow: bool = False, in_json: bool = False
) -> str:
    """A scalar or an empty collection."""
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, list | tuple):
        return "[]"
    return write(value, quote=quote, fallback=fallback, flow=flow, in_json=in_json)
