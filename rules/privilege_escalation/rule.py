"""Containers that do not forbid privilege escalation."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Advice, Container, Context, RuleFix, SetField, Violation

FIELD = "securityContext.allowPrivilegeEscalation"


def check(container: Container, context: Context) -> Iterator[Violation]:
    """The field must be false; absent it is true."""
    if container.own(FIELD) is not False:
        yield Violation(FIELD, f"container {container.name!r} does not forbid privilege escalation")


def fix(container: Container, violation: Violation, context: Context) -> RuleFix | Advice:
    """Set it, unless the API server would then reject the pod."""
    added = container.own("securityContext.capabilities.add") or ()
    if container.own("securityContext.privileged") is True:
        return Advice("first take away 'privileged: true': the API server rejects both together")
    if {"SYS_ADMIN", "CAP_SYS_ADMIN"} & set(added):
        return Advice("first take away SYS_ADMIN: the API server rejects both together")
    explicit = container.own(FIELD) is not None
    return RuleFix(
        patches=(SetField(field=FIELD, value=False),),
        applicability="unsafe" if explicit else "safe",
        reason="it changes an explicit value" if explicit else "",
    )
