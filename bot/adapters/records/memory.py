"""Records that last as long as the process, for what needs no database."""

from __future__ import annotations


class MemoryRecords:
    """The port Records."""

    def __init__(self) -> None:
        self.texts: dict[tuple[str, str], str] = {}

    def keep(self, kind: str, key: str, value: str) -> None:
        """Store a text, in place of the former one."""
        self.texts[kind, key] = value

    def find(self, kind: str, key: str) -> str | None:
        """The text of a key, or None."""
        return self.texts.get((kind, key))

    def all(self, kind: str) -> tuple[tuple[str, str], ...]:
        """All keys of a kind with their texts, by key."""
        found = sorted(self.texts.items())
        return tuple((key, value) for (of, key), value in found if of == kind)

    def drop(self, kind: str, key: str) -> None:
        """Take a text out."""
        self.texts.pop((kind, key), None)
