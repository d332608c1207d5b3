"""Memory in a dictionary."""

from __future__ import annotations


class FakeMemory:
    """The port Memory."""

    def __init__(self) -> None:
        self.texts: dict[tuple[str, str], str] = {}

    def keep(self, kind: str, key: str, value: str) -> None:
        self.texts[kind, key] = value

    def find(self, kind: str, key: str) -> str | None:
        return self.texts.get((kind, key))

    def all(self, kind: str) -> tuple[tuple[str, str], ...]:
        found = sorted(self.texts.items())
        return tuple((key, value) for (of, key), value in found if of == kind)
