"""A pull request that changes podsec's own config: is what it brings right, and what will hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.config import PATHS, Layer, build, examine
from bot.config.layer import Problem
from bot.errors import ConfigError, RuleError
from bot.model.change import ChangedFile, ChangeSet
from bot.model.config_news import ConfigNews
from bot.model.delivery import PullRef
from bot.ports import Forge
from bot.rule.load import Rules
from bot.rule.own import FOLDER, own_rules
from bot.rule.switches import problems
from bot.workflows.base_branch import own_files
from bot.workflows.operator import Operator


def config_news(
    forge: Forge, pull: PullRef, changes: ChangeSet, operator: Operator
) -> tuple[ConfigNews, ...]:
    """What the pull request does to each config; none where it touches none.

    Costs no call, unless a config names a rule that podsec does not bring.
    """
    touched = [file for path in PATHS if (file := changes.file(path)) is not None]
    return tuple(_news(file, forge, pull, changes, operator) for file in touched)


def _news(
    file: ChangedFile, forge: Forge, pull: PullRef, changes: ChangeSet, operator: Operator
) -> ConfigNews:
    if file.status == "removed":
        return ConfigNews(path=file.path, is_removed=True)
    if file.data is None:
        why = ((1, f"it was not read: {file.unread or 'GitHub does not show it'}"),)
        return ConfigNews(path=file.path, problems=why)
    layer, wrong = examine(file.data, file.path)
    if not wrong:
        wrong = tuple(_about_rules(layer, forge, pull, changes, operator))
    return ConfigNews(path=file.path, problems=wrong)


def _about_rules(
    layer: Layer, forge: Forge, pull: PullRef, changes: ChangeSet, operator: Operator
) -> Iterator[Problem]:
    """What the config says of rules that are not there, by line."""
    try:
        config = build([layer])
    except ConfigError as error:
        yield 1, str(error)
        return
    found = list(problems(config, operator.rules))
    if found:
        found = list(problems(config, _with_own(forge, pull, changes, operator.rules)))
    for text in found:
        place, _, said = text.partition(": ")
        line = place.rpartition(":")[2]
        yield (int(line), said) if line.isdigit() else (1, text)


def _with_own(forge: Forge, pull: PullRef, changes: ChangeSet, rules: Rules) -> Rules:
    """Podsec's rules, and those of the repository as they will be; wrong ones are none."""
    brought = {file.path: file.data for file in changes.files if file.path.startswith(f"{FOLDER}/")}
    try:
        stands = own_files(forge, pull)
        return rules.joined(own_rules(_kept({**stands, **brought})))
    except RuleError:
        return rules


def _kept(files: Mapping[str, bytes | None]) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if data is not None}
