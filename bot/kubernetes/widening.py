"""Whether a NetworkPolicy lets more through than before, rule by rule.

Semantics: NetworkPolicySpec of networking.k8s.io/v1. A rule without peers, or without ports, means
all of them; policies only add up, so a policy that isolates less lets more through.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import Any, Literal

from bot.kubernetes.weakening import Loss
from bot.kubernetes.workload import dig

Direction = Literal["ingress", "egress"]
_ALL = None


def policy_losses(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Loss]:
    """What `after` lets through, or leaves open, that `before` did not."""
    if _is_narrower(dig(before, "spec.podSelector"), dig(after, "spec.podSelector")):
        message = "the policy isolates fewer pods than before"
        yield Loss(container=None, field="spec.podSelector", message=message)
    for direction in ("ingress", "egress"):
        if not _isolates(before, direction):
            continue
        if not _isolates(after, direction):
            message = f"the policy no longer isolates {direction}"
            yield Loss(container=None, field="spec.policyTypes", message=message)
            continue
        known = list(_grants(before, direction))
        if any(not _covered(grant, known) for grant in _grants(after, direction)):
            message = f"the policy allows {direction} that it did not allow before"
            yield Loss(container=None, field=f"spec.{direction}", message=message)


def _isolates(policy: Mapping[str, Any], direction: str) -> bool:
    types = dig(policy, "spec.policyTypes")
    if isinstance(types, list) and types:
        return direction.capitalize() in types
    return direction == "ingress" or bool(dig(policy, "spec.egress"))


def _is_narrower(before: Any, after: Any) -> bool:
    """Whether a selector demands all that it did, and more."""
    old, new = _demands(before), _demands(after)
    return old < new


def _demands(selector: Any) -> set[str]:
    labels = dig(selector, "matchLabels")
    expressions = dig(selector, "matchExpressions")
    found = {f"{k}={v}" for k, v in labels.items()} if isinstance(labels, dict) else set()
    listed = expressions if isinstance(expressions, list) else ()
    return found | {json.dumps(expression, sort_keys=True) for expression in listed}


_Grant = tuple[Any, Any]
"""A peer and a port; None is all of them."""


def _grants(policy: Mapping[str, Any], direction: str) -> Iterator[_Grant]:
    rules = dig(policy, f"spec.{direction}")
    for rule in rules if isinstance(rules, list) else ():
        if not isinstance(rule, Mapping):
            continue
        peers = rule.get("from" if direction == "ingress" else "to") or [_ALL]
        for peer in peers:
            for port in rule.get("ports") or [_ALL]:
                yield peer, port


def _covered(grant: _Grant, known: list[_Grant]) -> bool:
    return any(_peer_in(grant[0], peer) and _port_in(grant[1], port) for peer, port in known)


def _peer_in(peer: Any, wider: Any) -> bool:
    if wider is _ALL or peer == wider:
        return True
    inner, outer = dig(peer, "ipBlock"), dig(wider, "ipBlock")
    if not (isinstance(inner, dict) and isinstance(outer, dict)):
        return False
    try:
        return _block_in(inner, outer)
    except ValueError:
        return False


def _block_in(inner: Mapping[str, Any], outer: Mapping[str, Any]) -> bool:
    network = ip_network(str(inner.get("cidr")), strict=False)
    around = ip_network(str(outer.get("cidr")), strict=False)
    if network.version != around.version or not network.subnet_of(around):  # type: ignore[arg-type]  # same version
        return False
    kept = [ip_network(str(hole), strict=False) for hole in inner.get("except") or ()]
    for hole in outer.get("except") or ():
        gap = ip_network(str(hole), strict=False)
        still = any(gap.version == k.version and gap.subnet_of(k) for k in kept)  # type: ignore[arg-type]  # same version
        if gap.overlaps(network) and not still:
            return False
    return True


def _port_in(port: Any, wider: Any) -> bool:
    if wider is _ALL or port == wider:
        return True
    if not (isinstance(port, dict) and isinstance(wider, dict)):
        return False
    if port.get("protocol", "TCP") != wider.get("protocol", "TCP"):
        return False
    if wider.get("port") is None:
        return True
    first, last = port.get("port"), port.get("endPort", port.get("port"))
    least, most = wider.get("port"), wider.get("endPort", wider.get("port"))
    if isinstance(first, int) and isinstance(last, int) and isinstance(least, int):
        return isinstance(most, int) and least <= first and last <= most
    return bool(first == least and last == most)
