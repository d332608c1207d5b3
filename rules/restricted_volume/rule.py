"""Volumes of other types than the restricted profile allows."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Advice, Context, Pod, Violation, as_list, as_mapping

ALLOWED = frozenset(
    {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    }
)


def check(pod: Pod, context: Context) -> Iterator[Violation]:
    """Each volume has an allowed source; one without any is an emptyDir to the API server."""
    for index, volume in enumerate(as_list(pod.spec.get("volumes"))):
        named = as_mapping(volume)
        sources = [key for key in named if key != "name" and named[key] is not None]
        if not sources or not ALLOWED.isdisjoint(sources):
            continue
        if "hostPath" in sources and not context.replaces_baseline:
            continue
        message = f"volume {named.get('name')!r} is of the type {sources[0]!r}"
        yield Violation(f"volumes.{index}.{sources[0]}", message)


def fix(pod: Pod, violation: Violation, context: Context) -> Advice | None:
    """What a repository was cloned for, a claim does not replace."""
    if violation.field.endswith(".gitRepo"):
        return Advice("clone in an init container, into an emptyDir")
    return None
