"""Reports to the terminal and to files: one run, several formats."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from bot import __version__
from bot.errors import UserError
from bot.formats.excerpt import Source
from bot.formats.plain import Shown
from bot.frozen import frozen
from bot.model.finding import Finding, Report, Severity
from bot.rule.load import Rules

if TYPE_CHECKING:
    from bot.model.replacement import Replacement

FORMATS = ("text", "json", "sarif", "junit", "github", "markdown")
_MOST_FIXES = 300
_ROWS_AT_ONCE = 200
_Fixes = Callable[[Finding], "Sequence[Replacement]"]


@frozen
class Sink:
    """A format, and the file that it goes to; None is the standard output."""

    format: str
    file: Path | None


@frozen
class Printout:
    """A report and what its formats need beside it.

    `suppressed` also shows what is allowed; None leaves that to the format.
    """

    report: Report
    rules: Rules
    floor: Severity
    shown: Shown
    source: Source
    fixes: _Fixes
    suppressed: bool | None


def sinks(formats: Sequence[str], output: Path | None) -> tuple[Sink, ...]:
    """Read `--format FORMAT[=FILE]` and `--output FILE`. Raises UserError."""
    wanted = [_sink(text) for text in formats or ["text"]]
    if output is not None:
        bare = [index for index, sink in enumerate(wanted) if sink.file is None]
        if len(bare) != 1:
            raise UserError("--output goes with one format: use --format FORMAT=FILE for more")
        wanted[bare[0]] = Sink(format=wanted[bare[0]].format, file=output)
    if sum(sink.file is None for sink in wanted) > 1:
        raise UserError("several formats would share the output: use --format FORMAT=FILE")
    return tuple(wanted)


def _sink(text: str) -> Sink:
    name, equals, file = text.partition("=")
    if name not in FORMATS:
        guess = difflib.get_close_matches(name, FORMATS, 1)
        hint = f"; did you mean {guess[0]!r}?" if guess else ""
        raise UserError(f"--format {name!r}: expected one of {', '.join(FORMATS)}{hint}")
    if equals and not file:
        raise UserError(f"--format {text!r}: the file's name is missing")
    return Sink(format=name, file=Path(file) if file else None)


def write(printout: Printout, wanted: Sequence[Sink]) -> None:
    """Write the report in each format. Raises UserError where a file cannot be written."""
    for sink in wanted:
        emit(_text(printout, sink), sink.file)


def emit(text: str, file: Path | None) -> None:
    """Text to a file, or to the standard output. Names that are no UTF-8 are shown escaped."""
    data = text.encode("utf-8", "backslashreplace")
    if file is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        file.write_bytes(data)
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}") from error


def emit_parts(parts: Iterable[str], file: Path | None) -> None:
    """The same for a text that is made piece by piece."""
    if file is None:
        sys.stdout.flush()
        _pour(parts, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    try:
        with file.open("wb") as stream:
            _pour(parts, stream)
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}") from error


def _pour(parts: Iterable[str], stream: BinaryIO) -> None:
    """In pieces of some kilobytes: a system call for each row would cost more than the row."""
    held: list[str] = []
    for part in parts:
        held.append(part)
        if len(held) >= _ROWS_AT_ONCE:
            stream.write("".join(held).encode("utf-8", "backslashreplace"))
            held.clear()
    stream.write("".join(held).encode("utf-8", "backslashreplace"))


def _text(printout: Printout, sink: Sink) -> str:
    make = {
        "text": _plain,
        "json": _json,
        "sarif": _sarif,
        "junit": _junit,
        "github": _github,
        "markdown": _markdown,
    }[sink.format]
    return make(printout, sink)


def _plain(printout: Printout, sink: Sink) -> str:
    from bot.formats.text import Style, to_text

    style = Style(
        colour=sink.file is None and colours(),
        source=printout.source,
        shown=printout.shown,
        suppressed=bool(printout.suppressed),
    )
    return to_text(printout.report, style)


def colours() -> bool:
    """As https://no-color.org and its counterpart FORCE_COLOR ask."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


def _json(printout: Printout, _sink: Sink) -> str:
    from bot.formats.json import to_json

    return to_json(printout.report, printout.shown)


def _sarif(printout: Printout, _sink: Sink) -> str:
    from bot.formats.sarif import SarifParts, to_sarif
    from bot.rule.page import page

    found = {label.finding.rule for label in printout.report.labels}
    parts = SarifParts(
        version=__version__,
        helps={rule.id: page(rule) for rule in printout.rules if rule.id in found},
        fixes=_capped(printout.fixes),
        suppressed=printout.suppressed is not False,
    )
    return to_sarif(printout.report, printout.rules, parts)


def _capped(fixes: _Fixes) -> _Fixes:
    """Each fix is proved anew, which takes milliseconds: a log of many findings holds the first."""
    left = _MOST_FIXES

    def fix(finding: Finding) -> Sequence[Replacement]:
        nonlocal left
        left -= 1
        return fixes(finding) if left >= 0 else ()

    return fix


def _junit(printout: Printout, _sink: Sink) -> str:
    from bot.formats.junit import to_junit

    return to_junit(printout.report, printout.floor)


def _github(printout: Printout, _sink: Sink) -> str:
    from bot.formats.annotations import to_annotations

    return to_annotations(printout.report)


def _markdown(printout: Printout, _sink: Sink) -> str:
    from bot.formats.markdown_report import to_markdown

    return to_markdown(printout.report, printout.rules)
