"""`podsec check`: judge files and print a report."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from bot import __version__
from bot.adapters.loaders import collect
from bot.config import DEFAULT, PATHS, Config, Profile, parse
from bot.errors import ConfigError
from bot.formats.json import to_json
from bot.formats.sarif import to_sarif
from bot.formats.text import to_text
from bot.model.finding import Report, Severity, at_least
from bot.rule.load import Rules, load_rules
from bot.workflows.check_path import check_files


def run(paths: Sequence[Path], format_: str, profile: str | None, fail_on: str | None) -> int:
    """Print the report; return the exit code."""
    config = config_for(paths, profile)
    loaded = load_rules()
    report = check_files(collect(paths), loaded, config)
    sys.stdout.write(_printed(report, loaded, format_))
    floor = cast("Severity", fail_on or config.fail_on)
    return int(any(at_least(finding.severity, floor) for finding in report.findings))


def _printed(report: Report, rules: Rules, format_: str) -> str:
    if format_ == "json":
        return to_json(report)
    if format_ == "sarif":
        return to_sarif(report, rules, __version__)
    return to_text(report, colour=sys.stdout.isatty())


def config_for(paths: Sequence[Path], profile: str | None) -> Config:
    """The config of the tree that holds the first path, under the profile asked for."""
    config = _nearest(paths[0].resolve())
    return config.with_profile(cast("Profile", profile)) if profile else config


def _nearest(path: Path) -> Config:
    for folder in (path, *path.parents):
        found: list[Any] = [folder / name for name in PATHS if (folder / name).is_file()]
        if len(found) > 1:
            print(f"podsec: {found[1]} is ignored, {found[0]} wins", file=sys.stderr)
        if found:
            try:
                return parse(found[0].read_bytes(), str(found[0]))
            except OSError as error:
                raise ConfigError(f"{found[0]}: {error.strerror}") from error
        if (folder / ".git").exists():
            break
    return DEFAULT
