"""Edits of templates: lines put beside lines, never a template parsed as YAML.

What a rendered object says decides where; the proof is that the chart is rendered again
(`bot.engine.helm.proof`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.engine.helm.actions import Template
from bot.engine.helm.change import Change
from bot.engine.helm.judge import origin_of
from bot.engine.helm.marks import Origin
from bot.engine.helm.rendering import Output
from bot.kubernetes.workload import reach
from bot.model.manifest import Manifest
from bot.yamlpatch import Edit, Path, Refused, scalar
from bot.yamlpatch.emit import Block, leaf

_KEY = re.compile(
    r"""(?P<lead>[ \t]*(?:-[ ]+)*)(?P<quote>["']?)(?P<key>[\w./-]+)(?P=quote):(?P<rest>.*)"""
)
_ITEM = re.compile(r"(?P<lead>[ ]*)-(?:[ ]|$)")
_FIRST = ("name", "image", "imagePullPolicy", "command", "args")
_STEP = 2


class Splicer:
    """Turns changes of rendered objects into edits of the templates that they come from."""

    def __init__(self, output: Output, templates: Mapping[str, bytes]) -> None:
        self._output = output
        self._texts = templates
        self._read: dict[str, Template] = {}

    def template(self, file: str) -> Template:
        """A template's text, without a BOM. Raises Refused where it is none of the repository."""
        if file not in self._read:
            data = self._texts.get(file)
            if data is None:
                raise Refused("its template is in no file of the repository")
            try:
                self._read[file] = Template(data.decode("utf-8"))
            except UnicodeDecodeError as error:
                raise Refused("its template is not UTF-8") from error
        return self._read[file]

    def edit(self, manifest: Manifest, change: Change) -> tuple[str, Edit]:
        """The file and the edit of one change. Raises Refused, with the reason."""
        if change.is_removal:
            return self._removed(manifest, change)
        if change.key is None:
            return self._joined(manifest, change)
        if not change.is_new:
            return self._replaced(manifest, change)
        return self._added(manifest, change)

    def _added(self, manifest: Manifest, change: Change) -> tuple[str, Edit]:
        """A new key of a mapping: beside one of its keys that stands as text in the template."""
        assert change.key is not None
        home = self._home(manifest, change.parent)
        mapping = reach(manifest.data, change.parent)
        for key in _ordered(mapping if isinstance(mapping, dict) else {}):
            found = self._beside(manifest, change, key, home)
            if found is not None:
                return found
        return self._first(manifest, change, home)

    def _first(self, manifest: Manifest, change: Change, home: Origin) -> tuple[str, Edit]:
        """The new key behind the line of its mapping's own key, as the first one below it."""
        template = self.template(home.file)
        match = _KEY.fullmatch(template.line(home.line))
        offset = template.start(home.line + 1)
        if match is None or match["key"] != change.parent[-1] or match["rest"].strip():
            raise Refused("no line of its template is one that a key could be put beside")
        if template.block_at(offset) != template.block(home.line):
            raise Refused("no line of its template is one that a key could be put beside")
        key, _ = manifest.stream.locate(manifest.document, (*manifest.base, *change.parent))
        below = self._output.text.split("\n")[key.line]
        column = len(match["lead"]) + len(below) - len(below.lstrip()) - (key.column - 1)
        _demand_absent(template, home.line, column, str(change.key))
        text = self._lines({str(change.key): change.value}, column, template)
        return home.file, Edit(start=offset, end=offset, text=text)

    def _home(self, manifest: Manifest, path: Path) -> Origin:
        """The line of a template that begins a mapping, a list or a list's item."""
        origin = self._line_of(manifest, path)
        if origin is None and path and isinstance(path[-1], int):
            inner = reach(manifest.data, path)
            for key in inner if isinstance(inner, dict) else ():
                origin = self._line_of(manifest, (*path, key))
                break
        if origin is None:
            raise Refused("what it belongs to is made by an expression of the template")
        return origin

    def _line_of(self, manifest: Manifest, path: Path) -> Origin | None:
        """The template line of exactly this step of an object."""
        where = (*manifest.base, *path)
        spot, depth = manifest.stream.locate(manifest.document, where)
        return self._output.origins.get(spot.line) if depth == len(where) else None

    def _beside(
        self, manifest: Manifest, change: Change, key: str, home: Origin
    ) -> tuple[str, Edit] | None:
        """The new key behind the line of another one that has its value there, or before it."""
        path = (*change.parent, key)
        origin = self._line_of(manifest, path)
        if origin is None or origin.file != home.file:
            return None
        template = self.template(origin.file)
        match = _KEY.fullmatch(template.line(origin.line))
        if match is None or match["key"] != key:
            return None
        behind = self._ends_there(manifest, path, match["rest"])
        if not behind and "-" in match["lead"]:
            return None
        number = origin.line + 1 if behind else origin.line
        column = len(match["lead"])
        offset = template.start(number)
        if template.block_at(offset) != template.block(home.line) or template.is_inside(offset):
            return None
        if behind and not template.lines[origin.line - 1].endswith("\n"):
            return None
        _demand_absent(template, home.line, column, str(change.key))
        text = self._lines({str(change.key): change.value}, column, template)
        return origin.file, Edit(start=offset, end=offset, text=text)

    def _ends_there(self, manifest: Manifest, path: Path, rest: str) -> bool:
        """Whether a value stands behind its key, on one line of the template."""
        if rest.strip() == "" or rest.lstrip().startswith(("|", ">", "#", "&")):
            return False
        value = reach(manifest.data, path)
        spot, _ = manifest.stream.locate(manifest.document, (*manifest.base, *path))
        is_one_line = spot.line == spot.end_line
        return is_one_line and (not isinstance(value, dict | list) or rest.strip() in ("{}", "[]"))

    def _joined(self, manifest: Manifest, change: Change) -> tuple[str, Edit]:
        """A new first item of a list whose key stands as text in the template."""
        origin = self._line_of(manifest, change.parent)
        if origin is None:
            raise Refused("the list that it joins is made by an expression of the template")
        template = self.template(origin.file)
        match = _KEY.fullmatch(template.line(origin.line))
        if match is None or match["key"] != change.parent[-1] or match["rest"].strip():
            raise Refused("the list that it joins does not begin on a line of its own")
        home = self._home(manifest, change.parent[:-1])
        offset = template.start(origin.line + 1)
        if template.block_at(offset) != template.block(home.line) or home.file != origin.file:
            raise Refused("the list that it joins is not rendered always")
        column = self._item_column(manifest, change.parent, template, origin, len(match["lead"]))
        text = self._lines([change.value], column, template)
        return origin.file, Edit(start=offset, end=offset, text=text)

    def _item_column(
        self, manifest: Manifest, path: Path, template: Template, origin: Origin, key_column: int
    ) -> int:
        """Where the items' dashes stand: as in the template, else as far from the key as rendered.

        An item's own place is behind its dash and one space, as a rule.
        """
        written = _ITEM.match(template.line(origin.line + 1))
        if written is not None:
            return len(written["lead"])
        key, _ = manifest.stream.locate(manifest.document, (*manifest.base, *path))
        lines = self._output.text.split("\n")
        for line in lines[key.line : key.line + 3]:
            item = _ITEM.match(line)
            if item is not None:
                return key_column + len(item["lead"]) - (key.column - 1)
        raise Refused("its items' place cannot be told")

    def _replaced(self, manifest: Manifest, change: Change) -> tuple[str, Edit]:
        """Another value behind a key, where the template says the old one as text."""
        origin = self._line_of(manifest, change.path)
        if origin is None:
            raise Refused("its value is made by an expression of the template")
        template = self.template(origin.file)
        match = _KEY.fullmatch(template.line(origin.line))
        if match is None or match["key"] != change.key:
            raise Refused("its value is made by an expression of the template")
        old = reach(manifest.data, change.path)
        written = re.fullmatch(r"(\s+)([^\s#{}][^#{}]*?)(\s+#.*|\s*)", match["rest"])
        if isinstance(old, dict | list) or written is None or _read(written[2]) != old:
            raise Refused("its value is made by an expression of the template")
        if isinstance(change.value, dict | list):
            raise Refused("a collection takes the place of its value")
        start = template.start(origin.line) + match.start("rest") + len(written[1])
        return origin.file, Edit(start=start, end=start + len(written[2]), text=leaf(change.value))

    def _removed(self, manifest: Manifest, change: Change) -> tuple[str, Edit]:
        """A key that goes, where its line is all of it."""
        path = change.path
        origin = self._line_of(manifest, path)
        if origin is None or isinstance(reach(manifest.data, path), dict | list):
            raise Refused("what goes is made by an expression of the template")
        template = self.template(origin.file)
        match = _KEY.fullmatch(template.line(origin.line))
        if match is None or match["key"] != change.key or "-" in match["lead"]:
            raise Refused("what goes is made by an expression of the template")
        if template.block(origin.line) != template.block(origin.line + 1):
            raise Refused("what goes shares its line with a condition")
        start, end = template.start(origin.line), template.start(origin.line + 1)
        return origin.file, Edit(start=start, end=end, text="")

    @staticmethod
    def _lines(value: Any, column: int, template: Template) -> str:
        """The lines of a new value, as the template's own lines end."""
        offset = 2 if re.search(r"^( *)[\w-]+:[ ]*\n\1  - ", template.text, re.MULTILINE) else 0
        lines = Block(step=_STEP, offset=offset, quote='"').indented(value, column)
        if any("{{" in line for line in lines):
            raise Refused("its value would be read as an expression")
        newline = "\r\n" if "\r\n" in template.text else "\n"
        return "".join(line + newline for line in lines)


def origin_line(output: Output, manifest: Manifest, path: Path) -> Origin | None:
    """The template line of a field or of what holds it."""
    return origin_of(output, manifest, (*manifest.base, *path))


def _ordered(mapping: Mapping[str, Any]) -> Sequence[str]:
    """The keys that a new one is best put beside, first those that every container has."""
    return sorted(mapping, key=lambda key: (key not in _FIRST, _rank(key)))


def _rank(key: str) -> int:
    return _FIRST.index(key) if key in _FIRST else 0


def _demand_absent(template: Template, home: int, column: int, key: str) -> None:
    """Raises Refused where the mapping has the key on another line that is not rendered now."""
    wanted = re.compile(rf"[ ]*(?:-[ ]+)?[\"']?{re.escape(key)}[\"']?:")
    for number in range(home + 1, len(template.lines) + 1):
        line = template.line(number)
        body = line.lstrip(" ")
        if not body or body.startswith(("#", "{{")):
            continue
        indent = len(line) - len(body)
        if indent < column:
            return
        if indent == column and wanted.match(line):
            raise Refused(f"another branch of its template sets {key!r}")


def _read(text: str) -> Any:
    """A scalar of a template, as Kubernetes reads it."""
    quoted = re.fullmatch(r"\"([^\"\\]*)\"|'([^']*)'", text)
    if quoted is not None:
        return quoted[1] or quoted[2] or ""
    return scalar(text, plain=True)
