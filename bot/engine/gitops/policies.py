"""NetworkPolicies among what is rendered: the labels to select by, and whom a policy selects.

A selector is written from the rendered pods, in all roots, since transformers (`commonLabels`,
`labels`) add to the labels of sources; peers as `matchExpressions`, which they leave alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.engine.gitops.sources import Source
from bot.engine.gitops.truth import Origins
from bot.kubernetes.selector import NO_KEYS, selector_of
from bot.kubernetes.view import template_labels
from bot.kubernetes.workload import as_mapping, reach
from bot.model.rendering import Rendered, Rendering

Workload = tuple[str, str, str]
"""The file, the kind and the name of a workload, as its source calls it."""


def rendered_labels(
    renderings: Sequence[Rendering], origins: Origins, workload: Workload
) -> Mapping[str, str]:
    """The labels that the pods of a workload have in every root that makes it; none without one."""
    common: dict[str, str] | None = None
    for one in _made(renderings, origins, workload):
        labels = _labels(one)
        if common is None:
            common = labels
        else:
            common = {key: value for key, value in common.items() if labels.get(key) == value}
    return common or {}


def misdirected(
    renderings: Sequence[Rendering], origins: Origins, policy: str, workload: Workload
) -> Iterator[str]:
    """Where a policy, given by its file, does not select exactly the pods of a workload: in words.

    Each root is looked at by itself: there the policy's namespace and selector are what the
    transformers made of them.
    """
    for rendering in renderings:
        policies = [one for one in rendering.objects if one.origin.file == policy]
        for one in (one for one in policies if one.manifest.kind == "NetworkPolicy"):
            yield from _wrong(rendering, origins, one, workload)


def _wrong(
    rendering: Rendering, origins: Origins, policy: Rendered, workload: Workload
) -> Iterator[str]:
    selector = selector_of(reach(policy.manifest.data, ("spec", "podSelector")))
    for one in rendering.objects:
        if not one.manifest.pods or one.manifest.namespace != policy.manifest.namespace:
            continue
        meant = _identity(origins.of(one)) == workload
        selects = selector.match(_labels(one), NO_KEYS)
        if meant and selects is not True:
            yield f"{rendering.root.name}: it does not select {one.manifest.name!r}"
        elif selects is not False and not meant:
            yield f"{rendering.root.name}: it also selects {one.manifest.name!r}"


def _made(
    renderings: Sequence[Rendering], origins: Origins, workload: Workload
) -> Iterator[Rendered]:
    for rendering in renderings:
        for one in rendering.objects:
            if one.origin.file == workload[0] and _identity(origins.of(one)) == workload:
                yield one


def _identity(source: Source | None) -> Workload | None:
    return (source.file, source.kind, source.name) if source is not None else None


def _labels(rendered: Rendered) -> dict[str, str]:
    path = rendered.manifest.pod_path
    labels = template_labels(rendered.manifest.data, path) if path is not None else {}
    return {str(key): str(value) for key, value in as_mapping(dict(labels)).items()}
