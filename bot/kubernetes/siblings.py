"""Containers of the same image that run hardened already, elsewhere in the repository."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.frozen import frozen
from bot.kubernetes.image import parse
from bot.kubernetes.image_facts import (
    Capabilities,
    Fact,
    Files,
    ImageFacts,
    NonRoot,
    Source,
    Writable,
)
from bot.kubernetes.mounts import mounts
from bot.kubernetes.workload import Container, Pod, as_list, as_mapping

_WORDS = re.compile(r"[a-z]{3,}")


@frozen
class _Sibling:
    """A container in which something is hardened."""

    container: Container
    command: str
    empty: tuple[str, ...]
    given: frozenset[str]
    """What is mounted there: empty at first, or with files. Without those it proves nothing."""
    user: int | None
    drops_all: bool
    is_read_only: bool


class Siblings:
    """The hardened containers in view, by image."""

    def __init__(self, pods: Iterable[Pod] = ()) -> None:
        self._known: dict[tuple[str, ...], list[_Sibling]] = {}
        for pod in pods:
            if not pod.is_windows:
                for container in pod.containers:
                    self._add(container)

    def _add(self, container: Container) -> None:
        security = container.security
        user = container.field("securityContext.runAsUser")
        mounted = mounts(container)
        sibling = _Sibling(
            container=container,
            command=_command(container),
            empty=tuple(one.path for one in mounted if one.origin == "empty"),
            given=frozenset(one.path for one in mounted if one.origin != "empty"),
            user=user if isinstance(user, int) and user > 0 else None,
            drops_all="ALL" in as_list(as_mapping(security.get("capabilities")).get("drop")),
            is_read_only=security.get("readOnlyRootFilesystem") is True,
        )
        key = _key(container.image)
        if key and (sibling.user or sibling.drops_all or sibling.is_read_only):
            self._known.setdefault(key, []).append(sibling)

    def facts(self, container: Container) -> ImageFacts | None:
        """What others show that run the same image with the same command."""
        if not self._known:  # as for one file alone
            return None
        key = _key(container.image)
        near = self._known.get(key, ()) if key else ()
        command = _command(container) if near else ""
        paths = {mount.path for mount in mounts(container)} if near else set()
        same = [
            one
            for one in near
            if one.command == command and one.given <= paths and not _is_it(one, container)
        ]
        if not same:
            return None
        return ImageFacts(
            family=container.image,
            nonroot=_nonroot(same),
            capabilities=_capabilities(same),
            files=_files(same),
        )


def _is_it(sibling: _Sibling, container: Container) -> bool:
    other = sibling.container
    return other.path == container.path and _place(other) == _place(container)


def _place(container: Container) -> tuple[str, str, str]:
    owner = container.pod.owner
    return owner.file, owner.kind, owner.name


def _key(image: str) -> tuple[str, ...]:
    """Repository and words of the tag: 1.2-alpine is like 1.3-alpine, not like 1.2."""
    reference = parse(image)
    if reference is None:
        return ()
    words = _WORDS.findall(reference.tag or "")
    return (reference.repository, *sorted(word for word in words if word != "latest"))


def _command(container: Container) -> str:
    return repr(container.spec.get("command"))


def _source(siblings: Sequence[_Sibling], does: str, *, agree: bool) -> Source:
    file, kind, name = _place(siblings[0].container)
    return Source(f"{kind} {name!r} in {file}, where the same image {does}", sure=agree)


def _nonroot(same: Sequence[_Sibling]) -> Fact[NonRoot] | None:
    """Their user, if they have one; they must agree for a safe fix to rest on it."""
    users = [one for one in same if one.user is not None]
    if not users:
        return None
    first = users[0]
    agree = len({one.user for one in users}) == 1
    group = _positive(first.container.field("securityContext.runAsGroup"))
    fs_group = _positive(first.container.pod.own("securityContext.fsGroup"))
    source = _source(users, f"runs as user {first.user}", agree=agree)
    found = NonRoot(verdict="yes", uid=first.user, gid=group, fs_group=fs_group, mounts=first.empty)
    return Fact(found, source)


def _positive(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


def _capabilities(same: Sequence[_Sibling]) -> Fact[Capabilities] | None:
    found = [one for one in same if one.drops_all]
    if not found:
        return None
    added = [
        tuple(map(str, as_list(as_mapping(one.container.security.get("capabilities")).get("add"))))
        for one in found
    ]
    source = _source(found, "drops ALL", agree=len(set(added)) == 1)
    return Fact(Capabilities(of_files=added[0]), source)


def _files(same: Sequence[_Sibling]) -> Fact[Files] | None:
    """Their emptyDirs are what the image writes to beside the volumes that both have."""
    found = [one for one in same if one.is_read_only]
    if not found:
        return None
    agree = len({one.empty for one in found}) == 1
    source = _source(found, "has a read-only root file system", agree=agree)
    writable = tuple(Writable(path=path) for path in found[0].empty)
    return Fact(Files(verdict="with_mounts", writable=writable), source)
