"""What a rule is, for people: its page, its benchmarks, and its ids in other checkers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.rule.load import rules_folder
from bot.rule.rule import Rule

_MARK = re.compile(r"<!--.*?-->\n?", re.DOTALL)
_STANDARD = "Pod Security Standards"
# public benchmarks stand with the ids of other checkers in a rule's `equivalents`
_BENCHMARKS = {
    "cis": "CIS Kubernetes Benchmark 1.12",
    "nsa": "NSA/CISA Kubernetes Hardening Guide",
}


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
    known = {tool: [ids] if isinstance(ids, str) else ids for tool, ids in rule.equivalents.items()}
    for benchmark, name in _BENCHMARKS.items():
        if benchmark in known:
            yield f"- {name}: {', '.join(known.pop(benchmark))}"
    yield from (f"- {reference}" for reference in rule.references)
    if known:
        yield ""
        yield "## The same check elsewhere"
        yield from (f"- {tool}: {', '.join(ids)}" for tool, ids in known.items())
