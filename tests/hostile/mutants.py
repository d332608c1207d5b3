"""Files made wrong in every way that we could think of, the same ones for the same seed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bot.yamlpatch import Unreadable, read

ROOT = Path(__file__).resolve().parent.parent.parent
SUFFIXES = (".yaml", ".yml", ".json")
LARGEST = 200_000

Mutation = Callable[[random.Random, bytes], bytes]

# what may stand where something else belongs
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**30, 1e308, "", "x", "true", "0777", "a" * 5000, "\u0000",
    "\ud83d\ude00", "{{ .Values.x }}", "${X}", [], {}, [None], [[]], [{}], {"": None}, {"name": {}},
    {"name": 5}, ["name"], [5], {"a": {"b": {"c": [1, {"d": None}]}}}, [{"name": ["x"]}],
)  # fmt: skip
TOKENS = (
    b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xc2\x85", b"\xe2\x80\xa8", b"\r", b"\t", b"\n---\n",
    b"\n...\n", b"%YAML 1.2\n---\n", b"&a ", b"*a", b"<<: *a\n", b"? ", b": ", b"- ", b"!!binary ",
    b"!foo ", b"|", b">-\n", b"'", b'"', b"{", b"}", b"[", b"]", b"#", b"\\ud83d", b"{{", b"}}",
    b"0x" + b"f" * 200, b"9" * 6000, b"- " * 120, b"[" * 1200, b'{"a":' * 1200, b"? " * 60,
    b"\nkind: Pod\n", b"\napiVersion: v1\n", b"\n$patch: delete\n", b"\nitems: []\n",
)  # fmt: skip


def sources(shared: Path | None) -> list[Path]:
    """Real files: our examples and fixtures, and the corpora where they are."""
    folders = [ROOT / "rules", ROOT / "fixtures", ROOT / "deploy", *([shared] if shared else ())]
    found = (p for folder in folders for p in sorted(folder.rglob("*")))
    return [p for p in found if p.suffix in SUFFIXES and p.is_file()]


def mutants(seed: int, first: int, count: int, files: list[Path]) -> Iterator[tuple[str, bytes]]:
    """Mutants number `first` and following, each from a seed of its own."""
    for number in range(first, first + count):
        chance = random.Random(f"{seed}:{number}")
        source = chance.choice(files)
        data = source.read_bytes()[:LARGEST]
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            mutation = chance.choice(MUTATIONS)
            data = mutation(chance, data)
        name = chance.choice(("x.yaml", "x.json", "x-patch.yml", "kustomization.yaml"))
        yield f"{number:05}/{name}", data


def _spot(chance: random.Random, data: bytes) -> int:
    return chance.randint(0, len(data))


def truncate(chance: random.Random, data: bytes) -> bytes:
    return data[: _spot(chance, data)]


def flip(chance: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 3, 20)) if changed else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut(chance: random.Random, data: bytes) -> bytes:
    start, end = sorted((_spot(chance, data), _spot(chance, data)))
    return data[:start] + data[min(end, start + 200) :]


def insert(chance: random.Random, data: bytes) -> bytes:
    at = _spot(chance, data)
    return data[:at] + chance.choice(TOKENS) + data[at:]


def repeat(chance: random.Random, data: bytes) -> bytes:
    """The same lines twice: duplicate keys, doubled documents."""
    lines = data.splitlines(keepends=True)
    if not lines:
        return data
    start = chance.randrange(len(lines))
    some = lines[start : start + chance.choice((1, 1, 5, 50))]
    at = chance.randrange(len(lines))
    return b"".join([*lines[:at], *some, *lines[at:]])


def indent(chance: random.Random, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    for _ in range(chance.choice((1, 3)) if lines else 0):
        at = chance.randrange(len(lines))
        lines[at] = chance.choice((b" ", b"  ", b"\t")) + lines[at]
    return b"".join(lines)


def deepen(chance: random.Random, data: bytes) -> bytes:
    """Nesting that overflows what recurses."""
    depth = chance.choice((50, 150, 250, 3000, 30_000))
    shape = chance.choice(("flow", "map", "dash", "block"))
    if shape == "block":
        text = "".join(f"{' ' * n}k:\n" for n in range(min(depth, 600)))
        return data + b"\n" + text.encode()
    opening, closing = {"flow": ("[", "]"), "map": ('{"a":', "}"), "dash": ("- ", "")}[shape]
    return data + f"\nnested:\n  {opening * depth}x{closing * depth}\n".encode()


def bomb(chance: random.Random, data: bytes) -> bytes:
    """Aliases of aliases: a few lines that expand to millions of values."""
    width = chance.choice((2, 10))
    numbers = range(1, chance.choice((5, 12, 40)))
    layers = (f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in numbers)
    lines = ["a0: &a0 [x, x]", *layers]
    merges = "\n".join(f"m{n}: {{<<: [*a0, *a{n}], x: *a{n}}}" for n in range(3))
    return "\n".join([*lines, merges, ""]).encode() + data


def misplace(chance: random.Random, data: bytes) -> bytes:
    """A wrong type at any path, written as JSON or as YAML of one line."""
    try:
        stream = read(data)
        values = [stream.value(document.index) for document in stream.documents]
    except Unreadable:
        return insert(chance, data)
    value = chance.choice(values) if values else {}
    for _ in range(chance.choice((1, 1, 2, 8))):
        value = _replaced(chance, value)
    text = json.dumps(value, ensure_ascii=chance.random() < 0.5, indent=chance.choice((None, 1)))
    return text.encode("utf-8", "surrogatepass")


def _replaced(chance: random.Random, value: Any) -> Any:
    """The value with one of its parts replaced."""
    if not value or not isinstance(value, dict | list) or chance.random() < 0.08:
        return chance.choice(VALUES)
    if isinstance(value, list):
        at = chance.randrange(len(value))
        return [*value[:at], _replaced(chance, value[at]), *value[at + 1 :]]
    key = chance.choice(list(value))
    return {**value, key: _replaced(chance, value[key])}


MUTATIONS: tuple[Mutation, ...] = (
    truncate, flip, cut, insert, repeat, indent, deepen, bomb,
    misplace, misplace, misplace, misplace,
)  # fmt: skip
