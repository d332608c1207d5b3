"""Which line of which template a rendered line comes from: templates are rendered with marks.

A mark is a YAML comment at the end of a template's line; helm carries it along, through `include`
and `nindent` too. Where a mark would do harm (an open action, a trimmed line end) there is none.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence

from bot.engine.helm.actions import Template
from bot.frozen import frozen

_MARK = re.compile(r" ?#podsec@(\d+)\.(\d+)#")
_ACTIONS = re.compile(r"\{\{.*?\}\}")
# a key, a list item with a key, or an item that is an action or a word
_YAML_LINE = re.compile(r"\s*(?:- +)*(?:[\"']?[\w./@-]+[\"']?:(?:\s|$)|- +\S)")
_TEMPLATES = (".yaml", ".yml", ".tpl", ".json")


@frozen
class Origin:
    """A line of a template."""

    file: str
    line: int


def is_template(path: str) -> bool:
    """Whether helm renders a file of a chart, or takes definitions from it."""
    parts = path.split("/")
    return "templates" in parts[:-1] and posixpath.splitext(path)[1] in _TEMPLATES


def marked(files: Mapping[str, bytes], chosen: Sequence[str]) -> dict[str, bytes]:
    """The files with marks in the chosen ones, which are numbered in this order."""
    out = dict(files)
    for number, path in enumerate(chosen):
        text = _text(files[path])
        if text is not None:
            out[path] = _marked(text, number).encode()
    return out


def _text(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _marked(text: str, file: int) -> str:
    template = Template(text)
    out: list[str] = []
    for index, line in enumerate(template.lines):
        body = line.rstrip("\r\n")
        end = template.start(index + 1) + len(body)
        out.append(
            f"{body} #podsec@{file}.{index + 1}#{line[len(body) :]}"
            if _may_be_marked(body) and not template.is_inside(end)
            else line
        )
    return "".join(out)


def _may_be_marked(body: str) -> bool:
    stripped = body.rstrip()
    if stripped.endswith(("-}}", "\\")) or stripped.lstrip().startswith(("#", "{{/*")):
        return False
    return _YAML_LINE.match(_ACTIONS.sub("x", body)) is not None


def origins(text: str, chosen: Sequence[str]) -> dict[int, Origin]:
    """By rendered line, from 1, the template line that it comes from, where that is known."""
    found: dict[int, Origin] = {}
    for number, line in enumerate(text.split("\n"), 1):
        marks = _MARK.findall(line)
        if marks:
            file, where = marks[0]
            found[number] = Origin(file=chosen[int(file)], line=int(where))
    return found


def unmarked(text: str) -> str:
    """The text without marks."""
    return _MARK.sub("", text)


def halves(names: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The first half of some names, and the second."""
    every = tuple(names)
    middle = (len(every) + 1) // 2
    return every[:middle], every[middle:]
