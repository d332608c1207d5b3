"""The user that a container gets when it stops being root's: the steps, in their order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.frozen import frozen
from bot.kubernetes import command
from bot.kubernetes.image_facts import ImageFacts, NonRoot
from bot.kubernetes.mounts import mounts
from bot.kubernetes.workload import Container, as_mapping
from bot.rule.hardening.decision import Draft
from bot.rule.hardening.needs import configured, new_volumes, open_low_ports
from bot.rule.rule import Context

NONROOT = "securityContext.runAsNonRoot"
USER = "securityContext.runAsUser"
GROUP = "securityContext.runAsGroup"
FS_GROUP = "securityContext.fsGroup"
WINDOWS = (
    "set runAsNonRoot to true; on Windows the image's user, or "
    "windowsOptions.runAsUserName, must not be ContainerAdministrator"
)


@frozen
class Numbers:
    """A user with its groups; `fs_group` owns the pod's volumes."""

    user: int
    group: int
    fs_group: int


@frozen
class Identity:
    """Who a container is to be; `numbers` None: who it is already, or nobody can be chosen.

    `needs` is what that user needs besides. `changes`: the process was another before.
    """

    numbers: Numbers | None
    needs: Draft
    changes: bool = True


def choose(container: Container, facts: ImageFacts | None, context: Context) -> Identity:
    """The whole procedure: what the manifest states, what forbids it, the image, what it needs."""
    stated = _stated(container)
    if stated is not None:
        return stated
    hindered = _hindered(container, facts)
    if hindered is not None:
        return hindered
    return _by_image(container, facts, context)


def rename(container: Container, facts: ImageFacts | None, context: Context) -> Identity:
    """Another user for a container that names root: what it states does not count."""
    return _hindered(container, facts) or _by_image(container, facts, context)


def _nobody(advice: str) -> Identity:
    return Identity(numbers=None, needs=Draft(advice=advice))


def _stated(container: Container) -> Identity | None:
    """Step 1: the manifest names a user, so that only the promise is missing."""
    user = container.field(USER)
    if container.pod.is_windows:
        return _nobody(WINDOWS)
    if not isinstance(user, int) or isinstance(user, bool):
        return None
    if user == 0:
        return _nobody("first choose another user than 0: the kubelet would refuse to start it")
    draft = Draft(basis=[f"the manifest, which says user {user}"])
    return Identity(numbers=None, needs=draft, changes=False)


def _hindered(container: Container, facts: ImageFacts | None) -> Identity | None:
    """Step 2: what is known to need root."""
    if facts is not None and facts.nonroot is not None and facts.nonroot.value.verdict == "no":
        source = facts.nonroot.source.text
        return _nobody(
            f"the image {facts.family!r} is known to need root ({source}); choose another image"
        )
    words = command.of_root(container)
    if words:
        named = ", ".join(repr(word) for word in words)
        return _nobody(
            f"its command line says {named}, which only root can do: move that into the image "
            "or to fsGroup, or allow it"
        )
    return None


def _by_image(container: Container, facts: ImageFacts | None, context: Context) -> Identity:
    """Step 3: the image's user where it has one, a user that it is known to run as, a default."""
    default = Numbers(
        user=context.config.run_as_user,
        group=context.config.run_as_group,
        fs_group=context.config.fs_group,
    )
    draft = Draft()
    if facts is None:
        draft.doubt(
            f"nothing is known of the image {container.image!r} (no entry in the config's "
            "'images'; no report, Dockerfile or hardened sibling in view): it must start, and "
            f"reach its files and ports, as user {default.user}"
        )
        return _changed(container, None, default, draft, context)
    if facts.nonroot is not None and facts.nonroot.value.verdict == "base":
        simple = command.harmless(container)
        if simple is not None:
            draft.basis.append(f"its command line, which any user may run: {simple!r}")
            return Identity(numbers=default, needs=draft)
    if facts.user is not None and not facts.user.value.is_root:
        draft.rest_on(facts.user.source, "the image's user")
        draft.basis += [f"though {conflict}" for conflict in facts.conflicts]
        return _kept(container, facts, default, draft)
    found = _changed(container, facts, _chosen(facts, default, draft), draft, context)
    draft.basis += [f"though {conflict}" for conflict in facts.conflicts]
    return found


def _kept(container: Container, facts: ImageFacts, default: Numbers, draft: Draft) -> Identity:
    """The image runs as another than root already: the process stays who it is."""
    assert facts.user is not None  # asked before
    user = facts.user.value
    nonroot = facts.nonroot.value if facts.nonroot else NonRoot(verdict="unknown")
    if user.uid is None and nonroot.uid is None:
        draft.doubt(
            f"the image runs as {user.name!r}, whose number is not known: it must start as user "
            f"{default.user}"
        )
    numbers = _numbers(replace(nonroot, uid=user.uid or nonroot.uid), user.gid, default, draft)
    _look_at_volumes(container, facts, draft, changes=False)
    return Identity(numbers=numbers, needs=draft, changes=False)


