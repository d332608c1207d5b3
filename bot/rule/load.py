"""Rule folders to rules."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.config import Config
from bot.errors import RuleError
from bot.model.finding import SEVERITIES
from bot.rule.declared import check_of, patches_of
from bot.rule.rule import FixMeta, Rule

_KEYS = frozenset(
    [
        "summary",
        "message",
        "severity",
        "profile",
        "since",
        "applies_to",
        "os",
        "control",
        "containers",
        "require",
        "forbid",
        "fix",
        "advice",
        "equivalents",
        "references",
        "sensitive",
    ]
)
_RANK = {"baseline": 0, "restricted": 1, "podsec": 2}
_LISTS = {"init": "initContainers", "main": "containers", "ephemeral": "ephemeralContainers"}


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules, sorted by id."""

    all: tuple[Rule, ...]

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.all)

    def get(self, rule: str) -> Rule | None:
        """The rule with this id."""
        return next((known for known in self.all if known.id == rule), None)

    def select(self, config: Config) -> tuple[Rule, ...]:
        """The rules that run under a config."""
        rank = _RANK[config.profile]
        return tuple(r for r in self.all if _RANK[r.profile] <= rank and not config.is_off(r.id))


def load_rules(folder: Path | None = None) -> Rules:
    """Load every rule folder below `folder` (default: podsec's own). Raises RuleError."""
    folder = folder or rules_folder()
    found = (path.parent for path in sorted(folder.glob("*/rule.yaml")))
    return Rules(tuple(sorted((load_rule(path) for path in found), key=lambda rule: rule.id)))


def rules_folder() -> Path:
    """Where podsec's own rules are installed."""
    spec = importlib.util.find_spec("rules")
    if spec is None or not spec.submodule_search_locations:
        raise RuleError("the package 'rules' is not installed: install podsec again")
    return Path(spec.submodule_search_locations[0])


def load_rule(folder: Path) -> Rule:
    """Load one rule folder. Raises RuleError that names the file and the field."""
    source = folder / "rule.yaml"
    try:
        data = yaml.load(source.read_bytes(), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise RuleError(f"{source}: {error}") from error
    _demand(data, source)
    module = _module(folder)
    fix = data.get("fix")
    return Rule(
        id=folder.name.replace("_", "-"),
        folder=folder.name,
        summary=data["summary"],
        severity=data["severity"],
        profile=data["profile"],
        since=str(data["since"]),
        applies_to=data["applies_to"],
        check=module.check if module else check_of(data, source),
        fix_meta=_fix_meta(fix) if fix else None,
        fix=getattr(module, "fix", None),
        advice=data.get("advice"),
        linux_only=data.get("os") == "linux",
        sensitive=data.get("sensitive", False),
        control=data.get("control"),
        containers=frozenset(_LISTS[name] for name in data.get("containers", _LISTS)),
        references=tuple(data.get("references", ())),
        equivalents=data.get("equivalents", {}),
    )


def _demand(data: Any, source: Path) -> None:
    if not isinstance(data, dict):
        raise RuleError(f"{source}: is not a mapping")
    if unknown := sorted(set(data) - _KEYS):
        raise RuleError(f"{source}: unknown key {unknown[0]!r}")
    for key in ("summary", "severity", "profile", "since", "applies_to"):
        if key not in data:
            raise RuleError(f"{source}: the key {key!r} is missing")
    if data["severity"] not in SEVERITIES:
        raise RuleError(f"{source}: severity {data['severity']!r} is none of {SEVERITIES}")
    if data["profile"] not in _RANK:
        raise RuleError(f"{source}: profile {data['profile']!r} is none of {tuple(_RANK)}")


def _module(folder: Path) -> Any:
    if not (folder / "rule.py").is_file():
        return None
    return importlib.import_module(f"rules.{folder.name}.rule")


def _fix_meta(fix: dict[str, Any]) -> FixMeta:
    return FixMeta(
        title=fix["title"],
        applicability=fix["applicability"],
        reason=fix.get("reason", ""),
        patches=patches_of(fix),
    )
