"""Workloads that no NetworkPolicy selects."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import (
    Context,
    Network,
    Object,
    Pod,
    Question,
    Seen,
    View,
    Violation,
    Workload,
    network_of,
    workload_seen,
)


def check(pod: Pod, context: Context) -> Iterator[Violation]:
    """Pods on the host network are under no policy; a PodTemplate is not a pod yet."""
    owner = pod.owner
    if pod.spec.get("hostNetwork") is not True and owner.kind != "PodTemplate":
        question = (owner.file, owner.namespace, owner.kind, owner.name)
        yield Violation("", f"no NetworkPolicy selects {_called(owner)}", question=question)


def _called(owner: Seen | Object) -> str:
    return f"{owner.kind} {owner.name!r}"


def confirm(question: Question, view: View) -> bool | str:
    """Only where a whole directory is in view, and no policy of another kind may select it."""
    seen = _workload(view, *question) if view.complete else None
    if seen is None:
        return False
    network, workload = view.derived(network_of), workload_seen(seen)
    if network.verdict(workload, "Ingress") != "none":
        return False
    if network.selected(workload, "Egress").sure:
        return f"no NetworkPolicy restricts what may reach {_called(seen)}"
    near = _elsewhere(network, workload)
    return f"no NetworkPolicy selects {_called(seen)}{near}"


def _workload(view: View, file: str, *identity: str | None) -> Seen | None:
    here = (seen for seen in view.of_file(file) if seen.pod_path is not None)
    return next((s for s in here if [s.namespace, s.kind, s.name] == [*identity]), None)


def _elsewhere(network: Network, workload: Workload) -> str:
    """A policy that would select it if it stood in the same namespace: said, not counted."""
    for policy in network.policies if workload.place.namespace is None else ():
        named = policy.place.namespace
        if named and not policy.selector.is_empty and policy.selector.match(workload.labels):
            return (
                f": {policy.name!r} selects its labels in the namespace {named!r}, which this "
                "manifest does not name"
            )
    return ""