def _chosen(facts: ImageFacts, default: Numbers, draft: Draft) -> Numbers:
    """The user that an image of root's is known to run as."""
    nonroot = facts.nonroot.value if facts.nonroot else NonRoot(verdict="unknown")
    if nonroot.verdict in ("base", "unknown"):
        base = "what it runs is the manifest's own" if nonroot.verdict == "base" else "it is root's"
        draft.doubt(
            f"of the image {facts.family!r} only this is known: {base}; it must start, and reach "
            f"its files and ports, as user {default.user}"
        )
        return default
    assert facts.nonroot is not None  # or its verdict would be unknown
    draft.rest_on(facts.nonroot.source, f"that {facts.family!r} runs as another than root")
    if nonroot.by_hand:
        draft.doubt(f"{facts.family!r} needs more: {'; '.join(nonroot.changes)}")
    if nonroot.uid is None and not nonroot.any_uid:
        draft.doubt(f"the number of its user is not known: it must start as user {default.user}")
    if nonroot.uid is None:
        return default
    return _numbers(nonroot, None, default, draft)


def _numbers(nonroot: NonRoot, gid: int | None, default: Numbers, draft: Draft) -> Numbers:
    """The numbers of an image; of a group that is root's another is made, with a doubt."""
    group = nonroot.gid if nonroot.gid is not None else gid
    user = nonroot.uid or default.user
    if group is None:
        group = default.group if nonroot.uid is None else user
    if group == 0:
        group = nonroot.fs_group or user
        draft.doubt(f"files of the image belong to the group 0: it must do with the group {group}")
    return Numbers(user=user, group=group, fs_group=nonroot.fs_group or group)


def _changed(
    container: Container,
    facts: ImageFacts | None,
    numbers: Numbers,
    draft: Draft,
    context: Context,
) -> Identity:
    """Step 4: the process becomes another: its command, files, ports and volumes."""
    if facts is not None and command.replaces_entrypoint(container):
        draft.doubt(f"its command line is its own: it must work as user {numbers.user}")
    if container.security.get("privileged") is True:
        draft.doubt("it is privileged: what it does to the node may need root")
    if any(as_mapping(hook).get("exec") for hook in _hooks(container)):
        draft.doubt(f"its lifecycle hooks must work as user {numbers.user}, too")
    nonroot = facts.nonroot.value if facts and facts.nonroot else NonRoot(verdict="unknown")
    new_volumes(container, nonroot.mounts, draft)
    _look_at_volumes(container, facts, draft, changes=True)
    open_low_ports(container, facts, draft, context)
    return Identity(numbers=numbers, needs=draft)


def _hooks(container: Container) -> Iterable[object]:
    return as_mapping(container.spec.get("lifecycle")).values()


def _look_at_volumes(
    container: Container, facts: ImageFacts | None, draft: Draft, *, changes: bool
) -> None:
    """Step 5: files on volumes belong to somebody already."""
    mounted = mounts(container)
    claimed = [one for one in mounted if one.origin == "claim"]
    kept = by_hand(container, facts)
    if kept is not None:
        draft.advice = kept
    elif claimed and container.pod.own(FS_GROUP) in (None, 0):
        draft.doubt(f"the files of the claim at {claimed[0].path!r} get another group")
    for one in mounted if changes else ():
        if one.outlives_pod:
            draft.doubt(f"the files of the volume at {one.path!r} must be its user's to use")
    if changes and facts is not None:
        configured(container, draft)


def by_hand(container: Container, facts: ImageFacts | None) -> str | None:
    """The advice for an image that keeps data, on a volume that may hold some; else None."""
    lasting = next((one.path for one in mounts(container) if one.outlives_pod), None)
    if facts is None or not facts.keeps_data or lasting is None:
        return None
    known = facts.nonroot.value if facts.nonroot else NonRoot(verdict="unknown")
    keeps = f"the image {facts.family!r} keeps data in the volume at {lasting!r}"
    changes = "".join(f"; {change}" for change in known.changes)
    if known.uid is None:
        return f"{keeps}: find its user, and try it on a copy of the data{changes}"
    return (
        f"{keeps}: set runAsNonRoot, runAsUser {known.uid} and fsGroup "
        f"{known.fs_group or known.uid} with fsGroupChangePolicy OnRootMismatch once that is "
        f"tried on a copy of the data{changes}"
    )


def group_of(facts: ImageFacts | None) -> int | None:
    """The group that an image is made for, where it is known and not root's."""
    if facts is None:
        return None
    own = facts.user.value.gid if facts.user else None
    return (facts.nonroot.value.gid if facts.nonroot else None) or own or None


def is_of_group_0(facts: ImageFacts | None) -> bool:
    """Whether the image's files are for the group 0 by design, as OpenShift asks of images."""
    return facts is not None and facts.nonroot is not None and facts.nonroot.value.gid == 0
