"""`podsec rules`: list the rules, or explain one."""

from __future__ import annotations

import difflib
import re

from bot.errors import UserError
from bot.rule.load import load_rules, rules_folder


def run(rule: str | None) -> str:
    """The table of rules, or one rule's README."""
    rules = load_rules()
    if rule is None:
        rows = [
            f"{known.id:26} {known.severity:8} {known.profile:10} "
            f"{known.fix_meta.applicability if known.fix_meta else '-':7} {known.summary}"
            for known in rules
        ]
        return "\n".join(
            [f"{'rule':26} {'severity':8} {'profile':10} {'fix':7} summary", *rows, ""]
        )
    known_rule = rules.get(rule)
    if known_rule is None:
        guess = difflib.get_close_matches(rule, [known.id for known in rules], 1)
        hint = f"; did you mean {guess[0]!r}?" if guess else ""
        raise UserError(f"no rule {rule!r}{hint}")
    text = (rules_folder() / known_rule.folder / "README.md").read_text(encoding="utf-8")
    return re.sub(r"<!--.*?-->\n?", "", text)
