"""The command line's check and fix: the same engine as in a pull request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from bot.config import Config
from bot.engine.check import check, view_of
from bot.engine.fix import Fixed, Fixer
from bot.engine.read import load
from bot.engine.triage import triage
from bot.model.change import ChangeSet
from bot.model.finding import Finding, Report
from bot.rule.load import Rules
from bot.workflows.spread import spread


def check_files(
    changes: ChangeSet, rules: Rules, config: Config, *, complete: bool = False
) -> Report:
    """Judge all files of a change; `complete`: they are all of a directory."""
    loaded = [load(file.path, file.data) for file in changes.files if file.data is not None]
    manifests = [manifest for found, _ in loaded for manifest in found]
    skipped = [item for _, items in loaded for item in items]
    findings = check(manifests, rules, config, view_of(manifests, complete=complete))
    return triage(findings, manifests, changes, skipped, None)


def fix_files(
    changes: ChangeSet, report: Report, rules: Rules, config: Config, *, unsafe: bool
) -> Iterator[Fixed]:
    """The files with their fixes, one by one."""
    by_file: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        by_file[finding.file].append(finding)
    fixer = Fixer(rules, config)
    work = [
        (file.path, file.data, by_file[file.path])
        for file in changes.files
        if file.path in by_file and file.data is not None
    ]
    yield from spread(lambda one: fixer.fix(*one, unsafe=unsafe), work)
