"""`podsec rules`: list the rules, or explain one."""

from __future__ import annotations

import json
from typing import Any

from bot.cli.home import Wishes, config_at, home_of, rules_at
from bot.errors import UserError
from bot.rule.load import Rules
from bot.rule.page import page
from bot.rule.rule import Rule
from bot.rule.switches import guess


def run(name: str | None, format_: str) -> str:
    """The table of rules, or one rule's page; as text or as JSON."""
    home = home_of(".")
    rules = rules_at(home, config_at(home, Wishes()))
    chosen = list(rules) if name is None else [_known(name, rules)]
    if format_ == "json":
        rows = [_row(rule) for rule in chosen]
        return json.dumps(rows if name is None else rows[0], indent=2, ensure_ascii=False) + "\n"
    return _table(rules) if name is None else page(chosen[0])


def _known(name: str, rules: Rules) -> Rule:
    rule = rules.get(name)
    if rule is None:
        raise UserError(f"no rule {name!r}{guess(name, [known.id for known in rules])}")
    return rule


def _table(rules: Rules) -> str:
    width = max((len(rule.id) for rule in rules), default=0)
    head = f"{'rule':{width}} {'severity':8} {'profile':10} {'fix':6} summary"
    rows = [
        f"{rule.id:{width}} {rule.severity:8} {rule.profile:10} {_fix(rule):6} {rule.summary}"
        + ("" if rule.enabled else " (off by default)")
        for rule in rules
    ]
    return "\n".join([head, *rows, "", "podsec rules RULE explains one.", ""])


def _fix(rule: Rule) -> str:
    if rule.fix_meta is not None:
        return rule.fix_meta.applicability
    return "advice" if rule.advice else "-"


def _row(rule: Rule) -> dict[str, Any]:
    fix = rule.fix_meta
    return {
        "id": rule.id,
        "summary": rule.summary,
        "severity": rule.severity,
        "profile": rule.profile,
        "control": rule.control,
        "since": rule.since,
        "default": "on" if rule.enabled else "off",
        "applies_to": rule.applies_to,
        "fix": None if fix is None else {"title": fix.title, "applicability": fix.applicability},
        "advice": rule.advice,
        "options": dict(rule.options),
        "equivalents": dict(rule.equivalents),
        "references": list(rule.references),
        "url": rule.url or None,
        "own": rule.is_own,
    }
