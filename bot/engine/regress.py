"""Regressions by name: what a change weakens in objects that stood before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from bot.engine.compare import Weakened
from bot.engine.fingerprint import fingerprint, identity
from bot.engine.place import dotted, steps
from bot.engine.pods import pod_of
from bot.frozen import frozen
from bot.kubernetes.weakening import Loss, losses, namespace_losses
from bot.kubernetes.widening import policy_losses
from bot.model.finding import Regression
from bot.model.manifest import Manifest

_REGRESSION = "regression"
_Identity = tuple[str, str, str | None, str]


def weakened(
    before: Sequence[Manifest], after: Sequence[Manifest], inhabited: Inhabited
) -> Iterator[Weakened]:
    """Compare each object with what it was, moved ones too; and name removed policies.

    `before` and `after` are the objects of the files that a change touches.
    """
    stood = _Before(before, after)
    for manifest in after:
        old = stood.of(manifest)
        if old is not None and old.data != manifest.data:
            yield from (_weakened(manifest, loss) for loss in _losses(old, manifest))
    for manifest in stood.gone():
        if not _is_policy(manifest) or any(_replaces(other, manifest) for other in after):
            continue
        if manifest.namespace in inhabited.known:
            yield _removed(manifest, "the workloads of its namespace are not")
        elif manifest.namespace in inhabited.possible:
            yield _removed(manifest, "which workloads of its namespace may need")


@frozen
class Inhabited:
    """The namespaces in which workloads remain, and those in which some may that are not seen."""

    known: Collection[str | None]
    possible: Collection[str | None] = ()


class _Before:
    """The objects of before: overlays hold several of one name, so the file comes first."""

    def __init__(self, before: Sequence[Manifest], after: Sequence[Manifest]) -> None:
        self._here = {(m.file, _identity(m)): m for m in before}
        kept = {(m.file, _identity(m)) for m in after}
        self._moved: dict[_Identity, list[Manifest]] = {}
        for key, manifest in self._here.items():
            if key not in kept:
                self._moved.setdefault(key[1], []).append(manifest)
        self._elsewhere = {_identity(m) for m in after}

    def of(self, manifest: Manifest) -> Manifest | None:
        """What an object was; None where that is not certain."""
        key = _identity(manifest)
        if (found := self._here.get((manifest.file, key))) is not None:
            return found
        moved = self._moved.get(key, [])
        return moved[0] if len(moved) == 1 else None

    def gone(self) -> Iterator[Manifest]:
        """The objects that are nowhere any more."""
        for key, manifests in self._moved.items():
            if key not in self._elsewhere:
                yield from manifests


def _identity(manifest: Manifest) -> _Identity:
    group = manifest.api_version.rpartition("/")[0]
    return group, manifest.kind, manifest.namespace, manifest.name


def _is_policy(manifest: Manifest) -> bool:
    return _identity(manifest)[:2] == ("networking.k8s.io", "NetworkPolicy")


def _losses(before: Manifest, after: Manifest) -> Iterator[Loss]:
    old, new = pod_of(before), pod_of(after)
    if old is not None and new is not None:
        yield from losses(old, new)
    elif _is_policy(after):
        yield from policy_losses(before.data, after.data)
    elif after.kind == "Namespace":
        yield from namespace_losses(before.data, after.data)


def _weakened(manifest: Manifest, loss: Loss) -> Weakened:
    base = (*manifest.base, *(manifest.pod_path or ()))
    holder = loss.container.path if loss.container is not None else base
    path = (*holder, *steps(loss.field))
    container = loss.container.name if loss.container is not None else None
    field = dotted(path[len(manifest.base) :])
    return Weakened(
        regression=Regression(
            file=manifest.file,
            line=manifest.stream.locate(manifest.document, path)[0].line,
            kind=manifest.kind,
            name=manifest.name,
            namespace=manifest.namespace,
            container=container,
            field=field,
            message=loss.message,
            fingerprint=_fingerprint(manifest, container, loss.field),
        ),
        document=manifest.document,
        leaf=loss.field,
    )


def _fingerprint(manifest: Manifest, container: str | None, field: str) -> str:
    """The identity of a regression, as that of a finding: no line, no message."""
    subject = identity(
        file=manifest.file,
        kind=manifest.kind,
        namespace=manifest.namespace,
        name=manifest.name,
        container=container or "",
    )
    return fingerprint(_REGRESSION, subject, field)


def _replaces(other: Manifest, gone: Manifest) -> bool:
    """Whether a policy says under another name what one that is gone said."""
    same_place = _is_policy(other) and other.namespace == gone.namespace
    return same_place and other.data.get("spec") == gone.data.get("spec")


def _removed(manifest: Manifest, rest: str) -> Weakened:
    return Weakened(
        regression=Regression(
            file=manifest.file,
            line=1,
            kind=manifest.kind,
            name=manifest.name,
            namespace=manifest.namespace,
            container=None,
            field="",
            message=f"the NetworkPolicy {manifest.name!r} is gone, {rest}",
            fingerprint=_fingerprint(manifest, None, ""),
        ),
        document=-1,
        leaf="",
    )
