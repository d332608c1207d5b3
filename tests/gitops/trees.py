"""Repositories of fixtures and corpora, judged as rendered and as what was rendered of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from bot.adapters.loaders import SUFFIXES
from bot.adapters.renderers import Kustomize
from bot.adapters.renderers.rendered import rendered_file
from bot.config import DEFAULT
from bot.disk import DiskFiles
from bot.kubernetes.custom_kinds import KNOWN
from bot.model.change import ChangedFile, ChangeSet
from bot.model.files import Files
from bot.model.finding import Report
from bot.rule.load import Rules, load_rules
from bot.workflows.check_path import Asked, check_files
from bot.workflows.render_roots import Scene, render_roots
from tests.tools import tools

Key = tuple[str, str, str, str | None]
"""The root, the rule, the kind and the container of a finding."""


@cache
def rules() -> Rules:
    return load_rules()


def kustomize(seconds: float = 30) -> Kustomize:
    return Kustomize(KNOWN, program=str(tools() / "kubectl"), seconds=seconds)


def asked() -> Asked:
    return Asked(rules=rules(), config=DEFAULT, today=date(2026, 1, 1), is_complete=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A tree, the report on it, and what the plain check says of what is rendered of it."""

    files: Files
    scene: Scene
    report: Report
    wanted: Counter[Key]

    @property
    def found(self) -> Counter[Key]:
        return Counter(
            (root, finding.rule, finding.kind, finding.container)
            for finding in self.report.findings
            for root in finding.roots
        )

    def misplaced(self) -> list[str]:
        """The findings whose place is no line of a file of the tree."""
        return [
            f"{finding.file}:{finding.region.line} {finding.rule}"
            for finding in self.report.findings
            if not 1
            <= finding.region.line
            <= len((self.files.read(finding.file) or b"").splitlines())
        ]


def judged(files: Files) -> Judged:
    paths = [path for path in files.paths() if path.endswith(SUFFIXES)]
    scene = render_roots(files, kustomize(), paths)
    every = tuple(ChangedFile(path=path, status="added", data=files.read(path)) for path in paths)
    report, _ = check_files(ChangeSet(files=every), asked(), scene)
    plain = [
        one
        for one in every
        if one.path not in scene.covered and one.path not in scene.kustomizations
    ]
    names = {rendered_file(one.root): one.root.name for one in scene.renderings}
    made = [
        ChangedFile(path=rendered_file(one.root), status="added", data=one.text)
        for one in scene.renderings
    ]
    rendered, _ = check_files(ChangeSet(files=(*plain, *made)), asked())
    wanted = Counter(
        (names[finding.file], finding.rule, finding.kind, finding.container)
        for finding in rendered.findings
        if finding.file in names
    )
    return Judged(files=files, scene=scene, report=report, wanted=wanted)


def at(folder: Path) -> DiskFiles:
    return DiskFiles(folder)
