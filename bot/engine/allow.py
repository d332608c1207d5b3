"""Findings allowed by annotations: the new text of a file that says so, proved like every edit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.engine.read import load
from bot.kubernetes.kinds import Kinds
from bot.kubernetes.workload import reach
from bot.model.finding import Finding
from bot.model.manifest import Manifest
from bot.model.permit import Permit
from bot.yamlpatch import Refused, Set, edit


def allowed(
    path: str, data: bytes, findings: Sequence[Finding], permit: Permit, kinds: Kinds
) -> bytes:
    """The file with an annotation at each object that has one of the findings.

    What an annotation of the same name says already stays. Raises Refused where the file cannot be
    edited safely.
    """
    manifests, _ = load(path, data, kinds)
    patches = [patch for one in manifests for patch in _patches(one, findings, permit)]
    if not patches:
        raise Refused("the object is not found in the file")
    return edit(data, patches).data


def _patches(manifest: Manifest, findings: Sequence[Finding], permit: Permit) -> Iterator[Set]:
    place = manifest.document, manifest.kind, manifest.name
    here = [one for one in findings if (one.document, one.kind, one.name) == place]
    if not here:
        return
    containers = sorted({one.container for one in here if one.container})
    entry = permit.entry(containers if all(one.container for one in here) else ())
    path = ("metadata", "annotations", permit.annotation)
    stands = reach(manifest.data, path)
    lines = stands.splitlines() if isinstance(stands, str) else []
    value = "\n".join([*lines, *([] if entry in lines else [entry])])
    yield Set(document=manifest.document, path=(*manifest.base, *path), value=value)
