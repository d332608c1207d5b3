"""`podsec fix`: write the fixes that are proved, and say what was left and why."""

from __future__ import annotations

import contextlib
import difflib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bot.cli.check import Checked, CheckOptions, check_paths
from bot.engine.fix import Fixed
from bot.errors import UserError
from bot.formats.plain import counted, visible
from bot.formats.pull_request import unified
from bot.rule.load import Rules
from bot.workflows.check_path import fix_files, only


def run(
    paths: Sequence[str],
    options: CheckOptions,
    rules: Sequence[str],
    *,
    diff: bool,
    unsafe: bool,
) -> int:
    """Fix the files; exit 0 whatever was left, since what was left is said.

    The standard input is answered on the standard output, fixed or as it was.
    """
    checked = check_paths(paths, options)
    _demand_known(rules, checked.asked.rules)
    if rules:
        checked = replace(checked, report=only(checked.report, rules))
    done = left = 0
    for fixed in _fixed(checked, unsafe=unsafe):
        done += len(fixed.applied)
        left += len(fixed.left)
        _put(checked, fixed, diff=diff)
        _say(checked, fixed, "would fix" if diff else "fixed")
    for skipped in checked.report.skipped:
        _tell(f"skipped {_shown(checked, skipped.file)}:{skipped.line}: {skipped.reason}")
    verb = "would be fixed" if diff else "fixed"
    _tell(f"{counted(done, 'finding')} {verb}, {left} left.")
    return 0


def _fixed(checked: Checked, *, unsafe: bool) -> Iterator[Fixed]:
    """The files with their fixes; the standard input also where nothing is to be fixed."""
    seen: set[str] = set()
    files = fix_files(checked.changes, checked.report, checked.asked, checked.view, unsafe=unsafe)
    for fixed in files:
        seen.add(fixed.path)
        yield fixed
    for file in checked.changes.files:
        if file.path in checked.piped - seen:
            yield Fixed(path=file.path, data=file.data or b"", applied=(), left=())


def _demand_known(only_these: Sequence[str], rules: Rules) -> None:
    for name in only_these:
        if rules.get(name) is None:
            guess = difflib.get_close_matches(name, [rule.id for rule in rules], 1)
            hint = f"; did you mean {guess[0]!r}?" if guess else "; podsec rules lists them"
            raise UserError(f"no rule {name!r}{hint}")


def _put(checked: Checked, fixed: Fixed, *, diff: bool) -> None:
    """Print the difference, or write the file where it changed."""
    before = checked.source(fixed.path) or b""
    if diff:
        text = unified(_shown(checked, fixed.path), before, fixed.data)
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.buffer.flush()
    elif fixed.path in checked.piped:
        sys.stdout.buffer.write(fixed.data)
        sys.stdout.buffer.flush()
    elif fixed.data != before:
        _write(Path(_shown(checked, fixed.path)), fixed.data)


def _write(path: Path, data: bytes) -> None:
    """Replace a file in one step; its mode stays, and a link goes on leading to it."""
    target = path.resolve() if path.is_symlink() else path
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".podsec-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).chmod(target.stat().st_mode & 0o7777)
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _say(checked: Checked, fixed: Fixed, verb: str) -> None:
    for finding in fixed.applied:
        place = f"{_shown(checked, fixed.path)}:{finding.region.line}"
        _tell(f"{verb} {place}: {finding.message} [{finding.rule}]")
    for finding, reason in fixed.left:
        place = f"{_shown(checked, fixed.path)}:{finding.region.line}"
        _tell(f"left {place}: {finding.message} [{finding.rule}]: {reason}")


def _shown(checked: Checked, name: str) -> str:
    return checked.shown.get(name, name)


def _tell(text: str) -> None:
    print(visible(text), file=sys.stderr)
