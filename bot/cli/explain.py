"""What a rule is, for people: its page, its benchmarks, and its ids in other checkers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.rule.load import rules_folder
from bot.rule.rule import Rule

_MARK = re.compile(r"<!--.*?-->\n?", re.DOTALL)
_STANDARD = "Pod Security Standards"


def page(rule: Rule) -> str:
    """The rule's page as Markdown: what it finds, why, the fix, when to allow it, references."""
    return "\n".join([_readme(rule).rstrip(), "", *_references(rule)]) + "\n"


def _readme(rule: Rule) -> str:
    """The README of the folder; of a repository's own rule, its summary."""
    path = rules_folder() / rule.folder / "README.md"
    if rule.is_own or not path.is_file():
        return f"# {rule.id}\n\n{rule.summary}.\n"
    return _MARK.sub("", path.read_text(encoding="utf-8"))


def _references(rule: Rule) -> Iterator[str]:
    yield "## References"
    if rule.control is not None:
        yield f"- {_STANDARD}, {rule.profile}: {rule.control}"
    for benchmark, sections in rule.benchmarks.items():
        yield f"- {benchmark}" + (f": {', '.join(sections)}" if sections else "")
    yield from (f"- {reference}" for reference in rule.references)
    if rule.equivalents:
        yield ""
        yield "## The same check elsewhere"
        for tool, ids in rule.equivalents.items():
            yield f"- {tool}: {ids if isinstance(ids, str) else ', '.join(ids)}"
