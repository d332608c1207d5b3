"""`podsec fix`: write the fixes that are proved, and say what was left and why."""

from __future__ import annotations

import difflib
import gc
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from secrets import token_bytes
from typing import TYPE_CHECKING

from bot.adapters.loaders import STDIN
from bot.cli.beside import Beside, put
from bot.cli.check import Checked, CheckOptions, checked_in, scope_at
from bot.cli.diffs import Diffs
from bot.cli.fix_words import Said, Words
from bot.cli.home import warn
from bot.cli.rewrite import Changed, rewrite
from bot.cli.scene import scene_of
from bot.engine.fix import Fixed
from bot.engine.hands_off import Attributes, read_attributes
from bot.engine.secret_moves import Moves
from bot.errors import UserError
from bot.formats.pull_request import unified
from bot.frozen import frozen
from bot.rule.load import Rules
from bot.workflows.check_path import only
from bot.workflows.fix_path import fix_asking, fix_files

if TYPE_CHECKING:
    from bot.model.vulnerability import ImageReport


@frozen
class FixOptions:
    """What the command line says; of `diff`, `stdout`, `only_check` none writes a file."""

    check: CheckOptions
    rules: tuple[str, ...] = ()
    unsafe: bool = False
    diff: bool = False
    stdout: bool = False
    only_check: bool = False
    interactive: bool = False
    reports: tuple[str, ...] = ()
    """Files that tell what images say of themselves: `FILE`, or `IMAGE=FILE`."""

    @property
    def is_dry(self) -> bool:
        """Whether no file is written."""
        return self.diff or self.stdout or self.only_check


def run(paths: Sequence[str], options: FixOptions) -> int:
    """Fix the files; returns the exit code.

    0: done, whatever was left, since what was left is said; 1: something would change under
    `only_check`, or a file could not be written. The standard input is answered on the standard
    output, fixed or as it was.
    """
    gc.disable()  # libyaml's nodes hold no cycles, and to look for some costs a third of the time
    _demand_sense(paths, options)
    scope = scope_at(paths, options.check)
    scene, home = scene_of(scope, cached=options.check.cached), scope.home.root
    asked = replace(
        scope.asked,
        is_informed=True,
        reports=_reports(options.reports),
        attributes=_attributes(home),
    )
    checked = checked_in(replace(scope, asked=asked), scene)
    _tell_unused(checked)
    _demand_known(options.rules, checked.asked.rules)
    _demand_one(checked, options)
    diffs = Diffs(checked.report, checked.shown)
    if options.rules:
        checked = replace(checked, report=only(checked.report, options.rules))
    words = Words(checked, diffs, is_dry=options.is_dry, unsafe=options.unsafe, home=home)
    said = Said()
    moves = Moves(checked.report.findings if options.unsafe else (), checked.view, token_bytes(32))
    applied: set[str] = set()
    for fixed in _fixed(checked, moves, options, diffs):
        before = checked.source(fixed.path) or b""
        failure = _put(checked, fixed, before, options, diffs)
        if failure is None and options.unsafe:
            _keep_diff(words, fixed, before, options)
        words.of_file(fixed, failure, said)
        if failure is None:
            applied.update(finding.fingerprint for finding in fixed.applied)
    words.end(said)
    beside = Beside(root=home, shown=checked.shown)
    moved = moves.moved(
        applied, checked.asked.config.secrets, None if checked.piped else beside.read
    )
    difference = put(moved, beside, is_dry=options.is_dry)
    if options.diff:
        _print(difference)
    return int(bool(said.failed) or (options.only_check and said.changed > 0))


def _attributes(root: Path) -> Attributes:
    """What .gitattributes at the top says of generated and vendored files."""
    try:
        return read_attributes((root / ".gitattributes").read_bytes())
    except OSError:
        return Attributes()


