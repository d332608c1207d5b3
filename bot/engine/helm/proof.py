"""The proof of an edit of a chart: it is rendered again, with every value set and switch.

Proved means: each set that could be rendered still can; it makes the same objects; of these, only
what was intended is other; no key stands twice; no finding came; nothing is broken of what the API
server wants together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from bot.engine.attempt import interlocked
from bot.engine.check import Checker
from bot.engine.helm.change import differing
from bot.engine.helm.intent import Wanted
from bot.engine.helm.judge import findings_of
from bot.engine.helm.marks import is_template
from bot.engine.helm.merge import at, leaves, mappings, tree, values_of
from bot.engine.helm.rendering import ChartSource, NotRendered, Output
from bot.engine.helm.taint import references
from bot.engine.helm.value_sets import ValueSet
from bot.model.finding import Finding
from bot.model.manifest import Manifest
from bot.yamlpatch import Path, Refused

_MOST_SWITCHES = 16
_SIGN = "podsecProof"

Leaf = tuple[str, str, str, Path, str]
"""What may become other: an object's template, kind and name, a leaf's path, its value as JSON."""


def leaves_of(charts: ChartSource, output: Output, wanted: Wanted) -> Iterator[Leaf]:
    """The leaves that an object is to have."""
    for name in _names(charts, output, wanted.manifest):
        for path, value in wanted.becomes.items():
            yield _leaf(wanted.manifest, name, path, value)


def _names(charts: ChartSource, output: Output, manifest: Manifest) -> Iterator[str]:
    """What an object goes by in each set: its name without the release's; none where it is alone.

    Alone means: no other object of its kind comes from its template.
    """
    yield manifest.name.replace(charts.release(output.chosen), "")
    alike = (one for one in output.manifests if one.file == manifest.file)
    if sum(1 for one in alike if one.kind == manifest.kind) == 1:
        yield ""


def _leaf(manifest: Manifest, name: str, path: Path, value: Any) -> Leaf:
    """A leaf that can be compared: true is not 1."""
    text = json.dumps(value, sort_keys=True, default=str)
    return manifest.file, manifest.kind, name, tuple(map(str, path)), text


class Blamed(Refused):
    """A proof that fails for what becomes of one object."""

    def __init__(self, reason: str, manifest: Manifest) -> None:
        super().__init__(reason)
        self.object = manifest.file, manifest.kind, manifest.name


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What an edit of a chart is held against."""

    before: ChartSource
    outputs: Sequence[Output]
    checker: Checker
    complete: bool
    others: Sequence[tuple[ChartSource, Sequence[Output]]] = ()
    """ChartSource of the repository that share files with this one, and what they render to."""

    def prove(self, files: Mapping[str, bytes], allowed: frozenset[Leaf]) -> tuple[Output, ...]:
        """The outputs after the edit. Raises Refused where the proof fails."""
        after = self.before.changed(files)
        outputs = tuple(self._again(after, one, allowed) for one in self.outputs)
        edited = [path for path in files if is_template(path)]
        if edited and self.outputs:
            valued = {path: data for path, data in files.items() if path not in edited}
            base = self.before.changed(valued) if valued else self.before
            for chosen in (self.outputs[0].chosen, *self._rare(edited)):
                for overlay in self._overlays(chosen, edited):
                    _same_otherwise(base, after, (chosen, overlay), allowed)
        for charts, theirs in self.others:
            changed = charts.changed(files)
            for one in theirs:
                new = self._rendered(changed, one.chosen)
                demand_only(charts, one, new, allowed)
        return outputs

    def _rare(self, edited: Sequence[str]) -> Iterator[ValueSet]:
        """The first set that makes objects of an edited template which the defaults do not make."""
        first = {one.file for one in self.outputs[0].manifests}
        for output in self.outputs[1:]:
            if any(one.file in edited and one.file not in first for one in output.manifests):
                yield output.chosen
                return

    def _again(self, after: ChartSource, old: Output, allowed: frozenset[Leaf]) -> Output:
        new = self._rendered(after, old.chosen)
        demand_only(self.before, old, new, allowed)
        known = {_identity(one) for one in self._found(old)}
        come = [one for one in self._found(new) if _identity(one) not in known]
        if come:
            rules = ", ".join(sorted({one.rule for one in come}))
            raise Refused(f"it would bring a new finding with {old.chosen.name}: {rules}")
        if broken := interlocked(new.manifests) - interlocked(old.manifests):
            raise Refused(f"the API server would reject it: {min(broken)[1]}")
        return new

    def _found(self, output: Output) -> tuple[Finding, ...]:
        return findings_of(output, self.checker, complete=self.complete)

    def _rendered(self, after: ChartSource, chosen: ValueSet) -> Output:
        try:
            return after.output(chosen)
        except NotRendered as refused:
            what = f"with {chosen.name} the chart could not be rendered: {refused.reason}"
            raise Refused(what) from refused

    def _overlays(self, chosen: ValueSet, edited: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Values that take other branches: each switch turned, and something in all mappings."""
        values = values_of(self.before.chart, self.before.files, chosen)
        spoken = set(_spoken(self.before, edited))
        turned = [
            tree(path, not value)
            for path, value in leaves(values)
            if isinstance(value, bool) and any(path[: len(one)] == one for one in spoken)
        ]
        yield from turned[:_MOST_SWITCHES]
        yield _filled(values, spoken)


def _same_otherwise(
    base: ChartSource,
    after: ChartSource,
    given: tuple[ValueSet, Mapping[str, Any]],
    allowed: frozenset[Leaf],
) -> None:
    """The proof of the templates with other values: what `base` cannot render proves nothing."""
    chosen, overlay = given
    try:
        old = base.output(chosen, overlay, checks=False)
    except NotRendered:
        return
    try:
        new = after.output(chosen, overlay, checks=False)
    except NotRendered as refused:
        what = f"with {_shown(overlay)} the chart could not be rendered: {refused.reason}"
        raise Refused(what) from refused
    demand_only(base, old, new, allowed, f"{chosen.name} and {_shown(overlay)}")


def _spoken(charts: ChartSource, edited: Sequence[str]) -> Iterable[Path]:
    """The values that the edited templates name; all where others include them."""
    some = {path: charts.files[path] for path in edited if path in charts.files}
    if any(path.endswith(".tpl") for path in some):
        return references(charts)
    return references(charts, some)


def _filled(values: Mapping[str, Any], spoken: Iterable[Path]) -> dict[str, Any]:
    """One more key in every mapping that the templates name, and mappings where nothing is."""
    out: dict[str, Any] = {}
    named = set(spoken)
    known = {path for path, _ in mappings(values)}
    for path in sorted(named):
        if path in known or at(values, path) is None:
            place = out
            for step in path:
                inner = place.setdefault(str(step), {})
                place = inner if isinstance(inner, dict) else {}
            place[_SIGN] = _SIGN
    return out


def demand_only(
    charts: ChartSource,
    old: Output,
    new: Output,
    allowed: frozenset[Leaf],
    where: str | None = None,
) -> None:
    """Raises Refused where anything but the allowed leaves is other.

    What is other each time that the chart is rendered, such as a password, tells nothing.
    """
    with_what = where or old.chosen.name
    if _identities(old) != _identities(new):
        raise Refused(f"with {with_what} the chart would make other objects")
    for before, after in zip(old.manifests, new.manifests, strict=True):
        for path, value in differing(before.data, after.data).items():
            names = _names(charts, old, before)
            if not any(_leaf(before, name, path, value) in allowed for name in names):
                if (before.file, before.kind, before.name, path) in charts.volatile(old.chosen):
                    continue
                told = ".".join(map(str, path))
                raise Blamed(f"with {with_what} it would also change {before.kind} {told}", before)
    if old.data != new.data and _has_duplicates(new.text) and not _has_duplicates(old.text):
        raise Refused(f"with {with_what} a key would stand twice")


def demand_done(outputs: Iterable[Output], shown: Output, wanted: Iterable[Wanted]) -> None:
    """Raises Refused where an object did not become in its set what it was to become."""
    after = next(one for one in outputs if one.chosen.name == shown.chosen.name)
    by_identity = dict(zip(_identities(after), after.manifests, strict=True))
    for one in wanted:
        manifest = one.manifest
        found = by_identity[manifest.file, manifest.kind, manifest.name]
        rest = differing(manifest.data, found.data)
        for path, value in one.becomes.items():
            if path not in rest or rest[path] != value:
                told = ".".join(map(str, path))
                raise Blamed(f"the edit does not bring {manifest.kind} {told}", manifest)


def _identities(output: Output) -> list[tuple[str, str, str]]:
    return [(one.file, one.kind, one.name) for one in output.manifests]


def _identity(finding: Finding) -> tuple[str, ...]:
    one = finding
    return one.rule, one.file, one.kind, one.name, one.container or "", one.field, one.severity


def _shown(overlay: Mapping[str, Any]) -> str:
    found = [(path, value) for path, value in leaves(overlay)]
    if len(found) != 1:
        return "all mappings filled"
    path, value = found[0]
    return f"{'.'.join(map(str, path))}={json.dumps(value)}"


def _has_duplicates(text: str) -> bool:
    """Whether a mapping of any document says a key twice."""
    try:
        return any(_repeats(node) for node in yaml.compose_all(text, Loader=yaml.CSafeLoader))
    except yaml.YAMLError:
        return True


def _repeats(node: Any) -> bool:
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if len(keys) != len(set(keys)):
            return True
        return any(_repeats(value) for _, value in node.value)
    if isinstance(node, yaml.SequenceNode):
        return any(map(_repeats, node.value))
    return False
