"""Random trees, written in random layouts: every style that YAML has for what Kubernetes reads."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from random import Random
from typing import Any

STRINGS = (
    "x",
    "nginx",
    "nginx:1.2",
    "a b",
    "true",
    "yes",
    "y",
    "0777",
    "1.5",
    "null",
    "it's",
    'say "hi"',
    "# no",
    "a # b",
    "a#b",
    "a: b",
    "- x",
    "日本 é",
    "http://x/y?z=1",
    "",
    "  lead",
    "trail ",
    "{a}",
    "[b]",
    "*z",
    "&y",
    "!t",
    "%p",
    "@at",
    "`q",
    "a,b",
    "~",
    "=",
    "on",
    "2020-01-01",
    "1e3",
    "0x1F",
    "12:30:45",
    "line1\nline2\n",
    "a\n\n b\n",
    "# looks like\n# a comment\n",
    "keep\n\n\n",
    "\ttab",
    "back\\slash",
    "x" * 90,
    "😀",
)
KEYS = (
    "name",
    "image",
    "env",
    "value",
    "securityContext",
    "resources",
    "args",
    "ports",
    "labels",
    "a b",
    '"q"',
    "y",
    "on",
    "app.kubernetes.io/name",
    "x-1",
    "1",
    "é",
)
_PLAIN = re.compile(r"[A-Za-z日é/][\w ./#\\日é-]*(?<! )$")
_WORDS = frozenset({"true", "yes", "y", "on", "null", "no", "n", "off", "false"})


def tree(r: Random, size: int, depth: int = 0) -> Any:
    """A random value: mappings, lists, and scalars that are easily misread."""
    kind = r.random()
    if depth > 4 or (depth and kind < 0.35):
        if r.random() < 0.1:
            return r.choice([{}, []])
        return r.choice([True, False, None, 1, 0, 8080, *STRINGS, *STRINGS])
    if depth == 0 or kind < 0.75:
        keys = r.sample(KEYS, r.randint(0 if depth else 1, size))
        return {key: tree(r, size, depth + 1) for key in keys}
    return [tree(r, size, depth + 1) for _ in range(r.randint(0, size))]


@dataclass
class Written:
    """Documents as plain data, the text that holds them, and the comments in it, in order."""

    documents: list[Any]
    text: str
    json: bool = False

    @property
    def comments(self) -> list[str]:
        return comments_of(self.text)


def comments_of(text: str) -> list[str]:
    """The comments that the writer made: no value holds their mark."""
    return re.findall(r"#~\d+", text)


@dataclass
class Writer:
    """Writes trees; each choice of style is the generator's."""

    r: Random
    lines: list[str] = field(default_factory=list)
    with_comments: bool = False
    with_anchors: bool = False
    count: int = 0
    anchors: dict[str, str] = field(default_factory=dict)
    in_literal: bool = False
    """Whether a deeper line would belong to a block scalar."""
    in_kept: bool = False
    """Whether a blank line would."""

    def chance(self, likelihood: float) -> bool:
        return self.r.random() < likelihood

    # -- comments and blanks

    def comment(self) -> str:
        self.count += 1
        tail = self.r.choice(["", " - x: y", " {", ' "q', " é", " a: [b"])
        return f"#~{self.count}{tail}"

    def end(self) -> str:
        """What may follow a value on its line."""
        if self.with_comments and self.chance(0.15):
            return self.r.choice([" ", "  ", "\t", " "]) + self.comment()
        return self.r.choice([" ", "  "]) if self.chance(0.03) else ""

    def between(self, column: int) -> None:
        """Lines between members."""
        while self.with_comments and self.chance(0.12):
            deeper = [0, -2] if self.in_literal else [0, 0, 0, 2, 4, -2]
            indent = max(0, column + self.r.choice(deeper))
            self.lines.append(" " * indent + self.comment())
        if self.chance(0.05) and not self.in_kept:
            self.lines.append(self.r.choice(["", "", "" if self.in_literal else "   "]))

    # -- scalars

    def scalar(self, value: Any, *, flow: bool = False, in_json: bool = False) -> str:
        if in_json:
            return json.dumps(value, ensure_ascii=False)
        if value is None:
            return self.r.choice(["null", "~", "null", "Null"])
        if isinstance(value, bool):
            return self.r.choice(["true", "True"] if value else ["false", "FALSE", "false"])
        if isinstance(value, int):
            return str(value)
        style = self.r.choice("pppsd")
        plain = _PLAIN.match(value) and value.lower() not in _WORDS and " #" not in value
        if style == "p" and plain and not (flow and set(value) & set(",[]{}")):
            return str(value)
        if style == "s" and not set(value) & set("\n\t"):
            return "'" + value.replace("'", "''") + "'"
        return json.dumps(value, ensure_ascii=False)

    def key(self, key: str, *, flow: bool = False, in_json: bool = False) -> str:
        plain = _PLAIN.match(key) and key.lower() not in _WORDS
        if not in_json and plain and self.chance(0.9):
            return key
        if not in_json and self.chance(0.3) and '"' not in key:
            return "'" + key + "'"
        return json.dumps(key, ensure_ascii=False)

    # -- flow

    def flow(self, value: Any, indent: str, *, in_json: bool = False, lines: bool = False) -> str:
        if not isinstance(value, dict | list):
            return self.scalar(value, flow=True, in_json=in_json)
        pad = self.r.choice(["", "", " "])
        opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
        deeper = indent + (self.r.choice(["  ", "    "]) if not in_json else "  ")
        if isinstance(value, dict):
            colon = self.r.choice([": ", ": ", ":"]) if in_json else ": "
            members = [
                self.key(k, flow=True, in_json=in_json)
                + colon
                + self.flow(v, deeper, in_json=in_json, lines=lines)
                for k, v in value.items()
            ]
        else:
            members = [self.flow(v, deeper, in_json=in_json, lines=lines) for v in value]
        if not members:
            return opening + closing
        if lines:
            return self.flow_lines(members, (opening, closing), (indent, deeper), in_json)
        comma = self.r.choice([", ", ", ", ",", ",  "])
        last = self.r.choice([",", ", "]) if not in_json and self.chance(0.1) else ""
        return opening + pad + comma.join(members) + last + pad + closing

    def flow_lines(
        self, members: list[str], brackets: tuple[str, str], indents: tuple[str, str], strict: bool
    ) -> str:
        out = brackets[0] + ("" if strict or not self.with_comments else self.flow_comment()) + "\n"
        for index, member in enumerate(members):
            last = index == len(members) - 1
            comma = "" if last and (strict or self.chance(0.7)) else ","
            out += indents[1] + member + comma + ("" if strict else self.flow_comment()) + "\n"
        return out + indents[0] + brackets[1]

    def flow_comment(self) -> str:
        return " " + self.comment() if self.with_comments and self.chance(0.15) else ""

    # -- block

    def block(self, value: Any, column: int) -> None:
        """A mapping or list at `column`; its first line continues the last one."""
        members = list(value.items()) if isinstance(value, dict) else [(None, v) for v in value]
        for index, (key, item) in enumerate(members):
            if index:
                self.between(column)
                self.lines.append(" " * column)
            if key is None:
                self.item(item, column)
            else:
                self.lines[-1] += self.key(key) + (" :" if self.chance(0.02) else ":")
                self.value(item, column)

    def item(self, item: Any, column: int) -> None:
        if isinstance(item, dict | list) and item and self.chance(0.8):
            gap = self.r.choice([" ", " ", " ", "   "])
            self.lines[-1] += "-" + gap
            self.block(item, column + 1 + len(gap))
        else:
            self.lines[-1] += "-"
            self.value(item, column, in_list=True)

    def value(self, value: Any, column: int, *, in_list: bool = False) -> None:
        """What follows a colon or a dash."""
        self.in_literal = self.in_kept = False
        if self.alias(value):
            return
        anchor = self.anchor(value)
        if isinstance(value, dict | list) and value and self.chance(0.8):
            end = self.end()
            self.lines[-1] += anchor + (end.replace("\t", " ") if in_list else end)
            self.between(column + 1)
            steps = [2, 2, 2, 4, 1, 3] if isinstance(value, dict) else [0, 0, 2, 2, 4]
            deeper = column + max(self.r.choice(steps), 1 if in_list else 0)
            self.lines.append(" " * deeper)
            self.block(value, deeper)
        elif isinstance(value, dict | list):
            in_json = self.chance(0.3)
            lines = bool(value) and self.chance(0.4)
            text = self.flow(value, " " * (column + 2), in_json=in_json, lines=lines)
            self.lines[-1] += anchor + " " + text + self.end()
        elif isinstance(value, str) and self.chance(0.25) and self.literal(value, column, anchor):
            pass
        elif value is None and self.chance(0.5) and not anchor:
            self.lines[-1] += self.end().replace("\t", " ")  # no tab behind a dash
        else:
            gap = self.r.choice([" ", " ", " ", "  "])
            self.lines[-1] += anchor + gap + self.scalar(value) + self.end()

    def literal(self, value: str, column: int, anchor: str) -> bool:
        """A block scalar, where the string can be one."""
        body = value.rstrip("\n")
        if not body or value[0] in " \t\n" or "\t" in value or body != body.rstrip(" "):
            return False
        trailing = len(value) - len(body)
        chomp = {0: "-", 1: ""}.get(trailing, "+")
        if chomp == "" and self.chance(0.2):
            chomp = "+"
        header = f"{anchor} |{chomp}"
        if self.with_comments and self.chance(0.2):
            header += " " + self.comment()
        self.in_literal = True
        self.in_kept = chomp == "+"
        self.lines[-1] += header
        indent = " " * (column + self.r.choice([1, 2, 2, 4]))
        self.lines += [indent + line if line else "" for line in body.split("\n")]
        if chomp == "+":
            self.lines += [""] * (trailing - 1)
        elif self.chance(0.3):
            self.lines.append(self.r.choice(["", "", indent]))
        return True

    # -- anchors

    def alias(self, value: Any) -> bool:
        name = self.anchors.get(repr(value)) if self.with_anchors else None
        if name is None or self.chance(0.3):
            return False
        self.lines[-1] += f" *{name}" + self.end()
        return True

    def anchor(self, value: Any) -> str:
        if not self.with_anchors or value in ({}, [], None, "") or not self.chance(0.3):
            return ""
        name = f"a{len(self.anchors)}"
        if any(known == repr(value) for known in self.anchors):
            return ""
        self.open(value, name)
        return f" &{name}"

    def open(self, value: Any, name: str) -> None:
        self.anchors[repr(value)] = name


