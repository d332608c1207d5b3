"""`podsec check --diff`: judge a change in a git checkout by the config and rules of its base."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from git.objects import Commit

from bot.adapters.git import Checkout
from bot.adapters.loaders import STDIN, SUFFIXES
from bot.cli.check import Checked, today, with_excluded
from bot.cli.home import Wishes, checked, warn, with_wishes
from bot.config import PATHS, Config, read_layer
from bot.errors import UserError
from bot.rule.own import FOLDER, own_rules
from bot.workflows.check_change import check_change
from bot.workflows.check_path import Asked


def check_range(paths: Sequence[str], span: str, wishes: Wishes, baseline: Path | None) -> Checked:
    """Judge both sides of `span`; only what it brings or worsens counts.

    Config and own rules come from the base: a change cannot switch its own check off.
    """
    if baseline is not None:
        raise UserError("--diff compares with a commit, --baseline with a file: choose one")
    if STDIN in paths:
        raise UserError("--diff reads commits: it does not go with the standard input")
    checkout = Checkout(Path(paths[0]) if paths else Path.cwd())
    ends = checkout.range(span)
    config = _config(checkout, ends.base, ends.head, wishes)
    rules = checked(own_rules(checkout.files(ends.base, FOLDER)), config)
    below = _prefixes(paths, checkout.root)
    files = checkout.changes(ends, lambda path: _is_below(path, below))
    kept = [file for file in files.files if config.paths.hold(file.path)]
    changes = replace(files, files=tuple(kept))
    asked = Asked(rules=rules, config=config, today=today(), is_complete=True)
    report, view = check_change(changes, asked)
    return Checked(
        report=with_excluded(report, len(files.files) - len(kept)),
        asked=asked,
        changes=changes,
        shown={file.path: os.path.relpath(checkout.root / file.path) for file in kept},
        view=view,
    )


def _config(checkout: Checkout, base: Commit, head: Commit | None, wishes: Wishes) -> Config:
    for name in PATHS:
        data = checkout.read(base, name)
        if data is not None:
            return with_wishes([read_layer(data, name)], wishes)
    if head is not None and any(checkout.read(head, name) is not None for name in PATHS):
        warn("the config that the change brings holds from the next change on")
    return with_wishes([], wishes)


def _prefixes(paths: Sequence[str], root: Path) -> tuple[str, ...]:
    """The paths from the root; an empty one is the root itself."""
    found = []
    for given in paths:
        path = Path(given).resolve()
        if not path.is_relative_to(root):
            raise UserError(f"{given}: lies outside of the checkout {root}")
        found.append(path.relative_to(root).as_posix())
    return tuple("" if path == "." else path for path in found) or ("",)


def _is_below(path: str, prefixes: Sequence[str]) -> bool:
    if not path.endswith(SUFFIXES) or path in PATHS or path.startswith(".podsec/"):
        return False
    return any(not top or path == top or path.startswith(top + "/") for top in prefixes)
