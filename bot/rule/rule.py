"""What a rule is, what it is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.config import Config
from bot.kubernetes.images import ImageFacts, known
from bot.kubernetes.workload import Container, Pod
from bot.model.finding import Applicability, Severity

Target = Container | Pod
Scope = Literal["container", "pod"]


@dataclass(frozen=True, slots=True)
class Violation:
    """A dotted field below the target, and what is wrong with it."""

    field: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetField:
    """Give a field of the container or of its pod a value."""

    field: str
    value: Any
    target: Scope = "container"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveField:
    """Take a field away."""

    field: str
    target: Scope = "container"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendField:
    """Put a value at the end of a list."""

    field: str
    value: Any
    target: Scope = "container"


FieldPatch = SetField | RemoveField | AppendField


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFix:
    """Patches; a rule may say that here they are safer or riskier than its rule.yaml says."""

    patches: tuple[FieldPatch, ...]
    applicability: Applicability | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """What a person should do where podsec cannot know."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a rule may know besides its target."""

    config: Config

    @staticmethod
    def image_facts(container: Container) -> ImageFacts | None:
        """What is known of the container's image."""
        return known(container.image)


@dataclass(frozen=True, slots=True, kw_only=True)
class FixMeta:
    """That a rule can be fixed, and how safely: read without its code."""

    title: str
    applicability: Applicability
    reason: str = ""
    patches: tuple[FieldPatch, ...] = ()


Check = Callable[[Any, Context], Iterator[Violation]]
MakeFix = Callable[[Any, Violation, Context], "RuleFix | Advice | None"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule folder, loaded."""

    id: str
    summary: str
    severity: Severity
    profile: str
    applies_to: Literal["container", "pod"]
    check: Check
    since: str
    fix_meta: FixMeta | None = None
    fix: MakeFix | None = None
    advice: str | None = None
    linux_only: bool = False
    sensitive: bool = False
    control: str | None = None
    containers: frozenset[str] = frozenset({"initContainers", "containers", "ephemeralContainers"})
    references: tuple[str, ...] = ()
    equivalents: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""

    @property
    def url(self) -> str:
        """Where its README is shown."""
        return f"https://github.com/podsec/podsec/tree/main/rules/{self.folder}"
