"""Fixes of what is rendered: made where a field is decided, and proved by rendering again.

Proved means: every root that reads a changed file still builds, each finding that counts as fixed
is gone from all of them, and none came. What fails is taken back, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from bot.engine.check import Checker
from bot.engine.fix import Fixed, Fixer, why_not
from bot.engine.gitops.deciding import Deciders
from bot.engine.gitops.map import map_kustomizations
from bot.engine.gitops.reads import Reads, reads_of
from bot.engine.gitops.truth import Held, Truth, decided
from bot.engine.gitops.writing import Writing
from bot.engine.hands_off import why_hands_off
from bot.engine.read import kinds_of, load, without_patches
from bot.frozen import frozen
from bot.kubernetes.partial import is_named_kustomization
from bot.kubernetes.view import View
from bot.model.change import ChangeSet
from bot.model.files import Edited, Files
from bot.model.finding import Finding
from bot.model.manifest import Manifest
from bot.model.rendering import Rendering
from bot.ports import Renderer
from bot.workflows.check_path import Asked
from bot.workflows.judge_rendered import truth_of
from bot.workflows.render_roots import Scene, render_all

_ROUNDS = 3
_TRIES = 5
_UNPROVED = "rendering does not prove it"


@frozen
class Terms:
    """What fixes of rendered objects go by. `view` is what their sources were judged among.

    Where somebody `asks`, only what was said yes to is written.
    """

    asked: Asked
    fixer: Fixer
    renderer: Renderer
    view: View
    unsafe: bool
    asks: bool = False

    def may_edit(self, path: str, data: bytes) -> bool:
        """Whether a file is ours to edit."""
        held = self.asked.config.paths.hold(path)
        return held and why_hands_off(path, data, self.asked.attributes) is None


def fix_rendered(
    fixed: Iterable[Fixed],
    findings: Sequence[Finding],
    changes: ChangeSet,
    scene: Scene,
    terms: Terms,
) -> Iterator[Fixed]:
    """The files with their fixes; those of files that no root reads as they come.

    `fixed` are the fixes on the sources by themselves, `findings` all that is to be fixed.
    """
    bases: list[Fixed] = []
    for one in fixed:
        if one.path in scene.read:
            bases.append(one)
        else:
            yield one
    if bases or any(finding.roots for finding in findings):
        yield from _Search(findings, changes, scene, terms).made(bases).told()


class _Search:
    """The search for the fixes that rendering proves."""

    def __init__(
        self, findings: Sequence[Finding], changes: ChangeSet, scene: Scene, terms: Terms
    ) -> None:
        self._asked = {one.fingerprint: one for one in findings if one.roots}
        self._changes, self._scene, self._terms = changes, scene, terms
        config = terms.asked.config
        self._checker = Checker(terms.asked.rules, config).knowing(terms.view.evidence)
        self._others = _plain(changes, scene, terms)
        self._folders = {one.root.name: one.root.folder for one in scene.renderings}
        self._banned: dict[str, str] = {}
        self._before = self._truth(scene.renderings, scene.files)

    def made(self, bases: Sequence[Fixed]) -> Writing:
        """Try, take back what fails, try again; what is left at last is proved."""
        for _ in range(_TRIES):
            writing = self._try(bases)
            problems = self._problems(writing)
            if not problems:
                return writing
            self._banned |= problems
        self._banned |= dict.fromkeys(self._asked, _UNPROVED)
        return self._try([replace(base, applied=(), data=b"") for base in bases])

    def _try(self, bases: Sequence[Fixed]) -> Writing:
        files, may_edit = self._scene.files, self._terms.may_edit
        writing = Writing(files=files, may_edit=may_edit, folders=self._folders)
        for base in bases:
            writing.take(self._kept(base))
        for _ in range(0 if self._terms.asks else _ROUNDS):
            if not self._round(writing):
                break
        return writing

    def _kept(self, base: Fixed) -> Fixed:
        """The fixes of one source by itself, without what was taken back."""
        banned = [one for one in base.applied if one.fingerprint in self._banned]
        if not banned:
            return base
        kept = [one for one in base.applied if one.fingerprint not in self._banned]
        file = self._changes.file(base.path)
        data = (file.data if file is not None else None) or b""
        again = self._terms.fixer.fix(base.path, data, kept, unsafe=self._terms.unsafe)
        told = ((one, f"not fixed: {self._banned[one.fingerprint]}") for one in banned)
        return replace(again, left=(*told, *base.left, *again.left))

    def _round(self, writing: Writing) -> bool:
        """Fix what still holds where it is decided; whether anything was."""
        files = self._files(writing.data)
        renderings = self._rendered(writing.data, files)
        if any(one.failure for one in renderings):
            return False
        truth = self._truth(renderings, files)
        deciders = Deciders(files)
        tried = [
            self._fix(writing, held, deciders)
            for print_, held in sorted(truth.held.items())
            if print_ in self._asked and print_ not in self._banned
        ]
        return any(tried)

    def _fix(self, writing: Writing, held: Held, deciders: Deciders) -> bool:
        """Fix one finding; what a source's own fix could not, a patch of the roots may."""
        moved, place = decided(held, deciders)
        finding = self._asked[held.finding.fingerprint]
        if place is not None and place.what == "source" and self._is_tried(writing, finding):
            ours = writing.current(place.file)
            if ours is not None and self._terms.may_edit(place.file, ours):
                return False
        reason = why_not(held.finding, unsafe=self._terms.unsafe)
        if reason is not None:
            writing.leave(moved.file, finding, reason)
            return False
        return writing.write(held, finding, place)

    def _is_tried(self, writing: Writing, finding: Finding) -> bool:
        """Whether the fix of the source by itself was made, or refused."""
        prints = finding.fingerprint
        return prints in writing.done or writing.is_left(prints)

    def _problems(self, writing: Writing) -> dict[str, str]:
        """What the renderings after the fixes do not prove, by fingerprint, with the reason."""
        if not writing.data:
            return {}
        files = self._files(writing.data)
        renderings = self._rendered(writing.data, files)
        for one in renderings:
            if one.failure is not None:
                reason = f"{one.root.name} would not build: {one.failure}"
                reads = {*self._reads(one, files).paths}
                return _blame(writing, reads.__contains__, reason)
        truth = self._truth(renderings, files)
        remaining = writing.done & truth.held.keys()
        if remaining:
            where = {print_: truth.held[print_].roots[0] for print_ in remaining}
            return {print_: f"it would remain in {root}" for print_, root in where.items()}
        come = truth.held.keys() - self._before.held.keys()
        return self._come(writing, [truth.held[print_] for print_ in sorted(come)])

    @staticmethod
    def _come(writing: Writing, new: Sequence[Held]) -> dict[str, str]:
        problems: dict[str, str] = {}
        for held in new:
            near = {held.rendered.origin.file, *held.rendered.origin.configured}
            reason = f"it would bring a new finding: {held.finding.rule}"
            problems |= _blame(writing, near.__contains__, reason)
            problems |= _blame(writing, lambda _: True, reason) if not problems else {}
        return problems

    def _files(self, data: Mapping[str, bytes]) -> Files:
        return Edited(self._scene.files, data) if data else self._scene.files

    def _reads(self, rendering: Rendering, files: Files) -> Reads:
        return reads_of(self._scene.repository, rendering.root, files)

    def _rendered(self, data: Mapping[str, bytes], files: Files) -> list[Rendering]:
        """All roots of the scene; those that read a changed file are rendered again."""
        repository = self._scene.repository
        if any(is_named_kustomization(path) for path in data):
            repository = map_kustomizations(files)
        roots = [one.root for one in self._scene.renderings]
        every = [reads_of(repository, root, files) for root in roots]
        touched = [reads for reads in every if not data.keys().isdisjoint(reads.paths)]
        again = {one.root: one for one in render_all(self._terms.renderer, touched)}
        return [again.get(one.root, one) for one in self._scene.renderings]

    def _truth(self, renderings: Sequence[Rendering], files: Files) -> Truth:
        scene = replace(self._scene, renderings=tuple(renderings), files=files)
        complete = self._terms.asked.is_complete
        return truth_of(self._checker, self._others, scene, complete=complete)[0]


def _plain(changes: ChangeSet, scene: Scene, terms: Terms) -> tuple[Manifest, ...]:
    """The objects of the files that are applied as they are."""
    kinds = kinds_of(terms.asked.config)
    files = (file for file in changes.files if file.path not in scene.covered)
    every = (load(file.path, file.data, kinds)[0] for file in files if file.data is not None)
    return without_patches(manifest for found in every for manifest in found)[0]


def _blame(writing: Writing, wanted: Callable[[str], bool], reason: str) -> dict[str, str]:
    """What was fixed in the files that are to blame."""
    return {
        finding.fingerprint: reason
        for path, found in writing.applied.items()
        if wanted(path)
        for finding in found
    }
