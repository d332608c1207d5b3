"""Containers that do not drop ALL, or add more than the restricted profile allows."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import (
    DEFAULT_CAPABILITIES,
    SAY_WINDOWS,
    Advice,
    Container,
    Context,
    RuleFix,
    SetField,
    Violation,
    as_list,
    as_mapping,
    plan_of,
)

DROP = "securityContext.capabilities.drop"
ADD = "securityContext.capabilities.add"


def check(container: Container, context: Context) -> Iterator[Violation]:
    """`drop` holds ALL, in capitals as the admission plugin wants it; `add` at most one."""
    capabilities = as_mapping(container.security.get("capabilities"))
    if "ALL" not in as_list(capabilities.get("drop")):
        yield Violation(DROP, f"container {container.name!r} does not drop ALL capabilities")
    added = as_list(capabilities.get("add"))
    if added and (more := [str(name) for name in added if _is_too_much(name, context)]):
        names = ", ".join(repr(name) for name in more)
        yield Violation(ADD, f"container {container.name!r} adds the capabilities {names}")


def _is_too_much(name: object, context: Context) -> bool:
    """Beyond NET_BIND_SERVICE; of what the baseline profile forbids, its own rule speaks."""
    if name == "NET_BIND_SERVICE":
        return False
    return context.replaces_baseline or (isinstance(name, str) and name in DEFAULT_CAPABILITIES)


def fix(container: Container, violation: Violation, context: Context) -> RuleFix | Advice:
    """Drop ALL; what is added stays a person's decision."""
    if container.pod.is_windows:
        return SAY_WINDOWS
    if violation.field == ADD:
        return Advice("take away what the process does not need; only NET_BIND_SERVICE may stay")
    for index, name in enumerate(as_list(container.own(DROP))):
        if isinstance(name, str) and name.upper() == "ALL":
            return _spelled(index)
    return plan_of(container.pod, context).capabilities(container).answer()


def _spelled(index: int) -> RuleFix:
    """The runtimes read it in any case: to spell it right changes the verdict alone."""
    return RuleFix(
        patches=(SetField(field=f"{DROP}.{index}", value="ALL"),),
        applicability="safe",
        reason="container runtimes read it in any case; the standards do not",
    )
