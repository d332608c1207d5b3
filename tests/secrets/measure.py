"""Precision and recall."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Score:
    """Right and wrong answers; the wrong ones by name, never by value."""

    hits: int = 0
    false: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def add(self, name: str, *, found: bool, secret: bool) -> None:
        if found and secret:
            self.hits += 1
        elif found:
            self.false.append(name)
        elif secret:
            self.missed.append(name)

    @property
    def precision(self) -> float:
        found = self.hits + len(self.false)
        return self.hits / found if found else 1.0

    @property
    def recall(self) -> float:
        secrets = self.hits + len(self.missed)
        return self.hits / secrets if secrets else 1.0

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.3f}, recall {self.recall:.3f} "
            f"({self.hits} found, {len(self.false)} false, {len(self.missed)} missed)"
        )
