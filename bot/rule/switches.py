"""What a config says of rules, held against the rules that there are."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from bot.config import EVERY_RULE, Config
from bot.errors import ConfigError
from bot.rule.load import Rules
from bot.rule.rule import Rule


def demand_known(config: Config, rules: Rules) -> None:
    """Raises ConfigError, by file and line, for a rule or an option that does not exist."""
    found = list(problems(config, rules))
    if found:
        raise ConfigError("\n".join(found))


def problems(config: Config, rules: Rules) -> Iterator[str]:
    """What a config gets wrong about rules, each with its place: `file:line: what is wrong`."""
    ids = [rule.id for rule in rules]
    named = [(f"rules.{name}", name) for name in config.rules]
    named += [("enforced", name) for name in sorted(config.enforced - {EVERY_RULE})]
    for key, name in named:
        if rules.get(name) is None:
            yield f"{_where(config, key)}: {key}: there is no rule {name!r}{guess(name, ids)}"
    for suppression in config.suppressions:
        if rules.get(suppression.rule) is None:
            place = f"{suppression.file}:{suppression.line}"
            name = suppression.rule
            yield f"{place}: suppressions: there is no rule {name!r}{guess(name, ids)}"
    for name in config.options:
        rule = rules.get(name)
        if rule is not None:
            yield from _options(config, rule)


def guess(name: str, known: list[str]) -> str:
    """The name that is nearest, as the end of a message."""
    found = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {found[0]!r}?" if found else "; podsec rules lists them"


def _where(config: Config, key: str) -> str:
    return config.origins.get(key) or config.source or "the config"


def _options(config: Config, rule: Rule) -> Iterator[str]:
    """Options that a rule does not have, or that are of another type than their default."""
    where = _where(config, f"rules.{rule.id}")
    for name, value in config.options[rule.id].items():
        key = f"rules.{rule.id}.options.{name}"
        if name not in rule.options:
            known = sorted(rule.options)
            hint = difflib.get_close_matches(name, known, 1)
            which = f"did you mean {hint[0]!r}?" if hint else f"it has {', '.join(known) or 'none'}"
            yield f"{where}: {key}: the rule has no such option; {which}"
        elif rule.options[name] is not None and not _alike(value, rule.options[name]):
            yield f"{where}: {key}: expected a value such as {rule.options[name]!r}, not {value!r}"


def _alike(value: object, default: object) -> bool:
    numbers = (int, float)
    if isinstance(default, bool) or isinstance(value, bool):
        return type(value) is type(default)
    if isinstance(default, numbers):
        return isinstance(value, numbers)
    return type(value) is type(default)
