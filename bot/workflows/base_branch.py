"""What the base branch of a pull request asks: its config, and its own rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from bot.config import DEFAULT, PATHS, Config, parse
from bot.errors import RuleError
from bot.model.delivery import PullRef
from bot.model.finding import Skipped
from bot.ports import Forge
from bot.rule.load import Rules
from bot.rule.own import FOLDER, MOST, own_rules
from bot.rule.switches import demand_known
from bot.workflows.check_path import Asked


def asked_by_base(forge: Forge, pull: PullRef, rules: Rules) -> tuple[Asked, tuple[Skipped, ...]]:
    """By what a pull request is judged, and the configs that another one makes void.

    It comes from the base, so that a pull request cannot switch its own review off. Raises
    ConfigError or RuleError where the base is wrong.
    """
    config, void = _config(forge, pull)
    joined = rules.joined(own_rules(_own_files(forge, pull)))
    demand_known(config, joined)
    return asked(joined, config), void


def asked(rules: Rules, config: Config) -> Asked:
    """What a pull request is asked: never all of a directory, so that absence means nothing."""
    return Asked(rules=rules, config=config, today=datetime.now(UTC).date(), is_informed=True)


def _config(forge: Forge, pull: PullRef) -> tuple[Config, tuple[Skipped, ...]]:
    found = {path: forge.read(pull.repository, pull.base_sha, path) for path in PATHS}
    present = [path for path, data in found.items() if data is not None]
    if not present:
        return DEFAULT, ()
    path, *void = present
    reason = f"not read, since {path} wins"
    ignored = tuple(Skipped(file=other, line=1, reason=reason) for other in void)
    return parse(found[path] or b"", path), ignored


def _own_files(forge: Forge, pull: PullRef) -> Mapping[str, bytes]:
    """What the rules of the base are read from; of code the name alone, since it is refused."""
    names = forge.paths(pull.repository, pull.base_sha, FOLDER)
    depth = FOLDER.count("/") + 2
    rules = [n for n in names if n.endswith("/rule.yaml") and n.count("/") == depth]
    if len(rules) > MOST:
        raise RuleError(f"{FOLDER}: {len(rules)} rules, at most {MOST} are loaded")
    files = {name: b"" for name in names if name.endswith(".py")}
    return files | {name: forge.read(pull.repository, pull.base_sha, name) or b"" for name in rules}
