"""What a rule is, what it is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal

from bot.config import Config
from bot.frozen import frozen
from bot.kubernetes.evidence import Evidence
from bot.kubernetes.version import ALWAYS, Version, VersionRange
from bot.kubernetes.view import View
from bot.kubernetes.workload import Container, Object, Pod
from bot.model.finding import Applicability, Severity
from bot.model.move import Piece

if TYPE_CHECKING:
    from bot.kubernetes.image_facts import ImageFacts

Target = Container | Pod | Object
Scope = Literal["container", "pod", "object"]
Question = tuple[Any, ...]
"""What only the other objects can answer: plain data, so that it can be stored and asked later."""


@frozen(kw_only=False)
class Violation:
    """A dotted field below the target, and what is wrong with it.

    List items are counted (`env.0.value`); a key that holds dots stands in brackets
    (`metadata.labels[app.kubernetes.io/name]`); the empty field is the target itself.

    `severity` overrides the rule's own. With a `question` it is a violation only where the rule's
    `confirm(question, view)` says so, once all objects in scope are known.
    """

    field: str
    message: str
    severity: Severity | None = None
    question: Question | None = None


@frozen
class SetField:
    """Give a field of the container or of its pod a value."""

    field: str
    value: Any
    target: Scope = "container"


@frozen
class RemoveField:
    """Take a field away."""

    field: str
    target: Scope = "container"


@frozen
class AppendField:
    """Put a value at the end of a list."""

    field: str
    value: Any
    target: Scope = "container"


FieldPatch = SetField | RemoveField | AppendField


@frozen
class MoveToSecret:
    """Move a literal of the container to a Secret, whose value podsec never writes.

    Without pieces it is the whole value of the variable `name`, and `field` is that value;
    else each piece of the text at `field` becomes a reference to a variable of its own.
    """

    field: str
    name: str
    pieces: tuple[Piece, ...] = ()


@frozen
class RuleFix:
    """Patches; a rule may say that here they are safer or riskier than its rule.yaml says.

    `reason` says what they may break, and the facts that they rest on. A `move` stands alone: it
    is always unsafe, and the engine knows where to.
    """

    patches: tuple[FieldPatch, ...] = ()
    move: MoveToSecret | None = None
    applicability: Applicability | None = None
    reason: str = ""


@frozen(kw_only=False)
class Advice:
    """What a person should do where podsec cannot know."""

    text: str


SAY_WINDOWS = Advice(
    "say 'os.name: windows' on the pod: from 1.25 on that exempts it from fields of Linux"
)
"""For a pod that only its node selector sends to Windows; it never gets a field of Linux."""


@frozen
class Context:
    """What a rule may know besides its target."""

    config: Config
    options: Mapping[str, Any] = field(default_factory=dict)
    """The rule's own options: those of its rule.yaml, under those of the config."""
    evidence: Evidence = field(default_factory=Evidence)
    """What is known of images and amounts; only a fix asks for it."""

    @property
    def version(self) -> Version:
        """The Kubernetes version that the manifests are for."""
        return self.config.kubernetes_version

    @property
    def replaces_baseline(self) -> bool:
        """Whether the rule stands in for those that it overrides: under the restricted profile.

        Elsewhere they run too, and say themselves what they find.
        """
        return self.config.profile == "restricted"

    def image_facts(self, container: Container) -> ImageFacts | None:
        """What is known of the container's image."""
        return self.evidence.facts(container, self.config.images)


@frozen
class FixMeta:
    """That a rule can be fixed, and how safely: read without its code."""

    title: str
    applicability: Applicability
    reason: str = ""
    patches: tuple[FieldPatch, ...] = ()


Check = Callable[[Any, Context], Iterator[Violation]]
MakeFix = Callable[[Any, Violation, Context], "RuleFix | Advice | None"]
Confirm = Callable[[Question, View], "bool | str"]
"""Whether a violation stands; a text is its better message."""


@frozen
class Rule:
    """A rule folder, loaded."""

    id: str
    summary: str
    severity: Severity
    profile: str
    applies_to: Scope
    check: Check
    since: str
    check_pod: Check | None = None
    """For a rule of containers: what the pod itself says for all of them."""
    confirm: Confirm | None = None
    kinds: frozenset[str] = frozenset()
    """The kinds of objects that it speaks of, where it applies to objects."""
    fix_meta: FixMeta | None = None
    fix: MakeFix | None = None
    advice: str | None = None
    companion: str | None = None
    """The kind of new object that mends it: sweeps propose these apart."""
    linux_only: bool = False
    versions: VersionRange = ALWAYS
    enabled: bool = True
    """Whether it runs unless the config says otherwise."""
    with_cpu_limit: bool = False
    """Whether it also runs where the config names a CPU limit for all: that is to ask for it."""
    overrides: frozenset[str] = frozenset()
    """The baseline rules that it takes the place of under the restricted profile."""
    sensitive: bool = False
    control: str | None = None
    containers: frozenset[str] = frozenset({"initContainers", "containers", "ephemeralContainers"})
    options: Mapping[str, Any] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    equivalents: Mapping[str, str | list[str]] = field(default_factory=dict)
    folder: str = ""
    is_own: bool = False
    """Whether it is the checked repository's, not podsec's."""

    @property
    def url(self) -> str:
        """Where its README is shown; empty for a rule of the checked repository."""
        if self.is_own:
            return ""
        return f"https://github.com/podsec/podsec/tree/main/rules/{self.folder}"
