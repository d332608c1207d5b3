"""What the base branch of a pull request asks: its config under the layers below it, its own rules.

defaults < operator < the organisation's repository `.github` < the repository; each from a base, so
that a pull request cannot switch its own review off.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from bot.config import DEFAULT, PATHS, Config, Layer, build, read_layer
from bot.errors import ConfigError, RuleError
from bot.frozen import frozen
from bot.model.delivery import PullRef, RepositoryRef
from bot.model.finding import Skipped
from bot.ports import Forge
from bot.rule.load import Rules
from bot.rule.own import FOLDER, MOST, own_rules
from bot.rule.switches import demand_known
from bot.workflows.check_path import Asked
from bot.workflows.operator import Operator

_KIND = "config"
SHARED = ".github"


@frozen
class Terms:
    """By what a pull request is judged.

    `void` are the configs that another one makes void; `troubles` say what is wrong on the base,
    and what was used in its place.
    """

    asked: Asked
    void: tuple[Skipped, ...] = ()
    troubles: tuple[str, ...] = ()


def asked_by_base(
    forge: Forge, pull: PullRef, operator: Operator
) -> tuple[Asked, tuple[Skipped, ...]]:
    """The same where nothing is wrong. Raises ConfigError or RuleError where anything is."""
    source, void = _source(forge, pull)
    layers = [*operator.layers, *shared_layers(forge, pull.repository), *_own_layers(source)]
    joined = operator.rules.joined(own_rules(own_files(forge, pull)))
    config = build(layers)
    demand_known(config, joined)
    _remember(operator, _key(pull), source)
    return asked(joined, config), void


def terms_of_base(forge: Forge, pull: PullRef, operator: Operator) -> Terms:
    """By what a pull request is judged, whatever is wrong on its base.

    In the place of a wrong config stands the last one that was right, else none; own rules that
    are wrong are left out.
    """
    try:
        found, void = asked_by_base(forge, pull, operator)
        return Terms(asked=found, void=void)
    except (ConfigError, RuleError) as error:
        return _instead(forge, pull, operator, error)


def _instead(
    forge: Forge, pull: PullRef, operator: Operator, error: ConfigError | RuleError
) -> Terms:
    """The nearest terms that are right."""
    rules, troubles = operator.rules, [str(error)]
    try:
        rules = rules.joined(own_rules(own_files(forge, pull)))
    except RuleError as wrong:
        troubles = [*dict.fromkeys([*troubles, str(wrong)])]
        troubles.append("the repository's own rules are left out")
    layers = list(operator.layers)
    try:
        layers += shared_layers(forge, pull.repository)
    except ConfigError:
        troubles.append("the organisation's config is left out")
    config, said = _own_or_last(forge, pull, operator, layers, rules)
    return Terms(asked=asked(rules, config), troubles=(*troubles, *said))


def _own_or_last(
    forge: Forge, pull: PullRef, operator: Operator, layers: list[Layer], rules: Rules
) -> tuple[Config, tuple[str, ...]]:
    """The repository's config; the last one that was right; or none."""
    source, _ = _source(forge, pull)
    last = _recalled(operator, _key(pull))
    for tried, said in ((source, ""), (last, "the last config that was right holds meanwhile")):
        try:
            config = build([*layers, *_own_layers(tried)])
            demand_known(config, rules)
        except (ConfigError, RuleError):
            continue
        if tried is not None or not said:
            return config, (said,) if said else ()
    try:
        return build(layers), ("the defaults hold meanwhile",)
    except ConfigError:  # built from layers that were read already
        return DEFAULT, ("the defaults hold meanwhile",)


_Source = tuple[str, bytes]
"""Where a config stands, and its text."""


def asked(rules: Rules, config: Config) -> Asked:
    """What a pull request is asked: never all of a directory, so that absence means nothing."""
    return Asked(rules=rules, config=config, today=datetime.now(UTC).date(), is_informed=True)


def _source(forge: Forge, pull: PullRef) -> tuple[_Source | None, tuple[Skipped, ...]]:
    found = {path: forge.read(pull.repository, pull.base_sha, path) for path in PATHS}
    present = [path for path, data in found.items() if data is not None]
    if not present:
        return None, ()
    path, *void = present
    reason = f"not read, since {path} wins"
    ignored = tuple(Skipped(file=other, line=1, reason=reason) for other in void)
    return (path, found[path] or b""), ignored


def _own_layers(source: _Source | None) -> list[Layer]:
    return [] if source is None else [read_layer(source[1], source[0])]


def shared_layers(forge: Forge, repository: RepositoryRef) -> list[Layer]:
    """The organisation's layer; its own repository is under no other. Raises ConfigError."""
    if repository.full_name.endswith(f"/{SHARED}"):
        return []
    found = forge.shared(repository, SHARED, PATHS)
    if found is None:
        return []
    path, data = found
    return [read_layer(data, f"{repository.owner}/{SHARED}/{path}", "organisation")]


def _key(pull: PullRef) -> str:
    return f"{pull.repository.id}:{pull.base_ref}"


def _remember(operator: Operator, key: str, source: _Source | None) -> None:
    """Keep a config that is right, should the next one be wrong; no text is kept of none."""
    if source is not None:
        path, data = source
        operator.records.keep(_KIND, key, json.dumps([path, data.decode("utf-8", "replace")]))


def _recalled(operator: Operator, key: str) -> _Source | None:
    stored = operator.records.find(_KIND, key)
    if stored is None:
        return None
    path, text = json.loads(stored)
    return str(path), str(text).encode()


def own_files(forge: Forge, pull: PullRef) -> Mapping[str, bytes]:
    """What the rules of the base are read from; of code the name alone, since it is refused."""
    names = forge.paths(pull.repository, pull.base_sha, FOLDER)
    depth = FOLDER.count("/") + 2
    rules = [n for n in names if n.endswith("/rule.yaml") and n.count("/") == depth]
    if len(rules) > MOST:
        raise RuleError(f"{FOLDER}: {len(rules)} rules, at most {MOST} are loaded")
    files = {name: b"" for name in names if name.endswith(".py")}
    return files | {name: forge.read(pull.repository, pull.base_sha, name) or b"" for name in rules}
