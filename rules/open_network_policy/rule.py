"""Policies that select pods and allow everything."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Context, Object, Place, Violation, policy_of


def check(target: Object, context: Context) -> Iterator[Violation]:
    """An open egress beside a restricted ingress is a usual choice; alone it undoes others."""
    if target.group != "networking.k8s.io":
        return
    policy, called = policy_of(target.spec, Place(None)), f"NetworkPolicy {target.name!r}"
    for number, rule in enumerate(policy.rules("Ingress")):
        if rule.is_open:
            message = f"{called} lets everybody reach its pods, on all ports"
            yield Violation(f"spec.ingress.{number}", message)
    for number, rule in enumerate(policy.rules("Egress")):
        if rule.is_open and "Ingress" not in policy.directions:
            message = f"{called} lets its pods reach everything, on all ports"
            yield Violation(f"spec.egress.{number}", message, severity="low")
