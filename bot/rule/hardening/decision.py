"""A decision: the patches, the facts that they rest on, and what they may break."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bot.frozen import frozen
from bot.kubernetes.image_facts import Source
from bot.rule.rule import Advice, AppendField, FieldPatch, RuleFix, SetField


@frozen
class Decision:
    """What to do about one thing of one container.

    Without doubts it is safe, with doubts unsafe: they say what may break. With `advice` there is
    no edit at all, and it says what a person should do. `basis` are the facts that it rests on.
    """

    patches: tuple[FieldPatch, ...] = ()
    basis: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    advice: str | None = None

    @property
    def is_safe(self) -> bool:
        """Whether nothing that is known speaks against it, and what it rests on is known."""
        return self.advice is None and not self.doubts

    def joined(self, other: Decision) -> Decision:
        """Both at once; equal patches, facts and doubts are one."""
        return Decision(
            patches=_once((*self.patches, *other.patches)),
            basis=tuple(dict.fromkeys((*self.basis, *other.basis))),
            doubts=tuple(dict.fromkeys((*self.doubts, *other.doubts))),
            advice=self.advice or other.advice,
        )

    def doubted(self, *doubts: str) -> Decision:
        """The same, with more that may break."""
        return replace(self, doubts=tuple(dict.fromkeys((*self.doubts, *doubts))))

    def answer(self) -> RuleFix | Advice:
        """What a rule answers."""
        if self.advice is not None:
            return Advice(self.advice)
        rests = f"it rests on {'; '.join(self.basis)}" if self.basis else ""
        return RuleFix(
            patches=self.patches,
            applicability="safe" if self.is_safe else "unsafe",
            reason="; ".join(filter(None, (*self.doubts, rests))),
        )


def _once(patches: Iterable[FieldPatch]) -> tuple[FieldPatch, ...]:
    kept: list[FieldPatch] = []
    for patch in patches:
        if patch not in kept:
            kept.append(patch)
    return tuple(kept)


@dataclass(slots=True, kw_only=True)
class Draft:
    """A decision while its steps add to it."""

    patches: list[FieldPatch] = field(default_factory=list)
    basis: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    advice: str | None = None

    def put(self, field: str, value: object, *, on_pod: bool = False) -> None:
        """Set a field of the container, or of its pod."""
        self.patches.append(
            SetField(field=field, value=value, target="pod" if on_pod else "container")
        )

    def add(self, field: str, value: object, *, on_pod: bool = False) -> None:
        """Append to a list of the container, or of its pod."""
        self.patches.append(
            AppendField(field=field, value=value, target="pod" if on_pod else "container")
        )

    def rest_on(self, source: Source, what: str) -> None:
        """Name a fact; one that is not sure is a doubt."""
        self.basis.append(source.text)
        if not source.sure:
            self.doubts.append(f"{what} is not sure")

    def doubt(self, text: str) -> None:
        """Name what may break."""
        self.doubts.append(text)

    def done(self) -> Decision:
        """The decision."""
        return Decision(
            patches=tuple(self.patches),
            basis=tuple(dict.fromkeys(self.basis)),
            doubts=tuple(dict.fromkeys(self.doubts)),
            advice=self.advice,
        )


def advise(text: str) -> Decision:
    """No edit: what a person should do."""
    return Decision(advice=text)
