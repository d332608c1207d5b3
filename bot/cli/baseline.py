"""`podsec baseline`: accept the findings that stand, so that only new ones count."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot import __version__
from bot.cli.check import CheckOptions, check_paths
from bot.cli.home import warn
from bot.cli.output import emit
from bot.engine.baseline import to_baseline
from bot.formats.plain import counted

DEFAULT_FILE = Path(".podsec-baseline.json")


def run(paths: Sequence[str], options: CheckOptions, file: Path | None) -> None:
    """Print the baseline of what lies below the paths, or write it to a file."""
    checked = check_paths(paths, options)
    findings = checked.report.findings
    text = to_baseline(findings, checked.asked.rules, checked.asked.config, __version__)
    emit(text, file)
    if file is not None:
        warn(f"{counted(len(findings), 'finding')} accepted in {file}: commit it, then run")
        warn(f"podsec check {' '.join(paths)} --baseline {file}")
