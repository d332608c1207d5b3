"""Where a command works: the root of the tree, its config, and its own rules."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.config import PATHS, Config, Layer, build, read_layer
from bot.config.layer import LayerKind
from bot.errors import ConfigError, UserError
from bot.frozen import frozen
from bot.kubernetes.version import parse_version
from bot.rule.load import Rules, load_rules
from bot.rule.own import FOLDER, own_rules
from bot.rule.rule import Rule
from bot.rule.switches import demand_known

_MOST_BYTES = 1_000_000
_MOST_FILES = 5_000


@frozen
class Wishes:
    """What the command line says about the config; None leaves it as it is."""

    profile: str | None = None
    kubernetes_version: str | None = None
    fail_on: str | None = None
    operator_config: Path | None = None
    no_ignore: tuple[str, ...] = ()


@frozen
class Home:
    """The root that names count from, and the files of the nearest config with their folder."""

    root: Path
    config_files: tuple[Path, ...] = ()
    config_folder: str = ""


def home_of(given: str) -> Home:
    """The home of a path: the root of its git checkout, and the nearest config above it.

    Without a checkout the root is the folder of the config, else the working directory if that
    holds the path.
    """
    here = Path.cwd().resolve()
    path = here if given == "-" else Path(given).resolve()
    config: tuple[Path, tuple[Path, ...]] | None = None
    for folder in (path, *path.parents):
        found = tuple(file for name in PATHS if (file := folder / name).is_file())
        config = config or ((folder, found) if found else None)
        if (folder / ".git").exists():
            return _home(folder, config)
    outside = path if path.is_dir() else path.parent
    root = config[0] if config else here if path.is_relative_to(here) else outside
    return _home(root, config)


def _home(root: Path, config: tuple[Path, tuple[Path, ...]] | None) -> Home:
    if config is None:
        return Home(root=root)
    folder = config[0].relative_to(root).as_posix()
    return Home(root=root, config_files=config[1], config_folder="" if folder == "." else folder)


def config_at(home: Home, wishes: Wishes) -> Config:
    """The config of a home under the wishes. Raises ConfigError."""
    files = home.config_files
    if len(files) > 1:
        warn(f"{_shown(files[1])} is ignored: {_shown(files[0])} wins")
    folder = home.config_folder
    layers = [_layer(files[0], "repository").counted_from(folder)] if files else []
    return with_wishes(layers, wishes)


def with_wishes(layers: Sequence[Layer], wishes: Wishes) -> Config:
    """The config of a repository's layers, above the operator's and below the options."""
    operator = wishes.operator_config
    under = [_layer(operator, "operator")] if operator is not None else []
    return build([*under, *layers, *_options(wishes)])


def rules_at(home: Home, config: Config) -> Rules:
    """All rules, the repository's own among them. Raises RuleError or ConfigError."""
    return checked(own_rules(own_files(home.root)), config)


def checked(own: Sequence[Rule], config: Config) -> Rules:
    """All rules, once the config is known to speak of them alone."""
    rules = load_rules().joined(own)
    demand_known(config, rules)
    return rules


def _options(wishes: Wishes) -> list[Layer]:
    if wishes.kubernetes_version is not None:
        try:
            parse_version(wishes.kubernetes_version)
        except ValueError as error:
            raise UserError(f"--kubernetes-version: {error}") from error
    said: dict[str, dict[str, Any]] = {
        "--profile": {"profile": wishes.profile},
        "--kubernetes-version": {"kubernetesVersion": wishes.kubernetes_version},
        "--fail-on": {"failOn": wishes.fail_on},
        "--no-ignore": {"enforced": list(wishes.no_ignore) or None},
    }
    return [
        Layer(kind="option", path=option, data=data)
        for option, data in said.items()
        if None not in data.values()
    ]


def _layer(path: Path, kind: LayerKind) -> Layer:
    try:
        return read_layer(path.read_bytes(), _shown(path), kind)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error


def _shown(path: Path) -> str:
    """A path as one would type it from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd().resolve()))
    except ValueError:
        return str(path)


def own_files(root: Path) -> Mapping[str, bytes]:
    """The files below `.podsec/rules`, by their paths from the root; links are not followed."""
    found: dict[str, bytes] = {}
    for folder, below, names in os.walk(root / FOLDER):
        below[:] = sorted(name for name in below if name != "__pycache__")
        for name in sorted(names):
            path = Path(folder) / name
            if path.is_file() and not path.is_symlink() and len(found) < _MOST_FILES:
                with path.open("rb") as stream:
                    found[path.relative_to(root).as_posix()] = stream.read(_MOST_BYTES)
    return found


def warn(text: str) -> None:
    """Say something beside the output."""
    print(f"podsec: {text}", file=sys.stderr)
