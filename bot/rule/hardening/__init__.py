"""How a container is hardened without breaking it: decisions on evidence, each with its reason.

What decides is loaded when a fix first asks: a check without findings does not pay for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.kubernetes.workload import Container, Pod
from bot.rule.rule import Context

if TYPE_CHECKING:
    from bot.rule.hardening.decision import Decision
    from bot.rule.hardening.plan import Plan


def plan_of(pod: Pod, context: Context) -> Plan:
    """The plan of a pod; the rules of one config share it."""
    from bot.rule.hardening.plan import Plan  # noqa: PLC0415  # fixes alone need it

    return context.evidence.once(pod.spec, context.config, lambda: Plan(pod, context))


def decide_request(container: Container, resource: str, context: Context) -> Decision:
    """What a container asks the scheduler for; `resource` is cpu or memory."""
    from bot.rule.hardening.amounts import decide_request as decide  # noqa: PLC0415  # as above

    return decide(container, resource, context)


def decide_limit(container: Container, context: Context) -> Decision:
    """The memory beyond which a container is killed."""
    from bot.rule.hardening.amounts import decide_limit as decide  # noqa: PLC0415  # as above

    return decide(container, context)