def _demand_sense(paths: Sequence[str], options: FixOptions) -> None:
    """Raises UserError for options that exclude each other, and where nobody can be asked."""
    if options.stdout and (options.diff or options.only_check):
        other = "--diff" if options.diff else "--check"
        raise UserError(f"--stdout prints the fixed file: it does not go with {other}")
    if not options.interactive:
        return
    if options.is_dry:
        raise UserError("--interactive writes what you say yes to: leave out the other modes")
    if STDIN in paths:
        raise UserError("--interactive reads your answers from the standard input: name a file")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UserError("--interactive asks, and there is no terminal; podsec fix --diff shows all")


def _reports(given: Sequence[str]) -> tuple[ImageReport, ...]:
    """What the reports say. Raises UserError for what is none."""
    if not given:
        return ()
    from bot.cli.reports import given_reports

    return tuple(report for one in given for report in given_reports(one))


def _tell_unused(checked: Checked) -> None:
    """Say which reports no fix can rest on, and why."""
    if not checked.asked.reports:
        return
    from bot.engine.given_reports import unused

    for text in unused(checked.changes, checked.asked.config, checked.asked.reports):
        warn(text)


def _demand_known(only_these: Sequence[str], rules: Rules) -> None:
    for name in only_these:
        if rules.get(name) is None:
            guess = difflib.get_close_matches(name, [rule.id for rule in rules], 1)
            hint = f"; did you mean {guess[0]!r}?" if guess else "; podsec rules lists them"
            raise UserError(f"no rule {name!r}{hint}")


def _demand_one(checked: Checked, options: FixOptions) -> None:
    if options.stdout and len(checked.changes.files) != 1:
        number = len(checked.changes.files)
        raise UserError(f"--stdout prints one file, not {number}: name it, or use --diff")


def _fixed(checked: Checked, moves: Moves, options: FixOptions, diffs: Diffs) -> Iterator[Fixed]:
    """The files with their fixes; what is printed whole also where nothing is to be fixed."""
    seen: set[str] = set()
    given = checked.changes, checked.report, checked.asked, checked.view, moves
    if options.interactive:
        from bot.cli.ask import Asker

        files = fix_asking(*given, Asker(diffs), unsafe=options.unsafe)
    else:
        files = fix_files(*given, unsafe=options.unsafe)
    if checked.scene.renderings:
        from bot.cli.prove import proved

        asks = options.interactive
        files = proved(files, checked, moves, unsafe=options.unsafe, asks=asks)
    if checked.scene.charts.works:
        from bot.workflows.fix_charts import charts_fixed, charts_left

        charts, found = checked.scene.charts, checked.report.findings
        files = chain(
            files,
            charts_left(found, checked.scene.files)
            if options.interactive
            else charts_fixed(charts, found, checked.asked, unsafe=options.unsafe),
        )
    for fixed in files:
        seen.add(fixed.path)
        yield fixed
    for file in checked.changes.files:
        if file.path not in seen and (options.stdout or file.path in checked.piped):
            yield Fixed(path=file.path, data=file.data or b"", applied=(), left=())


def _put(
    checked: Checked, fixed: Fixed, before: bytes, options: FixOptions, diffs: Diffs
) -> str | None:
    """Print the difference or the text, or write the file; returns why that failed."""
    if options.diff:
        _print(diffs.between(fixed.path, before, fixed.data, given=before))
    elif options.only_check:
        return None
    elif options.stdout or fixed.path in checked.piped:
        sys.stdout.buffer.write(fixed.data)
        sys.stdout.buffer.flush()
    elif fixed.data != before:
        return _written(Path(checked.name(fixed.path)), before, fixed.data)
    return None


def _written(path: Path, before: bytes, after: bytes) -> str | None:
    try:
        if not before and not path.exists():
            path.write_bytes(after)
        else:
            rewrite(path, before, after)
    except Changed:
        return "it changed meanwhile, and is as somebody else left it; run podsec fix again"
    except OSError as error:
        return error.strerror or type(error).__name__
    return None


def _keep_diff(words: Words, fixed: Fixed, before: bytes, options: FixOptions) -> None:
    """What undoes fixes that want a test, where no version control does."""
    risky = any(finding.remedy == "unsafe" for finding in fixed.applied)
    if risky and not options.is_dry and words.needs_diff(fixed.path):
        _print(unified(words.shown(fixed.path), before, fixed.data))


def _print(text: str) -> None:
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()
