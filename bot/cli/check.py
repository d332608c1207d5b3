"""`podsec check`: judge files, or a change, and print a report."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.adapters.loaders import collect
from bot.cli.home import Wishes
from bot.cli.output import Printout, Sink, sinks, write
from bot.cli.scene import scene_of, with_sources
from bot.cli.scope import Scope, scope_of, today
from bot.errors import UserError
from bot.frozen import frozen
from bot.kubernetes.view import View
from bot.model.change import ChangeSet
from bot.model.finding import Finding, Report, Severity, at_least
from bot.workflows.check_path import Asked, check_files
from bot.workflows.render_roots import PLAIN, Scene

if TYPE_CHECKING:
    from bot.engine.baseline import Baseline
    from bot.model.replacement import Replacement

_TREE = 50
"""From how many files on verdicts are remembered."""
__all__ = ["CheckOptions", "Checked", "check_paths", "fails", "run", "today"]


@frozen
class CheckOptions:
    """What the command line says beside the paths."""

    wishes: Wishes = field(default_factory=Wishes)
    formats: tuple[str, ...] = ()
    output: Path | None = None
    diff: str | None = None
    baseline: Path | None = None
    show_suppressed: bool | None = None
    strict_paths: bool = False
    stdin_name: str = "<stdin>"
    cached: bool = True


@frozen
class Checked:
    """A report, what was asked, the files, and how each is called from here."""

    report: Report
    asked: Asked
    changes: ChangeSet
    shown: dict[str, str]
    view: View
    piped: frozenset[str] = frozenset()
    """The names of what came from the standard input."""
    scene: Scene = PLAIN
    """What was rendered."""
    root: Path = Path()
    """Where the names of files count from."""

    def name(self, path: str) -> str:
        """A file as the user would write it, one that is only about to be made too."""
        return self.shown.get(path) or os.path.relpath(self.root / path)

    def source(self, name: str) -> bytes | None:
        """The content of a file of the report."""
        file = self.changes.file(name)
        return file.data if file is not None else None

    def fixes(self, finding: Finding) -> Sequence[Replacement]:
        """A finding's safe fix, proved; nothing where it is not safe, or beside a secret."""
        from bot.engine.fix import fix_file
        from bot.engine.replace import replacements

        data = self.source(finding.file)
        if data is None or finding.remedy != "safe":
            return ()
        rules, config, view = self.asked.rules, self.asked.config, self.view
        fixed = fix_file(finding.file, data, [finding], rules, config, unsafe=False, view=view)
        found = replacements(data, fixed.data) if fixed.applied else ()
        return () if any(self._holds_secret(finding.file, one) for one in found) else found

    def _holds_secret(self, file: str, one: Replacement) -> bool:
        """Whether a line that would be repeated holds a secret."""
        return any(
            label.finding.sensitive
            and label.finding.file == file
            and one.line <= label.finding.region.end_line
            and label.finding.region.line <= one.end_line
            for label in self.report.labels
        )


def run(paths: Sequence[str], options: CheckOptions) -> int:
    """Print the report; return the exit code: 1 where a finding that counts is bad enough."""
    wanted = sinks(options.formats, options.output)
    if options.diff is not None:
        from bot.cli.change import check_range

        checked = check_range(paths, options.diff, options.wishes, options.baseline)
    else:
        scope = scope_at(paths, options)
        scene = scene_of(scope, cached=options.cached)
        if _is_tree(scope, wanted) and scene.is_plain:
            from bot.cli import tree

            return tree.run(
                scope, wanted, suppressed=options.show_suppressed, cached=options.cached
            )
        checked = checked_in(scope, scene)
    floor = checked.asked.config.fail_on
    printout = Printout(
        report=checked.report,
        rules=checked.asked.rules,
        floor=floor,
        shown=lambda name: checked.shown.get(name, name),
        source=checked.source,
        fixes=checked.fixes,
        suppressed=options.show_suppressed,
    )
    write(printout, wanted)
    return int(fails(checked.report, floor))


def _is_tree(scope: Scope, wanted: Sequence[Sink]) -> bool:
    """Whether verdicts are worth remembering, and nothing asks for what is not remembered."""
    needs_fixes = any(sink.format == "sarif" for sink in wanted)
    return len(scope.found.entries) >= _TREE and scope.asked.baseline is None and not needs_fixes


def fails(report: Report, floor: Severity) -> bool:
    """Whether anything that counts is at or above the floor."""
    severities = [finding.severity for finding in report.introduced]
    severities += [lost.severity for lost in report.regressions]
    return any(at_least(severity, floor) for severity in severities)


def check_paths(paths: Sequence[str], options: CheckOptions) -> Checked:
    """Judge what lies below the paths."""
    scope = scope_at(paths, options)
    return checked_in(scope, scene_of(scope, cached=options.cached))


def scope_at(paths: Sequence[str], options: CheckOptions) -> Scope:
    """The files below the paths, and what is asked of them."""
    return scope_of(
        paths,
        options.wishes,
        strict=options.strict_paths,
        stdin_name=options.stdin_name,
        baseline=baseline_at(options.baseline),
    )


def checked_in(scope: Scope, scene: Scene = PLAIN) -> Checked:
    """Judge the files of a scope, all in memory, as the scene renders them."""
    found = scope.found
    changes, further = with_sources(collect(found), scene, scope.asked.config.paths.hold)
    report, view = check_files(changes, scope.asked, scene)
    shown = {entry.name: entry.shown for entry in found.entries}
    shown |= {name: os.path.relpath(scope.home.root / name) for name in further}
    return Checked(
        report=with_excluded(report, found.excluded),
        asked=scope.asked,
        changes=changes,
        shown=shown,
        view=view,
        piped=frozenset(entry.name for entry in found.entries if entry.path is None),
        scene=scene,
        root=scope.home.root,
    )


def with_excluded(report: Report, excluded: int) -> Report:
    """The report with the number of files that were left out."""
    return replace(report, excluded=excluded)


def baseline_at(file: Path | None) -> Baseline | None:
    """The baseline in a file. Raises UserError."""
    if file is None:
        return None
    from bot.engine.baseline import parse_baseline

    try:
        return parse_baseline(file.read_bytes(), str(file))
    except OSError as error:
        hint = f"; write one with podsec baseline PATH > {file}"
        raise UserError(f"{file}: {error.strerror}{hint}") from error
