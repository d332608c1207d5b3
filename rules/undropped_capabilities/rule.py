"""Containers that do not drop ALL, or add more than the standards allow."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Advice, AppendField, Container, Context, RuleFix, SetField, Violation

DROP = "securityContext.capabilities.drop"
ADD = "securityContext.capabilities.add"


def check(container: Container, context: Context) -> Iterator[Violation]:
    """`drop` holds ALL, in capitals as the admission plugin wants it; `add` at most one."""
    if "ALL" not in (container.own(DROP) or ()):
        yield Violation(DROP, f"container {container.name!r} does not drop ALL capabilities")
    more = [str(name) for name in container.own(ADD) or () if name != "NET_BIND_SERVICE"]
    if more:
        names = ", ".join(repr(name) for name in more)
        yield Violation(ADD, f"container {container.name!r} adds the capabilities {names}")


def fix(container: Container, violation: Violation, context: Context) -> RuleFix | Advice:
    """Drop ALL; what is added stays a person's decision."""
    if violation.field == ADD:
        return Advice("take away what the process does not need; only NET_BIND_SERVICE may stay")
    for index, name in enumerate(container.own(DROP) or ()):
        if isinstance(name, str) and name.upper() == "ALL":
            return RuleFix(patches=(SetField(field=f"{DROP}.{index}", value="ALL"),))
    facts = context.image_facts(container)
    if facts is not None and facts.file_caps:
        return Advice(f"the image {facts.family!r} needs {', '.join(facts.file_caps)}: add it back")
    if (
        facts is not None
        and facts.step_down
        and container.field("securityContext.runAsUser") is None
    ):
        return Advice(
            f"the image {facts.family!r} starts as root and steps down: set its user first"
        )
    proved = facts is not None and facts.nonroot == "yes" and facts.proved and not facts.low_port
    safe = proved and not container.own(ADD)
    return RuleFix(
        patches=(AppendField(field=DROP, value="ALL"),),
        applicability="safe" if safe else "unsafe",
    )
