"""What the API server rejects together, though each field alone is valid.

Source of all facts: `ValidatePodSpec` and what it calls in Kubernetes'
pkg/apis/core/validation/validation.go (v1.34), unless a function says otherwise. A fix is compared
before and after: it may not break what held.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from bot.kubernetes.workload import CONTAINER_LISTS, dig

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_PROBE_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_HOOK_HANDLERS = ("exec", "httpGet", "tcpSocket", "sleep")
# validateEphemeralContainers: what is not in allowedEphemeralContainerFields
_NOT_EPHEMERAL = ("ports", *_PROBES, "lifecycle", "resources", "resizePolicy", "restartPolicy")
# validateInitContainers: what only a restartable init container has
_NOT_INIT = (*_PROBES, "lifecycle")
# validateWindows: what a pod with spec.os.name "windows" may not say (KEP-2802)
_NOT_WINDOWS_POD = (
    "hostPID",
    "hostIPC",
    "hostUsers",
    "shareProcessNamespace",
    "securityContext.appArmorProfile",
    "securityContext.seLinuxOptions",
    "securityContext.seccompProfile",
    "securityContext.fsGroup",
    "securityContext.fsGroupChangePolicy",
    "securityContext.sysctls",
    "securityContext.runAsUser",
    "securityContext.runAsGroup",
    "securityContext.supplementalGroups",
    "securityContext.supplementalGroupsPolicy",
)
_NOT_WINDOWS_CONTAINER = (
    "securityContext.appArmorProfile",
    "securityContext.seLinuxOptions",
    "securityContext.seccompProfile",
    "securityContext.capabilities",
    "securityContext.readOnlyRootFilesystem",
    "securityContext.privileged",
    "securityContext.allowPrivilegeEscalation",
    "securityContext.procMount",
    "securityContext.runAsUser",
    "securityContext.runAsGroup",
)
_SUFFIXES = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}


def broken(pod: Mapping[str, Any], *, kind: str) -> frozenset[str]:
    """What the API server would reject in a pod spec of a workload of some kind, in words."""
    return frozenset((*_of_pod(pod), *_of_containers(pod, kind)))


def _of_pod(pod: Mapping[str, Any]) -> Iterator[str]:
    if pod.get("hostPID") is True and pod.get("shareProcessNamespace") is True:
        yield "'hostPID' and 'shareProcessNamespace' are both true"
    if pod.get("hostUsers") is False:  # validateHostUsers
        for field in ("hostNetwork", "hostPID", "hostIPC"):
            if pod.get(field) is True:
                yield f"'hostUsers' is false and {field!r} is true"
    yield from _system(pod)
    yield from _profile(pod, "the pod")
    yield from _twice("volume", (volume.get("name") for volume in _mappings(pod, "volumes")))


def _system(pod: Mapping[str, Any]) -> Iterator[str]:
    if dig(pod, "os.name") == "windows":
        for field in _NOT_WINDOWS_POD:
            if dig(pod, field) is not None:
                yield f"a Windows pod has no {field!r}"
    elif dig(pod, "os.name") == "linux" and dig(pod, "securityContext.windowsOptions") is not None:
        yield "a Linux pod has no 'securityContext.windowsOptions'"


def _of_containers(pod: Mapping[str, Any], kind: str) -> Iterator[str]:
    volumes = {str(volume.get("name")) for volume in _mappings(pod, "volumes")}
    names: list[Any] = []
    for which in CONTAINER_LISTS:
        for container in _mappings(pod, which):
            name = f"container {str(container.get('name') or '')!r}"
            names.append(container.get("name"))
            yield from _privileges(container, name)
            yield from _user(pod, container, name)
            yield from _resources(container, name)
            yield from _handlers(container, name)
            yield from _profile(container, name)
            yield from _placed(pod, container, name, which)
            yield from _environment(container, name)
            # a StatefulSet's claim templates are volumes too, and its template is not validated
            yield from _mounts(container, name, None if kind == "StatefulSet" else volumes)
    yield from _twice("container", names)


def _mappings(data: Mapping[str, Any], field: str) -> Iterator[Mapping[str, Any]]:
    listed = data.get(field)
    return (one for one in (listed if isinstance(listed, list) else ()) if isinstance(one, dict))


def _twice(what: str, names: Any) -> Iterator[str]:
    for name, count in Counter(str(name) for name in names if name is not None).items():
        if count > 1:
            yield f"the {what} name {name!r} stands twice"


def _privileges(container: Mapping[str, Any], name: str) -> Iterator[str]:
    """ValidateSecurityContext: escalation cannot be forbidden to what has all privileges."""
    if dig(container, "securityContext.allowPrivilegeEscalation") is not False:
        return
    if dig(container, "securityContext.privileged") is True:
        yield f"{name} is privileged and forbids privilege escalation"
    added = dig(container, "securityContext.capabilities.add")
    for capability in added if isinstance(added, list) else ():
        if capability in ("CAP_SYS_ADMIN", "SYS_ADMIN"):
            yield f"{name} adds {capability} and forbids privilege escalation"


def _user(pod: Mapping[str, Any], container: Mapping[str, Any], name: str) -> Iterator[str]:
    """The kubelet (verifyRunAsNonRoot) does not start what must not be root and is user 0."""
    nonroot, user = (
        own if (own := dig(container, field)) is not None else dig(pod, field)
        for field in ("securityContext.runAsNonRoot", "securityContext.runAsUser")
    )
    if nonroot is True and user == 0 and user is not False:
        yield f"{name} must not be root and runs as user 0"


def _resources(container: Mapping[str, Any], name: str) -> Iterator[str]:
    """ValidateContainerResourceRequirements."""
    requests, limits = (
        _amounts(container, f"resources.{which}") for which in ("requests", "limits")
    )
    for resource, asked in requests.items():
        allowed = limits.get(resource)
        if allowed is None:
            if _is_exact(resource):
                yield f"{name} requests {resource!r} without a limit"
        elif asked > allowed:
            yield f"{name} has a limit of {resource!r} below its request"
        elif asked != allowed and _is_exact(resource):
            yield f"{name} has a limit of {resource!r} that is not its request"


def _amounts(container: Mapping[str, Any], field: str) -> dict[str, Fraction]:
    found = dig(container, field)
    pairs = found.items() if isinstance(found, dict) else ()
    return {str(key): amount for key, value in pairs if (amount := quantity(value)) is not None}


def _is_exact(resource: str) -> bool:
    """Huge pages and extended resources are not overcommitted."""
    group, _, _ = resource.rpartition("/")
    extended = bool(group) and group != "kubernetes.io" and not group.endswith(".kubernetes.io")
    return extended or resource.startswith("hugepages-")


def quantity(value: object) -> Fraction | None:
    """A Kubernetes quantity (apimachinery, pkg/api/resource) as a number; None for what is none."""
    text = "" if isinstance(value, bool) else str(value).strip()
    power = Fraction(1)
    for suffix, exponent in _BINARY.items():
        if text.endswith(suffix):
            text, power = text.removesuffix(suffix), Fraction(2**exponent)
    if power == 1 and text[-1:] in _SUFFIXES and text:
        power, text = Fraction(10) ** _SUFFIXES[text[-1]], text[:-1]
    try:
        return Fraction(text) * power if "/" not in text else None
    except ValueError:
        return None


def _handlers(container: Mapping[str, Any], name: str) -> Iterator[str]:
    """validateHandler: exactly one a probe and a hook."""
    hooks = [(f"lifecycle.{hook}", _HOOK_HANDLERS) for hook in ("postStart", "preStop")]
    for field, handlers in [*((probe, _PROBE_HANDLERS) for probe in _PROBES), *hooks]:
        said = dig(container, field)
        if isinstance(said, dict):
            count = sum(said.get(handler) is not None for handler in handlers)
            if count != 1:
                yield f"{name} has {count} handlers in {field!r}, not one"


def _profile(holder: Mapping[str, Any], name: str) -> Iterator[str]:
    """validateSeccompProfileField, validateAppArmorProfileField: a file goes with Localhost."""
    for field in ("seccompProfile", "appArmorProfile"):
        profile = dig(holder, f"securityContext.{field}")
        if isinstance(profile, dict):
            named = profile.get("localhostProfile") is not None
            if named != (profile.get("type") == "Localhost"):
                yield f"{name} has a {field} whose type and file do not go together"


def _placed(
    pod: Mapping[str, Any], container: Mapping[str, Any], name: str, which: str
) -> Iterator[str]:
    """What a container may not say where it stands: its list, its system, its network."""
    for field in _forbidden(container, which) + _foreign(pod):
        if dig(container, field) is not None:
            yield f"{name} may not have {field!r} where it stands"
    if pod.get("hostNetwork") is True:  # validateHostNetwork; absent, the host port is defaulted
        for port in _mappings(container, "ports"):
            if port.get("hostPort") not in (None, 0, port.get("containerPort")):
                yield f"{name} is on the host's network with a host port that is not its own"


def _forbidden(container: Mapping[str, Any], which: str) -> tuple[str, ...]:
    if which == "ephemeralContainers":
        return _NOT_EPHEMERAL
    sidecar = container.get("restartPolicy") == "Always"
    return _NOT_INIT if which == "initContainers" and not sidecar else ()


def _foreign(pod: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields of the other operating system, where the pod names its own."""
    windows = ("securityContext.windowsOptions",)
    return {"windows": _NOT_WINDOWS_CONTAINER, "linux": windows}.get(str(dig(pod, "os.name")), ())


def _environment(container: Mapping[str, Any], name: str) -> Iterator[str]:
    """validateEnvVarValueFrom: a value or where it comes from, not both."""
    for entry in _mappings(container, "env"):
        if entry.get("valueFrom") is not None and entry.get("value") not in (None, ""):
            yield f"{name} has both a value and a source for {str(entry.get('name'))!r}"


def _mounts(container: Mapping[str, Any], name: str, volumes: set[str] | None) -> Iterator[str]:
    """ValidateVolumeMounts: of a volume that exists, each at a path of its own."""
    mounts = list(_mappings(container, "volumeMounts"))
    for mount in mounts if volumes is not None else ():
        if volumes is not None and str(mount.get("name")) not in volumes:
            yield f"{name} mounts {str(mount.get('name'))!r}, which is no volume of the pod"
    for path, count in Counter(str(mount.get("mountPath")) for mount in mounts).items():
        if count > 1:
            yield f"{name} mounts two volumes at {path!r}"
