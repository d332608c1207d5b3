"""What a change did to what stood: regressions, mended findings, and suppressions of no use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from bot.formats.markdown import code, details, inert, table
from bot.formats.plain import counted
from bot.model.finding import Credit, Regression
from bot.model.suppression import Verdict

_MOST_REGRESSIONS = 10
_MOST_RULES = 5
_LONGEST_VERDICTS = 4_000
_OF_NO_USE = frozenset({"faulty", "expired", "enforced", "unused"})


def regressions(found: Sequence[Regression]) -> str:
    """One line for each object that the change weakened; nothing where there is none."""
    if not found:
        return ""
    lines = [f"- {_subject(lost)}: {inert(lost.message)}" for lost in found[:_MOST_REGRESSIONS]]
    if len(found) > _MOST_REGRESSIONS:
        rest = counted(len(found) - _MOST_REGRESSIONS, "regression")
        lines.append(f"- {rest} more: `podsec check --diff` shows them all")
    return "Weakened by this pull request:\n\n" + "\n".join(lines)


def _subject(lost: Regression) -> str:
    whole = f"{inert(lost.kind)} {code(lost.name)}"
    container = f", container {code(lost.container)}" if lost.container else ""
    return f"{code(f'{lost.file}:{lost.line}')} {whole}{container}"


def mended(fixed: Sequence[Credit]) -> str:
    """One line for all findings that the change takes away; nothing where there is none."""
    if not fixed:
        return ""
    counts = Counter(credit.rule for credit in fixed)
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    named = [code(rule) + (f" ({n})" if n > 1 else "") for rule, n in most[:_MOST_RULES]]
    if len(most) > _MOST_RULES:
        named.append(f"{counted(len(most) - _MOST_RULES, 'rule')} more")
    return f"Mended by this pull request: {counted(len(fixed), 'finding')}: {', '.join(named)}."


def useless(verdicts: Iterable[Verdict]) -> str:
    """The suppressions that allow nothing, folded; nothing where each is of use."""
    said = [verdict for verdict in verdicts if verdict.fate in _OF_NO_USE]
    if not said:
        return ""
    rows = [
        (
            code(f"{one.suppression.file}:{one.suppression.line}"),
            code(one.suppression.rule) if one.suppression.rule else "",
            inert(one.note),
        )
        for one in said
    ]
    grid = table(("where", "rule", "why"), rows, _LONGEST_VERDICTS)
    return details(f"{counted(len(said), 'suppression')} of no use", grid)
