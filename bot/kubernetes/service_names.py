"""Which Services a text names: only known names are looked for, so that none is made up.

Facts: the page "DNS for Services and Pods", and "Service": environment variables.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from bot.kubernetes.network_texts import Form, is_hosts, may_be_host

_TOKEN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_PORT = re.compile(r"\.?:(?:(\d{1,5})(?![\w]|\.\w|-\w)|([a-z][a-z0-9-]*)(?![\w.:/]))")
_NEXT_PORT = re.compile(r"[ \t]+(\d{2,5})(?![\w.:/-])")
# what stands before a host in an address: the scheme, a user, other hosts of a list
_ADDRESS = re.compile(r"://(?:[^\s/@'\"]*@)?(?:[^\s/@'\",]+,)*$")
_KEY = re.compile(r"""([A-Za-z][\w.-]*)["']?[ \t]*[:=][ \t]*\[?[ \t]*["']?$""")
_FLAG = re.compile(r"(?:^|[\s'\"])(?:-h|-H|--?([A-Za-z][\w-]*))[ \t]+[\"']?$")
_FETCH = re.compile(r"\b(?:curl|wget|nc|telnet)\b[^|;&\n]*\s[\"']?$")
_VARIABLE = re.compile(
    r"(?<![A-Z0-9_])([A-Z][A-Z0-9_]{0,252}?)_(?:SERVICE_(?:HOST|PORT)\b|SERVICE_PORT_[A-Z0-9_]+"
    r"|PORT_(\d{1,5})_(?:TCP|UDP|SCTP))"
)
_LOOK_BACK = 200
_LEFT = frozenset("_-./\\@")
_ITEM_LEFT = frozenset(" \t\n,;[\"'")
_ITEM_RIGHT = frozenset(" \t\n,;]\"'")
_VALUE_RIGHT = frozenset(" \t\n\r,;]})&\"'")
_LEAST_PORT = 80
"""Below it a number behind a name is rather the version of an image than a port."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text: of a Service, perhaps with its namespace, a pod and a port.

    `is_full`: it names `svc`, and can be nothing else. `is_weak`: it counts only with a port that
    the Service has.
    """

    service: str
    namespace: str | None = None
    pod: str | None = None
    port: int | str | None = None
    is_full: bool = False
    is_weak: bool = False


class ServiceNames:
    """The names to look for."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        self._found: dict[tuple[str, Form, str], tuple[Mention, ...]] = {}

    @cached_property
    def _variables(self) -> dict[str, str]:
        """The prefixes of the variables that the kubelet sets for Services."""
        return {name.upper().replace("-", "_"): name for name in sorted(self._names)}

    def find(self, text: str, form: Form, name: str = "") -> tuple[Mention, ...]:
        """What a text names; `name` is the variable's whose value it is. Each is named once."""
        key = (text, form, name)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = tuple(dict.fromkeys(self._find(text, form, name)))
        return found

    def _find(self, text: str, form: Form, name: str) -> Iterator[Mention]:
        for match in _TOKEN.finditer(text):
            labels = match[0].lower().split(".")
            if any(label in self._names for label in labels[:3]):
                yield from self._mentions(
                    _Token(text, match.start(), match.end(), form, name), labels
                )
        if "_SERVICE_" in text or "_PORT_" in text:
            for match in _VARIABLE.finditer(text):
                service = self._variables.get(match[1])
                if service is not None:
                    port = int(match[2]) if match[2] else None
                    yield Mention(service, port=port)

    def _mentions(self, token: _Token, labels: list[str]) -> Iterator[Mention]:
        if token.is_inside:
            return
        at = labels.index("svc", 1) if "svc" in labels[1:] else 0
        if at >= 2 and labels[at - 2] in self._names:
            pod = labels[at - 3] if at > 2 else None
            yield Mention(labels[at - 2], labels[at - 1], pod, token.port, is_full=True)
        elif at or token.is_in_path:
            return
        elif len(labels) == 1:
            yield from self._short(token, labels[0])
        elif len(labels) <= 3:
            yield from _dotted(labels, self._names, token.port)

    @staticmethod
    def _short(token: _Token, name: str) -> Iterator[Mention]:
        if token.is_address:
            yield Mention(name, port=token.port)
        elif token.port is not None:
            if not isinstance(token.port, int) or token.port >= _LEAST_PORT:
                yield Mention(name, port=token.port, is_weak=True)
        elif token.is_item(name) or token.is_said:
            yield Mention(name)
        elif token.next_port is not None:
            yield Mention(name, port=token.next_port, is_weak=True)


def _dotted(labels: list[str], names: Collection[str], port: int | str | None) -> Iterator[Mention]:
    """`service.namespace`, `pod.service` and `pod.service.namespace`: the resolver tells."""
    if len(labels) == 2 and labels[0] in names:
        yield Mention(labels[0], labels[1], port=port)
    if len(labels) == 2 and labels[1] in names:
        yield Mention(labels[1], None, labels[0], port)
    if len(labels) == 3 and labels[1] in names:
        yield Mention(labels[1], labels[2], labels[0], port)


@dataclass(frozen=True)
class _Token:
    """A word of a text that may be a host, and what stands around it."""

    text: str
    start: int
    end: int
    form: Form
    name: str

    @cached_property
    def _before(self) -> str:
        return self.text[max(0, self.start - _LOOK_BACK) : self.start]

    @cached_property
    def _line(self) -> str:
        return self._before.rpartition("\n")[2]

    @property
    def _left(self) -> str:
        return self.text[self.start - 1] if self.start else ""

    @property
    def _right(self) -> str:
        return self.text[self.end : self.end + 1]

    @property
    def is_inside(self) -> bool:
        """Whether it is a part of a longer word."""
        return self._left in ("_", "-", ".") or self._right in ("_", "-")

    @cached_property
    def is_address(self) -> bool:
        """Whether a scheme stands before it."""
        return "://" in self._before and _ADDRESS.search(self._before) is not None

    @property
    def is_in_path(self) -> bool:
        """Whether it is a part of a path or of a mail address, not of a network address."""
        return self._left in ("/", "\\") and not self.is_address

    @cached_property
    def port(self) -> int | str | None:
        """The port behind it."""
        found = _PORT.match(self.text, self.end)
        if found is None:
            return None
        return int(found[1]) if found[1] else str(found[2])

    @cached_property
    def next_port(self) -> int | None:
        """The number behind it, as in `nc -z redis 6379`."""
        found = _NEXT_PORT.match(self.text, self.end) if self.form in ("words", "file") else None
        return int(found[1]) if found else None

    def is_item(self, service: str) -> bool:
        """Whether it is a whole item of the value of a variable that holds hosts."""
        if self.form not in ("host", "value"):
            return False
        if self._left not in _ITEM_LEFT and self._left:
            return False
        if self._right not in _ITEM_RIGHT and self._right:
            return False
        whole = self.text.strip("\"' \t\n") == self.text[self.start : self.end]
        return self.form == "host" or (whole and may_be_host(self.name, service))

    @property
    def is_said(self) -> bool:
        """Whether what stands before it says that a host follows: a key, a flag, a program."""
        if self._right not in _VALUE_RIGHT and self._right not in ("", "/"):
            return False
        if self._left in _LEFT:
            return False
        key = _KEY.search(self._line)
        if key is not None:
            return is_hosts(key[1]) and self._right != "/"
        if self.form != "words":
            return False
        flag = _FLAG.search(self._line)
        if flag is not None and (flag[1] is None or is_hosts(flag[1])):
            return True
        return self._right in ("/", "") and _FETCH.search(self._line) is not None
