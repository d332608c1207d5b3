"""A repository's own rules: `.podsec/rules/NAME/rule.yaml`, declared verbs only.

They come from what podsec checks, so nothing of them is run, and they may not pass for a control of
the Pod Security Standards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.errors import RuleError
from bot.rule.load import demand, rule_of
from bot.rule.rule import Rule
from bot.yamlpatch import Unreadable, read

FOLDER = ".podsec/rules"
_NAME = re.compile(r"^[a-z][a-z0-9_-]{0,49}$")
_RESERVED = ("control", "overrides")
MOST = 200


def own_rules(files: Mapping[str, bytes]) -> tuple[Rule, ...]:
    """The rules of the files below `.podsec/rules`, by their paths from the repository's root.

    Raises RuleError for code, for a file that is no rule, and for what only podsec's rules may say.
    """
    found: dict[str, Rule] = {}
    for path in sorted(files):
        name, _, below = path.removeprefix(FOLDER + "/").partition("/")
        if below.endswith(".py"):
            reason = "rules of a repository are declared: podsec runs no code of what it checks"
            raise RuleError(f"{path}: {reason}")
        if below != "rule.yaml":
            continue
        rule = _rule(name, files[path], path)
        if rule.id in found:
            raise RuleError(f"{path}: there are two rules {rule.id!r}")
        found[rule.id] = rule
    if len(found) > MOST:
        raise RuleError(f"{FOLDER}: {len(found)} rules, at most {MOST} are loaded")
    return tuple(found.values())


def _rule(name: str, data: bytes, path: str) -> Rule:
    if not _NAME.match(name):
        raise RuleError(f"{path}: a rule's folder is named in lower case, such as 'team_label'")
    try:
        stream = read(data)
        value = stream.value(0) if stream.documents else None
    except Unreadable as error:
        raise RuleError(f"{path}:{error.line}: {error.reason}") from error
    demand(value, path)
    assert isinstance(value, dict)  # the schema demands it
    if value["profile"] != "podsec":
        raise RuleError(
            f"{path}: profile: expected 'podsec': the standards are not yours to extend"
        )
    for key in _RESERVED:
        if key in value:
            raise RuleError(f"{path}: {key}: only podsec's own rules may say this")
    return replace(rule_of(name, value, path), is_own=True)
