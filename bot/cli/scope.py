"""What a command speaks of: the home, what is asked, and the files below the paths."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.adapters.loaders import STDIN, Found, find
from bot.cli.home import Home, Wishes, config_at, home_of, rules_at
from bot.errors import UserError
from bot.frozen import frozen
from bot.workflows.check_path import Asked

if TYPE_CHECKING:
    from bot.engine.baseline import Baseline


@frozen
class Scope:
    """The files to judge and by what."""

    home: Home
    asked: Asked
    found: Found


def scope_of(
    paths: Sequence[str],
    wishes: Wishes,
    *,
    strict: bool,
    stdin_name: str,
    baseline: Baseline | None,
) -> Scope:
    """What lies below the paths. Raises UserError where there are none."""
    if not paths:
        raise UserError("name the files or folders to check, such as: podsec check deploy/")
    home = home_of(paths[0])
    config = config_at(home, wishes)
    rules = rules_at(home, config)
    found = find(paths, home.root, config.paths, strict=strict, stdin_name=stdin_name)
    asked = Asked(
        rules=rules,
        config=config,
        today=today(),
        is_complete=_is_complete(paths, found),
        sees_all=any(_holds(path, home.root) for path in paths),
        baseline=baseline,
    )
    return Scope(home=home, asked=asked, found=found)


def _is_complete(paths: Sequence[str], found: Found) -> bool:
    """Whether a folder was given: what is absent there is absent."""
    return any(Path(path).is_dir() for path in paths if path != STDIN) and bool(found.entries)


def _holds(path: str, root: Path) -> bool:
    return path != STDIN and root.is_relative_to(Path(path).resolve())


def today() -> date:
    """The day, in UTC: the engine has no clock."""
    return datetime.now(UTC).date()
