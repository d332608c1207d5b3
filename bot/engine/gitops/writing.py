"""Fixes of rendered objects gathered as texts: at the place that decides, else as a patch above."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.engine.fix import Fixed
from bot.engine.gitops.deciding import Place
from bot.engine.gitops.edits import placed_edit
from bot.engine.gitops.overlay import overlay_patch
from bot.engine.gitops.truth import Held
from bot.model.files import Files
from bot.model.finding import Finding
from bot.yamlpatch import Refused

MayEdit = Callable[[str, bytes], bool]
Folders = Mapping[str, str]
"""The folders of roots by their names."""


@dataclass(slots=True, kw_only=True)
class Writing:
    """Files as they would be, what of the findings that is for, and what is left and why."""

    files: Files
    may_edit: MayEdit
    folders: Folders
    data: dict[str, bytes] = field(default_factory=dict)
    applied: dict[str, list[Finding]] = field(default_factory=dict)
    left: dict[str, dict[str, tuple[Finding, str]]] = field(default_factory=dict)
    bases: dict[str, Fixed] = field(default_factory=dict)

    def take(self, base: Fixed) -> None:
        """What was fixed in a source by itself."""
        self.bases[base.path] = base
        self.applied[base.path] = list(base.applied)
        for finding, why in base.left:
            if not finding.is_rendered:
                self.leave(base.path, finding, why)
        if base.applied:
            self.data[base.path] = base.data

    @property
    def done(self) -> frozenset[str]:
        """The identities of what counts as fixed."""
        return frozenset(one.fingerprint for found in self.applied.values() for one in found)

    def is_left(self, fingerprint: str) -> bool:
        """Whether it was said already why a finding is not fixed."""
        return any(fingerprint in left for left in self.left.values())

    def leave(self, path: str, finding: Finding, why: str) -> None:
        """Say why a finding is not fixed; the first reason stands."""
        if not self.is_left(finding.fingerprint):
            self.left.setdefault(path, {})[finding.fingerprint] = (finding, why)

    def write(self, held: Held, finding: Finding, place: Place | None) -> bool:
        """Fix a finding where its field is decided, else as a patch of the roots that show it."""
        refused = self._written(held, finding, place)
        if refused is None:
            for left in self.left.values():
                left.pop(finding.fingerprint, None)
            return True
        self.leave(finding.file, finding, f"not fixed: {refused}")
        return False

    def _written(self, held: Held, finding: Finding, place: Place | None) -> str | None:
        """Why a fix is not written; None where it is."""
        if place is None:
            return "nothing in view decides it"
        if place.what == "images":
            return "its tag stands under images: choose one that does not move"
        if place.what == "patch" and place.prefix is None:
            return "a patch takes the field away: leave that out of it"
        if place.prefix is not None and self._may_edit(place.file):
            reason = self._placed(held, finding, place)
            if reason is None or place.what == "source":
                return reason
        return self._overlaid(held, finding)

    def _placed(self, held: Held, finding: Finding, place: Place) -> str | None:
        current = self.current(place.file) or b""
        try:
            after = placed_edit(current, held, place)
        except Refused as refused:
            return refused.reason
        if after == current:
            return "it is written there already"
        self.data[place.file] = after
        self._note(place.file, finding)
        return None

    def _overlaid(self, held: Held, finding: Finding) -> str | None:
        """Patches in the roots that show the finding."""
        written: dict[str, bytes] = {}

        def read(path: str) -> bytes | None:
            return written[path] if path in written else self.current(path)

        try:
            for name in held.roots:
                written |= overlay_patch(held, self.folders[name], read)
        except Refused as refused:
            return refused.reason
        if not all(self._may_edit(path) for path in written if self.current(path) is not None):
            return "the kustomization is not to be edited"
        self.data |= written
        self._note(min(written), finding)
        return None

    def _note(self, path: str, finding: Finding) -> None:
        if finding.fingerprint not in self.done:
            self.applied.setdefault(path, []).append(finding)

    def _may_edit(self, path: str) -> bool:
        data = self.current(path)
        return data is not None and self.may_edit(path, data)

    def current(self, path: str) -> bytes | None:
        """A file as it would be."""
        return self.data[path] if path in self.data else self.files.read(path)

    def told(self) -> Sequence[Fixed]:
        """All files with what was applied and what was left, sorted."""
        paths = sorted({*self.bases, *self.applied, *self.left, *self.data})
        return [self._fixed(path) for path in paths]

    def _fixed(self, path: str) -> Fixed:
        base = self.bases.get(path)
        return Fixed(
            path=path,
            data=self.current(path) or b"",
            applied=tuple(self.applied.get(path, ())),
            left=tuple(self.left.get(path, {}).values()),
            lessened=base.lessened if base is not None else (),
            find_rests=base.find_rests if base is not None else tuple,
        )
