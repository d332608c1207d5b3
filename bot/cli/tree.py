"""`podsec check` of a large tree: verdicts are remembered, and what is printed is not held."""

from __future__ import annotations

import dataclasses
import gc
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.adapters.loaders import read_entry
from bot.cli.home import own_files
from bot.cli.output import Printout, Sink, emit_parts, write
from bot.cli.scope import Scope
from bot.config import Config
from bot.engine.verdict import Judge
from bot.formats.json import to_parts
from bot.formats.plain import Shown
from bot.model.finding import Label, Report, at_least
from bot.verdicts.pool import Pool, workers_for
from bot.verdicts.store import opened, stamp
from bot.workflows.check_tree import Tree, TreeCheck

_WORTH_WORKERS = 2000
_WORTH_PROGRESS = 1000


def run(scope: Scope, wanted: Sequence[Sink], *, suppressed: bool | None, cached: bool) -> int:
    """Check the tree of a scope and print it; returns the exit code."""
    gc.disable()  # libyaml's nodes hold no cycles, and to look for some doubles the time
    shown = {entry.name: entry.shown for entry in scope.found.entries}
    asked = scope.asked
    files = len(scope.found.entries)
    judge = Judge(asked.rules, asked.config)
    with (
        opened(cache_folder() if cached else None) as store,
        Pool(judge, workers_for(files, _WORTH_WORKERS)) as pool,
        _progress(files) as progress,
    ):
        check = TreeCheck(_tree(scope, progress), asked, store)
        report = replace(check.judge(pool), excluded=scope.found.excluded)
        _print(check, report, scope, wanted, lambda name: shown.get(name, name), suppressed)
        floor = asked.config.fail_on
        return int(any(at_least(severity, floor) for severity in check.severities))


def _print(
    check: TreeCheck,
    report: Report,
    scope: Scope,
    wanted: Sequence[Sink],
    shown: Shown,
    suppressed: bool | None,
) -> None:
    """JSON row by row; the other formats speak of the report as a whole."""
    others = [sink for sink in wanted if sink.format != "json"]
    for sink in wanted:
        if sink.format == "json":
            emit_parts(_json(check, report, shown), sink.file)
    if others:
        labels = tuple(check.labels())
        whole = _finished(report, check, labels)
        names = {entry.name: entry for entry in scope.found.entries}
        printout = Printout(
            report=whole,
            rules=scope.asked.rules,
            floor=scope.asked.config.fail_on,
            shown=shown,
            source=lambda name: read_entry(names[name]).data,
            fixes=lambda _: (),
            suppressed=suppressed,
        )
        write(printout, others)


def _json(check: TreeCheck, report: Report, shown: Shown) -> Iterator[str]:
    """The JSON report from rows that are ready; only what is allowed is held."""
    allowed: list[Label] = []
    count = 0

    def rows() -> Iterator[str]:
        nonlocal count
        file, lead = "", ""
        for row in check.rows():
            if row.suppression is not None:
                allowed.append(row.label())
                continue
            if row.file != file:
                file, lead = row.file, f'{{"file": {json.dumps(shown(row.file))}, '
            count += 1
            yield f'{lead}"standing": "new", {row.shown[1:]}'

    return to_parts(rows(), shown, lambda: (_finished(report, check, tuple(allowed)), count))


def _finished(report: Report, check: TreeCheck, labels: tuple[Label, ...]) -> Report:
    """The report with its labels, and with what was learned while they were gathered."""
    return replace(report, labels=labels, skipped=(*report.skipped, *check.failures()))


def _tree(scope: Scope, progress: Callable[[int], None]) -> Tree:
    entries = {entry.name: entry for entry in scope.found.entries}
    own = own_files(scope.home.root)
    return Tree(
        names=tuple(entries),
        read=lambda name: read_entry(entries[name]),
        stamp=stamp(canonical(scope.asked.config), (own[name] for name in sorted(own))),
        progress=progress,
    )


def canonical(config: Config) -> str:
    """A config as text, the same for the same config."""
    return json.dumps(dataclasses.asdict(config), sort_keys=True, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


def cache_folder() -> Path | None:
    """Where verdicts are remembered (XDG Base Directory); None without a home."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    return Path(base) / "podsec" if Path(base).is_absolute() else None


@contextmanager
def _progress(files: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal's standard error, where there is something to wait for."""
    if files < _WORTH_PROGRESS or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    bar = Progress(
        TextColumn("checking"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=files)
        yield lambda number: bar.advance(task, number)
