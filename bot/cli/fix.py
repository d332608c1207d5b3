"""`podsec fix`: write the fixes that are proved, and say what was left and why."""

from __future__ import annotations

import contextlib
import difflib
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bot.adapters.loaders import collect
from bot.cli.check import config_for
from bot.engine.fix import Fixed
from bot.errors import UserError
from bot.formats.pull_request import unified
from bot.formats.text import counted, visible
from bot.model.finding import Label, Report
from bot.rule.load import Rules, load_rules
from bot.workflows.check_path import check_files, fix_files


def run(
    paths: Sequence[Path], profile: str | None, only: Sequence[str], *, diff: bool, unsafe: bool
) -> int:
    """Fix the files; exit 0 whatever was left, since what was left is said."""
    config = config_for(paths, profile)
    loaded = load_rules()
    _demand_known(only, loaded)
    changes = collect(paths)
    report = _narrowed(check_files(changes, loaded, config), only)
    before = {file.path: file.data or b"" for file in changes.files}
    done = 0
    left = 0
    for fixed in fix_files(changes, report, loaded, config, unsafe=unsafe):
        done += len(fixed.applied)
        left += len(fixed.left)
        if diff:
            sys.stdout.write(unified(fixed.path, before[fixed.path], fixed.data))
        elif fixed.data != before[fixed.path]:
            _write(Path(fixed.path), fixed.data)
        _say(fixed, "would fix" if diff else "fixed")
    for skipped in report.skipped:
        _tell(f"skipped {skipped.file}:{skipped.line}: {skipped.reason}")
    verb = "would be fixed" if diff else "fixed"
    _tell(f"{counted(done, 'finding')} {verb}, {left} left.")
    return 0


def _demand_known(only: Sequence[str], rules: Rules) -> None:
    for name in only:
        if rules.get(name) is None:
            guess = difflib.get_close_matches(name, [rule.id for rule in rules], 1)
            hint = f"; did you mean {guess[0]!r}?" if guess else "; podsec rules lists them"
            raise UserError(f"no rule {name!r}{hint}")


def _narrowed(report: Report, only: Sequence[str]) -> Report:
    if not only:
        return report
    labels: tuple[Label, ...] = tuple(la for la in report.labels if la.finding.rule in only)
    return Report(
        labels=labels,
        skipped=report.skipped,
        files=report.files,
        manifests=report.manifests,
        workloads=report.workloads,
    )


def _write(path: Path, data: bytes) -> None:
    """Replace a file in one step; its mode stays."""
    mode = path.stat().st_mode
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".podsec-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).chmod(mode & 0o7777)
        Path(name).replace(path.resolve() if path.is_symlink() else path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _say(fixed: Fixed, verb: str) -> None:
    for finding in fixed.applied:
        _tell(f"{verb} {fixed.path}:{finding.region.line}: {finding.message} [{finding.rule}]")
    for finding, reason in fixed.left:
        place = f"{fixed.path}:{finding.region.line}"
        _tell(f"left {place}: {finding.message} [{finding.rule}]: {reason}")


def _tell(text: str) -> None:
    print(visible(text), file=sys.stderr)
