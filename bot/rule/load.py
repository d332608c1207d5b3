"""Rule folders to rules."""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from bot.config import Config
from bot.errors import RuleError
from bot.frozen import frozen
from bot.kubernetes.version import ALWAYS, VersionRange, parse_range
from bot.rule.declared import check_of, patches_of
from bot.rule.rule import FixMeta, Rule
from bot.yamlpatch import Unreadable, plain

_RANK = {"baseline": 0, "restricted": 1, "podsec": 2}
_LISTS = {"init": "initContainers", "main": "containers", "ephemeral": "ephemeralContainers"}
_WITH_CPU_LIMIT = "with-cpu-limit"
_SCHEMA = Path(__file__).with_name("rule.schema.json")


@frozen(kw_only=False)
class Rules:
    """All rules, sorted by id."""

    all: tuple[Rule, ...]

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.all)

    def get(self, rule: str) -> Rule | None:
        """The rule with this id."""
        return next((known for known in self.all if known.id == rule), None)

    def joined(self, own: Sequence[Rule]) -> Rules:
        """These and a repository's own. Raises RuleError where one takes a name that is taken."""
        for rule in own:
            if self.get(rule.id) is not None:
                where = f".podsec/rules/{rule.folder}/rule.yaml"
                raise RuleError(
                    f"{where}: podsec has a rule {rule.id!r} already: rename the folder"
                )
        return Rules(tuple(sorted((*self.all, *own), key=lambda rule: rule.id)))

    def select(self, config: Config) -> tuple[Rule, ...]:
        """The rules that run under a config: its profile, its version, what it switches."""
        rank = _RANK[config.profile]
        chosen = [r for r in self.all if _is_in(r, rank, config) and _holds(r, config)]
        replaced: set[str] = set()
        if config.profile == "restricted":
            replaced = {name for rule in chosen for name in rule.overrides}
        return tuple(rule for rule in chosen if rule.id not in replaced)


def _is_in(rule: Rule, rank: int, config: Config) -> bool:
    """Whether the profile and the switches let a rule run; what is enforced runs whatever they say.

    Enforcing all rules keeps those on that are on by default.
    """
    if rule.id in config.enforced:
        return True
    wanted = rule.enabled or (rule.with_cpu_limit and config.cpu_limit is not None)
    on = config.is_on(rule.id, wanted) or (rule.enabled and config.is_enforced(rule.id))
    return on and (_RANK[rule.profile] <= rank)


def _holds(rule: Rule, config: Config) -> bool:
    return rule.versions.holds(config.kubernetes_version)


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
        data = plain(source.read_bytes())
    except Unreadable as error:
        raise RuleError(f"{source}:{error.line}: {error.reason}") from error
    demand(data, str(source))
    return rule_of(folder.name, data, str(source), _module(folder))


def rule_of(name: str, data: dict[str, Any], source: str, module: Any = None) -> Rule:
    """The rule of a folder's name, its rule.yaml that keeps to the schema, and its code if any."""
    fix = data.get("fix")
    return Rule(
        id=name.replace("_", "-"),
        folder=name,
        summary=data["summary"],
        severity=data["severity"],
        profile=data["profile"],
        since=data["since"],
        applies_to=data["applies_to"],
        check=module.check if module else check_of(data, source),
        check_pod=getattr(module, "check_pod", None),
        confirm=getattr(module, "confirm", None),
        kinds=frozenset(data.get("kinds", ())),
        fix_meta=_fix_meta(fix, source) if fix else None,
        fix=getattr(module, "fix", None),
        advice=data.get("advice"),
        companion=data.get("companion"),
        linux_only=data.get("os") == "linux",
        versions=_versions(data, source),
        enabled=data.get("default", True) not in ("off", False, _WITH_CPU_LIMIT),
        with_cpu_limit=data.get("default") == _WITH_CPU_LIMIT,
        overrides=frozenset(data.get("overrides", ())),
        sensitive=data.get("sensitive", False),
        control=data.get("control"),
        containers=frozenset(_LISTS[name] for name in data.get("containers", _LISTS)),
        options=data.get("options", {}),
        references=tuple(data.get("references", ())),
        equivalents=data.get("equivalents", {}),
    )


def demand(data: Any, source: str) -> None:
    """Raises RuleError with the first thing that the schema finds."""
    error = next(iter(_validator().iter_errors(data)), None)
    if error is not None:
        where = ".".join(map(str, error.instance_path)) or "the file"
        raise RuleError(f"{source}: {where}: {error.message}")
    if (data["applies_to"] == "object") != ("kinds" in data):
        raise RuleError(f"{source}: 'kinds' goes with 'applies_to: object', and only with it")


@cache
def _validator() -> Any:
    return jsonschema_rs.validator_for(json.loads(_SCHEMA.read_bytes()))


def _versions(data: dict[str, Any], source: str) -> VersionRange:
    if "kubernetes" not in data:
        return ALWAYS
    try:
        return parse_range(data["kubernetes"])
    except ValueError as error:
        raise RuleError(f"{source}: kubernetes: {error}") from error


def _module(folder: Path) -> Any:
    if not (folder / "rule.py").is_file():
        return None
    return importlib.import_module(f"rules.{folder.name}.rule")


def _fix_meta(fix: dict[str, Any], source: str) -> FixMeta:
    return FixMeta(
        title=fix["title"],
        applicability=fix["applicability"],
        reason=fix.get("reason", ""),
        patches=patches_of(fix, source),
    )
