"""`podsec check --diff`: judge a change in a git checkout by the config and rules of its base."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from git.objects import Commit

from bot.adapters.git import Checkout, Range
from bot.adapters.loaders import STDIN, SUFFIXES
from bot.cli.check import Checked, today, with_excluded
from bot.cli.home import Wishes, checked, warn, with_wishes
from bot.config import PATHS, Config, read_layer
from bot.disk import DiskFiles
from bot.engine.read import kinds_of
from bot.errors import UserError
from bot.model.change import ChangeSet
from bot.model.files import Files
from bot.rule.own import FOLDER, own_rules
from bot.workflows.check_change import check_change
from bot.workflows.check_path import Asked
from bot.workflows.render_change import (
    NOT_RENDERED,
    Programs,
    Scenes,
    is_rendered,
    render_change,
    with_sources,
)


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
    below = _prefixes(paths, checkout.root)
    config = _config(checkout, ends, below[0], wishes)
    rules = checked(own_rules(checkout.files(ends.base, FOLDER)), config)
    files = checkout.changes(ends, lambda path: _is_below(path, below))
    kept = [file for file in files.files if config.paths.hold(file.path)]
    changes = replace(files, files=tuple(kept))
    asked = Asked(rules=rules, config=config, today=today(), is_complete=True, is_informed=True)
    scenes = _scenes(checkout, ends, changes, config)
    changes = with_sources(changes, scenes, config.paths.hold)
    report, view = check_change(changes, asked, scenes)
    return Checked(
        report=with_excluded(report, len(files.files) - len(kept)),
        asked=asked,
        changes=changes,
        shown={file.path: os.path.relpath(checkout.root / file.path) for file in changes.files},
        view=view,
    )


def _scenes(checkout: Checkout, ends: Range, changes: ChangeSet, config: Config) -> Scenes:
    """What the change makes of the kustomizations and charts that it reaches."""
    files: Files
    files = checkout.tree(ends.head) if ends.head is not None else DiskFiles(checkout.root)
    if not any(map(is_rendered, files.paths())):
        return NOT_RENDERED
    from bot.adapters.renderers import Helm, Kustomize

    programs = Programs(kustomize=Kustomize(kinds_of(config)), helm=Helm())
    return render_change(changes, files, programs, config)


def _config(checkout: Checkout, ends: Range, path: str, wishes: Wishes) -> Config:
    """The config of the base that is nearest above a path."""
    found = _nearest(checkout, ends.base, path)
    if found is not None:
        folder, name, data = found
        return with_wishes([read_layer(data, name).counted_from(folder)], wishes)
    if ends.head is not None and _nearest(checkout, ends.head, path) is not None:
        warn("the config that the change brings holds from the next change on")
    return with_wishes([], wishes)


def _nearest(checkout: Checkout, commit: Commit, path: str) -> tuple[str, str, bytes] | None:
    """The folder, the name and the content of the nearest config above a path."""
    for folder in (path, *map(str, PurePosixPath(path).parents)):
        above = "" if folder == "." else folder
        for name in (f"{above}/{file}".lstrip("/") for file in PATHS):
            data = checkout.read(commit, name)
            if data is not None:
                return above, name, data
    return None


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
    if not path.endswith(SUFFIXES) or path.endswith(PATHS) or path.startswith(".podsec/"):
        return False
    return any(not top or path == top or path.startswith(top + "/") for top in prefixes)
