"""`explain RULE`: the rule's page."""

from __future__ import annotations

from bot.errors import CommandError
from bot.formats.markdown import inert
from bot.rule.page import page
from bot.rule.rule import Rule
from bot.workflows.base_branch import asked_by_base
from bot.workflows.verbs.verb import Asking, Verb, demand_rule

_LONGEST = 12_000


def _explain(asking: Asking) -> None:
    if len(asking.command.arguments) != 1:
        raise CommandError(f"`/podsec explain` takes one rule; usage: `{EXPLAIN.usage}`")
    pull = asking.forge.pull(asking.job.repository, asking.job.number)
    terms, _ = asked_by_base(asking.forge, pull, asking.operator)
    rule = terms.rules.get(demand_rule(asking.command.arguments[0], terms.rules))
    assert rule is not None  # demand_rule has seen it
    asking.answer(_page(rule))


def _page(rule: Rule) -> str:
    """A rule's page one heading deeper; of a repository's own rule only its summary is known."""
    if rule.is_own:
        return f"**{rule.id}**, a rule of this repository: {inert(rule.summary)}."
    text = "\n".join(f"#{line}" if line.startswith("#") else line for line in _lines(rule))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…\n\n{rule.url}"


def _lines(rule: Rule) -> list[str]:
    """The page's lines; in its code a `#` is no heading."""
    lines, code = [], False
    for line in page(rule).split("\n"):
        code = code != line.startswith("```")
        lines.append(f" {line}" if code and line.startswith("#") else line)
    return lines


EXPLAIN = Verb(
    name="explain",
    usage="/podsec explain RULE",
    does="say what a rule finds, why it matters, what its fix does and when to allow it",
    writers_only=False,
    run=_explain,
)
