"""What holds once all is rendered: findings on rendered objects, by the identity of their source.

A finding has the identity that it would have where its object is written, so that what the rules
say of sources and of rendered objects is matched by it: a finding on a source that no root shows
is none, and one that only a root shows is told at the place that decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace

from bot.engine.check import Candidate, Checker, seen_of, unique
from bot.engine.gitops.deciding import Deciders, Place
from bot.engine.gitops.sources import Source, source_of, sources, translated
from bot.engine.place import dotted, pointer
from bot.frozen import frozen
from bot.kubernetes.kustomization import folder_of
from bot.kubernetes.view import Seen, View
from bot.model.files import Files
from bot.model.finding import Finding, Region
from bot.model.manifest import Manifest, Written
from bot.model.rendering import Rendered, Rendering
from bot.yamlpatch import Path

_NAMED = 3
"""How many roots a message names."""


@frozen
class Held:
    """A finding that holds where its object is rendered: in which roots, and one that shows it."""

    finding: Finding
    rendered: Rendered
    source: Source | None
    path: Path
    """The field in the rendered object."""
    roots: tuple[str, ...]


@frozen
class Truth:
    """What holds, by fingerprint; `covered` are the files that nothing else is to be said of."""

    held: Mapping[str, Held] = field(default_factory=dict)
    covered: frozenset[str] = frozenset()
    rendered: frozenset[str] = frozenset()
    """The names of the roots that were rendered."""
    workloads: int = 0

    def settles(self, file: str) -> bool:
        """Whether the objects of a file are judged as rendered."""
        return file in self.covered


def find_truth(
    checker: Checker,
    renderings: Sequence[Rendering],
    covered: frozenset[str],
    others: Iterable[Seen],
    files: Files,
    *,
    complete: bool,
) -> tuple[Truth, View]:
    """Judge what was rendered among all of it and the objects of plain files, `others`."""
    origins = Origins(files)
    objects = [one for rendering in renderings for one in rendering.objects]
    named = [(one, source, _known(one, source)) for one in objects for source in [origins.of(one)]]
    seen = tuple(seen for _, _, manifest in named for seen in seen_of(manifest))
    view = View((*others, *seen), complete)
    held: dict[str, Held] = {}
    for one, source, manifest in named:
        for candidate in unique(checker.candidates(manifest)):
            finding = checker.confirmed(candidate, view)
            if finding is not None:
                _hold(held, finding, one, source)
    truth = Truth(
        held=held,
        covered=covered,
        rendered=frozenset(one.root.name for one in renderings),
        workloads=sum(1 for one in objects if one.manifest.pods),
    )
    return truth, view


class Origins:
    """The source objects of rendered ones; each file is read once."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._known: dict[str, tuple[Source, ...]] = {}

    def of(self, rendered: Rendered) -> Source | None:
        """Where a rendered object was written; None where it was not, but generated."""
        file = rendered.origin.file
        if file is None:
            return None
        if file not in self._known:
            data = self._files.read(file)
            self._known[file] = sources(file, data) if data is not None else ()
        return source_of(rendered.manifest, self._known[file])


def _known(rendered: Rendered, source: Source | None) -> Manifest:
    """The rendered object under the identity of its source."""
    manifest = rendered.manifest
    if source is None:
        file = next(iter(rendered.origin.configured), manifest.file)
        written = Written(file=file, name=manifest.name, namespace=manifest.namespace)
    else:
        written = Written(file=source.file, name=source.name, namespace=source.namespace)
    return replace(manifest, written=written)


def _hold(
    held: dict[str, Held], finding: Finding, rendered: Rendered, source: Source | None
) -> None:
    known = held.get(finding.fingerprint)
    root = rendered.root.name
    if known is None:
        held[finding.fingerprint] = Held(
            finding=finding,
            rendered=rendered,
            source=source,
            path=steps_of(finding.pointer, rendered.manifest),
            roots=(root,),
        )
    elif root not in known.roots:
        held[finding.fingerprint] = replace(known, roots=(*known.roots, root))


def steps_of(text: str, manifest: Manifest) -> Path:
    """A JSON pointer as the steps of a path: what counts items of lists are numbers."""
    steps: list[str | int] = []
    data: object = manifest.data
    for part in text.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(data, list) and name.isdigit():
            index = int(name)
            steps.append(index)
            data = data[index] if index < len(data) else None
        else:
            steps.append(name)
            data = data.get(name) if isinstance(data, Mapping) else None
    return tuple(steps[len(manifest.base) :])


def settled(
    candidates: Iterable[Candidate], truth: Truth, view: View, checker: Checker
) -> tuple[list[Finding], set[str]]:
    """The findings on sources that hold, and the identities of all that were looked at.

    What is rendered decides for its files; the others are judged among all objects.
    """
    kept: list[Finding] = []
    looked: set[str] = set()
    for candidate in candidates:
        found = candidate.finding
        looked.add(found.fingerprint)
        if not truth.settles(found.file):
            confirmed = checker.confirmed(candidate, view)
            kept += [confirmed] if confirmed is not None else []
        elif (held := truth.held.get(found.fingerprint)) is not None:
            kept.append(told(replace(found, message=held.finding.message), held.roots))
    return kept, looked


def decided(held: Held, deciders: Deciders) -> tuple[Finding, Place | None]:
    """A finding that only rendering shows, told at the place that decides its field."""
    place = deciders.place(held.rendered, held.source, held.path)
    if place is None:
        return told(_at_origin(held), held.roots), None
    found = held.finding
    spot, depth = place.stream.locate(place.document, place.path)
    whole = depth == len(place.path) and bool(place.path)
    region = Region(
        line=spot.line + place.lines,
        column=spot.column + place.columns,
        end_line=(spot.end_line if whole else spot.line) + place.lines,
        end_column=spot.end_column + place.columns if whole else None,
    )
    block = replace(region, end_line=spot.end_line + place.lines, end_column=None)
    name = held.source.name if held.source is not None else found.name
    moved = replace(
        found,
        file=place.file,
        region=region,
        block=block,
        document=place.document,
        name=name,
        namespace=held.source.namespace if held.source is not None else found.namespace,
        pointer=pointer(place.path),
        field=_field(held, place),
        is_rendered=True,
    )
    return told(moved, held.roots), place


def _field(held: Held, place: Place) -> str:
    """The field as it is called in the object where it is decided."""
    if place.prefix is None:
        return dotted(held.path)
    there = translated(held.path, held.rendered.manifest.data, place.data)
    return dotted(there if there is not None and not place.stripped else held.path)


def _at_origin(held: Held) -> Finding:
    """Without a place: the first line of what brings the object."""
    file = held.rendered.origin.file or next(iter(held.rendered.origin.configured), None)
    first = Region(line=1, column=1, end_line=1)
    found = replace(held.finding, region=first, block=first, document=0, is_rendered=True)
    return replace(found, file=file) if file is not None else found


def told(finding: Finding, roots: Sequence[str]) -> Finding:
    """The finding with the roots that it holds in, named in its message.

    Where that is the folder of the file alone, the file says it already.
    """
    if list(roots) == [folder_of(finding.file) or "."]:
        return replace(finding, roots=tuple(roots))
    named = ", ".join(roots[:_NAMED])
    more = f" and {len(roots) - _NAMED} more" if len(roots) > _NAMED else ""
    return replace(
        finding, message=f"{finding.message} (as built by {named}{more})", roots=tuple(roots)
    )
