"""What rendered objects should become: the engine's own fixes, tried on the rendered text.

Each object is fixed by itself, among the others, with all of the engine's proofs; what that
changes is what the sources have to be made to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from bot.config import Config
from bot.engine.check import Checker, informed_view_of
from bot.engine.fix import Fixer
from bot.engine.helm.change import Change, changes, differing
from bot.engine.helm.rendering import Output
from bot.engine.read import kinds_of, load
from bot.frozen import frozen
from bot.kubernetes.view import View
from bot.model.finding import Finding
from bot.model.manifest import Manifest
from bot.rule.load import Rules
from bot.yamlpatch import NewDocument, Path

_SEPARATOR = re.compile(rb"^---(?=[ \t\r\n]|$)", re.MULTILINE)
MOVED_BY_HAND = "the value is moved to a Secret by hand in a chart"
NEW_OBJECT = "a new object: add it to the chart's templates by hand"


@frozen
class Wanted:
    """What some fixes make of one object: `becomes` by its leaves, and as changes of its tree."""

    manifest: Manifest
    changes: tuple[Change, ...]
    becomes: dict[Path, Any]


class Intentions:
    """The fixes of one output, object by object."""

    def __init__(
        self, output: Output, rules: Rules, config: Config, *, complete: bool, unsafe: bool
    ) -> None:
        self.output = output
        self._unsafe = unsafe
        self._parts = _parts(output)
        kinds = kinds_of(config)
        self._alone: list[tuple[Manifest, ...]] = [
            load(_name(number), part, kinds)[0] for number, part in enumerate(self._parts)
        ]
        every = [one for some in self._alone for one in some]
        self._view: View = informed_view_of(every, complete=complete)
        self._checker = Checker(rules, config)
        self._fixer = Fixer(rules, config, self._view)
        self._kinds = kinds

    @property
    def is_whole(self) -> bool:
        """Whether each object of the output is alone in a document that was found."""
        flat = [one for some in self._alone for one in some]
        told = [(one.kind, one.name) for one in self.output.manifests]
        return [(one.kind, one.name) for one in flat] == told and all(
            len(some) <= 1 for some in self._alone
        )

    def findings(self) -> Iterator[tuple[int, Finding]]:
        """All findings, each with its object's number among the output's manifests."""
        every = [one for some in self._alone for one in some]
        numbers = {one.file: number for number, one in enumerate(every)}
        for finding in self._checker.check(every, self._view):
            if finding.file in numbers:
                yield numbers[finding.file], finding

    def why_not(self, finding: Finding) -> str | None:
        """Why a finding is not fixed in a chart, None where it may be."""
        fix = finding.fix
        if fix is None:
            return finding.advice or "no fix is known"
        if fix.applicability == "unsafe" and not self._unsafe:
            return f"test first: {fix.reason}".rstrip(": ")
        if fix.move is not None:
            return MOVED_BY_HAND
        if any(isinstance(patch, NewDocument) for patch in fix.patches):
            return NEW_OBJECT
        return None

    def wanted(self, number: int, findings: Sequence[Finding]) -> Wanted | None:
        """What the fixes of one object's findings make of it; None where none can be proved."""
        manifest = self.output.manifests[number]
        file = findings[0].file
        part = self._parts[int(file.partition(".")[0])]
        fixed = self._fixer.fix(file, part, findings, unsafe=self._unsafe)
        after, _ = load(file, fixed.data, self._kinds)
        if len(fixed.applied) < len(findings) or len(after) != 1:
            return None
        return Wanted(
            manifest=manifest,
            changes=tuple(changes(manifest.data, after[0].data)),
            becomes=differing(manifest.data, after[0].data),
        )


def _name(number: int) -> str:
    return f"{number}.yaml"


def _parts(output: Output) -> list[bytes]:
    """The documents of a rendered text that hold an object."""
    starts = [match.start() for match in _SEPARATOR.finditer(output.data)]
    ends = [*starts[1:], len(output.data)][: len(starts)]
    return [output.data[start:end] for start, end in zip(starts, ends, strict=True)]