def write(r: Random, size: int = 4) -> Written:
    """Documents in a random layout."""
    documents = [tree(r, size) for _ in range(r.choice([1, 1, 1, 2, 3]))]
    if r.random() < 0.15:
        return _json(r, documents[0])
    w = Writer(r, with_comments=r.random() < 0.6, with_anchors=r.random() < 0.2)
    if w.with_anchors:
        for document in documents:
            _repeat(r, document)
    for index, document in enumerate(documents):
        _document(w, document, first=index == 0)
    ends = ["\n", "\n"] if w.in_literal else ["\n", "\n", "\n", "\n\n", ""]
    text = "\n".join(w.lines) + r.choice(ends)
    return Written(documents=documents, text=_ends(r, text))


def _repeat(r: Random, document: dict[str, Any]) -> None:
    """The same value in several places, for aliases."""
    values = [value for value in document.values() if value not in ({}, [], None, "")]
    if values:
        document["again"] = json.loads(json.dumps(r.choice(values)))
        document["list"] = [json.loads(json.dumps(r.choice(values))) for _ in range(2)]


def _document(w: Writer, document: Any, *, first: bool) -> None:
    r = w.r
    w.anchors.clear()
    directive = first and r.random() < 0.05
    if directive:
        w.lines.append("%YAML 1.1")
    if not first or directive or r.random() < 0.3:
        w.lines.append("---" + (" " + w.comment() if w.with_comments and r.random() < 0.2 else ""))
    w.between(0)
    if r.random() < 0.1:
        lines = r.random() < 0.5
        text = w.flow(document, "", in_json=r.random() < 0.3, lines=lines)
        w.lines.append(text + w.end())
    else:
        w.lines.append("")
        w.block(document, 0)
    w.between(0)
    if r.random() < 0.1:
        w.lines.append("...")


def _json(r: Random, document: Any) -> Written:
    indent: Any = r.choice([None, 2, 4, "\t"])
    separators = r.choice([None, (",", ":")]) if indent is None else None
    text = json.dumps(document, indent=indent, separators=separators, ensure_ascii=r.random() < 0.2)
    text = text.replace("\\ud83d\\ude00", "😀")  # libyaml reads no surrogate pairs
    text += r.choice(["\n", "\n", ""])
    return Written(documents=[document], text=_ends(r, text), json=True)


def _ends(r: Random, text: str) -> str:
    """Line ends: LF, CRLF, or some of each; a byte order mark now and then."""
    ends = r.random()
    if ends < 0.15:
        text = text.replace("\n", "\r\n")
    elif ends < 0.25:
        text = re.sub("\n", lambda _: r.choice(["\n", "\r\n"]), text)
    return "\ufeff" + text if r.random() < 0.08 else text
