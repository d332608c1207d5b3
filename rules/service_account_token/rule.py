"""Pods that are given the token of a ServiceAccount that is bound to nothing."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import (
    Accounts,
    Context,
    Place,
    Pod,
    Question,
    RuleFix,
    SetField,
    View,
    Violation,
    as_list,
    as_mapping,
    folder_of,
)

FIELD = "automountServiceAccountToken"


def check(pod: Pod, context: Context) -> Iterator[Violation]:
    """Where the pod says yes or no itself, or asks for a token as a volume, it has decided."""
    spec = pod.spec
    if spec.get(FIELD) is not None or _projects(pod):
        return
    name = spec.get("serviceAccountName") or spec.get("serviceAccount") or "default"
    yield Violation(
        FIELD,
        f"pod {pod.name!r} mounts the token of ServiceAccount {name!r}, which no binding names",
        question=(pod.owner.file, pod.namespace, str(name)),
    )


def _projects(pod: Pod) -> bool:
    """Whether a volume brings a token: that one is meant."""
    for volume in map(as_mapping, as_list(pod.spec.get("volumes"))):
        sources = as_list(as_mapping(volume.get("projected")).get("sources"))
        if any("serviceAccountToken" in as_mapping(source) for source in sources):
            return True
    return False


def confirm(question: Question, view: View) -> bool:
    """Only where everything is in view: the account and its bindings may stand in other files."""
    if not view.complete:
        return False
    file, namespace, name = question
    return view.derived(Accounts).mounts_needlessly(Place(namespace, folder_of(file)), name)


def fix(pod: Pod, violation: Violation, context: Context) -> RuleFix:
    """The pod's own field; the account's would speak for all its pods."""
    return RuleFix(patches=(SetField(field=FIELD, value=False),))
