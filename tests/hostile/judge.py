"""Judge files in a process of its own, and write a line for each: what it cost, what went wrong.

    python -m tests.hostile.judge FIRST COUNT SEED CORPORA
    python -m tests.hostile.judge FILE...

A process that the input kills leaves no last line: the test that started it sees that.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from bot.cli.output import FORMATS, Printout, Sink, write
from bot.config import DEFAULT
from bot.engine.fix import fix_file
from bot.formats.json import to_json
from bot.kubernetes.view import View
from bot.model.change import ChangedFile, ChangeSet
from bot.model.finding import Report
from bot.rule.load import Rules, load_rules
from bot.workflows.check_path import Asked, check_files
from tests.hostile.mutants import mutants, sources

FIX_EVERY = 10
LONG = 1.5


def judge(rules: Rules, path: str, data: bytes) -> tuple[Report, View]:
    """What `podsec check` does with a file, and what it prints."""
    changes = ChangeSet(files=(ChangedFile(path=path, status="added", data=data),))
    asked = Asked(rules=rules, config=DEFAULT, today=date(2026, 11, 24), is_complete=True)
    report, view = check_files(changes, asked)
    to_json(report, str)
    return report, view


def used(rules: Rules, path: str, data: bytes, report: Report, view: View, *, fix: bool) -> None:
    """What else may be asked: all formats, and the fixes."""
    printout = Printout(
        report=report, rules=rules, floor="high", shown=str, source=lambda _: data,
        fixes=lambda _: (), suppressed=True,
    )  # fmt: skip
    write(printout, [Sink(format=name, file=Path(os.devnull)) for name in FORMATS])
    if fix:
        found = report.findings
        fixed = fix_file(path, data, found, rules, DEFAULT, unsafe=True, view=view)
        assert isinstance(fixed.data, bytes)


def answer(report: Report) -> dict[str, Any]:
    reasons = [skipped.reason for skipped in report.skipped]
    return {
        "answered": bool(report.labels or reasons or report.manifests),
        "failures": [reason for reason in reasons if "a bug of podsec" in reason],
    }


def timed(rules: Rules, path: str, data: bytes) -> tuple[Report, View, float]:
    before = time.process_time()
    report, view = judge(rules, path, data)
    return report, view, time.process_time() - before


def measured(rules: Rules, path: str, data: bytes, *, fix: bool) -> dict[str, Any]:
    """The same with its CPU seconds, the peak of memory in MB, and the traceback if there is one.

    What takes long is judged twice: on a busy machine CPU seconds are dearer than they are.
    """
    try:
        report, view, seconds = timed(rules, path, data)
        if seconds > LONG:
            seconds = min(seconds, timed(rules, path, data)[2])
        most = peak()
        used(rules, path, data, report, view, fix=fix)
        row = answer(report)
    except Exception:
        row, seconds, most = {"traceback": traceback.format_exc()}, 0.0, 0
    return {"path": path, "bytes": len(data), "seconds": seconds, "peak": most, **row}


def peak() -> int:
    """The most memory that this process has held, in MB.

    Not getrusage: what it says begins with the size of the process that started this one.
    """
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def rows(arguments: list[str]) -> Iterator[dict[str, Any]]:
    rules = load_rules()
    if not arguments[0].isdigit():
        for name in arguments:
            yield measured(rules, name, Path(name).read_bytes(), fix=False)
        return
    first, count, seed = map(int, arguments[:3])
    files = sources(Path(arguments[3]) if arguments[3] else None)
    for number, (path, data) in enumerate(mutants(seed, first, count, files)):
        yield measured(rules, path, data, fix=number % FIX_EVERY == 0)


if __name__ == "__main__":
    for row in rows(sys.argv[1:]):
        print(json.dumps(row), flush=True)
