"""`podsec config`: the effective config, and where each value came from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.cli.home import Wishes, config_at, home_of, rules_at
from bot.config import Config
from bot.config.schema import SCHEMA
from bot.config.spoken import spoken


def run(path: str, wishes: Wishes, format_: str) -> str:
    """The config that holds for a path, as YAML with comments or as JSON with origins.

    Raises ConfigError where it is wrong.
    """
    home = home_of(path)
    config = config_at(home, wishes)
    rules_at(home, config)
    values = spoken(config)
    if format_ == "json":
        origins = {key: _origin(config, key) for key, _ in _leaves(values)}
        document = {"root": str(home.root), "config": values, "origins": origins}
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return f"# the effective config of {home.root}\n" + "".join(_lines(values, config))


def schema() -> str:
    """The JSON Schema of `.podsec.yaml`."""
    return json.dumps(SCHEMA, indent=2, ensure_ascii=False) + "\n"


def _origin(config: Config, key: str) -> str:
    """Where a key was set: by itself, or by what holds it."""
    while key:
        if key in config.origins:
            return config.origins[key]
        key = key.rpartition(".")[0]
    return "default"


def _leaves(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{above}{key}.")
        else:
            yield above + key, value


def _lines(
    values: Mapping[str, Any], config: Config, above: str = "", indent: str = ""
) -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield f"{indent}{_scalar(key)}:\n"
            yield from _lines(value, config, f"{above}{key}.", indent + "  ")
            continue
        text = f"{indent}{_scalar(key)}: {_flow(value)}"
        yield f"{text:44}  # {_origin(config, above + key)}\n"


def _flow(value: Any) -> str:
    """A value on one line that YAML reads back: JSON, but for plain words."""
    if isinstance(value, str):
        return _scalar(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return f"[{', '.join(map(_scalar, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _scalar(text: str) -> str:
    plain = text.replace("-", "").replace(".", "").replace("_", "")
    if plain.isalnum() and plain.isascii() and plain[0].isalpha() and text not in ("on", "off"):
        return text
    return json.dumps(text, ensure_ascii=False)
