"""What a change takes away from a workload's hardening, field by field, whatever rules say.

Each field has an order of values: the strong one, absence, the weak one. Sources: PodSpec,
PodSecurityContext and SecurityContext of the Kubernetes API (v1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bot.frozen import frozen
from bot.kubernetes.workload import Container, Pod, dig


@frozen
class Loss:
    """A field below the pod or one of its containers that protects less than before."""

    container: Container | None
    field: str
    message: str


Rank = Callable[[Any], int]


def _true(value: Any) -> int:
    return int(value is True)


def _false(value: Any) -> int:
    return {False: 1, True: -1}.get(value, 0) if isinstance(value, bool) else 0


def _not_true(value: Any) -> int:
    return -int(value is True)


def _profile(value: Any) -> int:
    return {"RuntimeDefault": 1, "Localhost": 1, "Unconfined": -1}.get(str(value), 0)


def _user(value: Any) -> int:
    if not isinstance(value, int):
        return 0
    return -1 if value == 0 else 1


def _set(value: Any) -> int:
    return int(value is not None)


def _masked(value: Any) -> int:
    return -int(value == "Unmasked")


_CONTAINER: dict[str, Rank] = {
    "securityContext.runAsNonRoot": _true,
    "securityContext.runAsUser": _user,
    "securityContext.allowPrivilegeEscalation": _false,
    "securityContext.privileged": _not_true,
    "securityContext.readOnlyRootFilesystem": _true,
    "securityContext.seccompProfile.type": _profile,
    "securityContext.appArmorProfile.type": _profile,
    "securityContext.procMount": _masked,
    "resources.limits.memory": _set,
}
_POD: dict[str, Rank] = {
    "hostNetwork": _not_true,
    "hostPID": _not_true,
    "hostIPC": _not_true,
    "shareProcessNamespace": _not_true,
    "automountServiceAccountToken": _false,
    "hostUsers": _false,
}


def losses(before: Pod, after: Pod) -> Iterator[Loss]:
    """What `after` lacks of `before`. Containers are matched by name; new ones lose nothing."""
    for field, rank in _POD.items():
        message = _lost("the pod", field, before.field(field), after.field(field), rank)
        if message:
            yield Loss(container=None, field=field, message=message)
    yield from _host_paths(before, after)
    known = {container.name: container for container in before.containers}
    for container in after.containers:
        old = known.get(container.name)
        if old is not None:
            yield from _container(old, container)


def _container(before: Container, after: Container) -> Iterator[Loss]:
    subject = f"container {after.name!r}"
    for field, rank in _CONTAINER.items():
        message = _lost(subject, field, before.field(field), after.field(field), rank)
        if message:
            yield Loss(container=after, field=field, message=message)
    yield from _capabilities(before, after, subject)


def _lost(subject: str, field: str, before: Any, after: Any, rank: Rank) -> str:
    if rank(after) >= rank(before):
        return ""
    name = field.removeprefix("securityContext.")
    if after is None:
        return f"{subject} no longer sets {name}: {_shown(before)}"
    if before is None:
        return f"{subject} now sets {name}: {_shown(after)}"
    return f"{subject} changes {name} from {_shown(before)} to {_shown(after)}"


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _capabilities(before: Container, after: Container, subject: str) -> Iterator[Loss]:
    base = "securityContext.capabilities"
    gained = _names(after, "add") - _names(before, "add")
    if gained:
        message = f"{subject} gains {_capability(gained)}"
        yield Loss(container=after, field=f"{base}.add", message=message)
    kept = _names(after, "drop")
    lost = set() if "ALL" in kept else _names(before, "drop") - kept
    if lost:
        message = f"{subject} no longer drops {_capability(lost)}"
        yield Loss(container=after, field=f"{base}.drop", message=message)


def _names(container: Container, which: str) -> set[str]:
    listed = dig(container.spec, f"securityContext.capabilities.{which}")
    return {str(name) for name in listed} if isinstance(listed, list) else set()


def _capability(names: set[str]) -> str:
    word = "the capability" if len(names) == 1 else "the capabilities"
    return f"{word} {', '.join(sorted(names))}"


def _host_paths(before: Pod, after: Pod) -> Iterator[Loss]:
    for path in sorted(_paths(after) - _paths(before)):
        yield Loss(
            container=None, field="volumes", message=f"the pod now reaches the host's {path!r}"
        )


def _paths(pod: Pod) -> set[str]:
    volumes = pod.field("volumes")
    found = (dig(v, "hostPath.path") for v in (volumes if isinstance(volumes, list) else ()))
    return {path for path in found if isinstance(path, str)}


_LEVELS = ("privileged", "baseline", "restricted")
_ENFORCE = "pod-security.kubernetes.io/enforce"


def namespace_losses(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Loss]:
    """A Namespace whose Pod Security Standard is enforced less strictly."""
    old, new = _level(before), _level(after)
    if _LEVELS.index(new) < _LEVELS.index(old):
        yield Loss(
            container=None,
            field=f"metadata.labels[{_ENFORCE}]",
            message=f"the namespace enforces {new!r} instead of {old!r}",
        )


def _level(namespace: Mapping[str, Any]) -> str:
    labels = dig(namespace, "metadata.labels")
    level = labels.get(_ENFORCE) if isinstance(labels, dict) else None
    return level if level in _LEVELS else "privileged"
