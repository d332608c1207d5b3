"""The command line's check and fix: the same engine as in a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from bot.config import Config
from bot.engine.check import check, view_of
from bot.engine.fix import Fixed, fix_file
from bot.engine.read import load
from bot.engine.triage import triage
from bot.model.change import ChangeSet
from bot.model.finding import Report
from bot.rule.load import Rules


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
    for file in changes.files:
        findings = [finding for finding in report.findings if finding.file == file.path]
        if findings and file.data is not None:
            yield fix_file(file.path, file.data, findings, rules, config, unsafe=unsafe)
