"""One report for an organisation: what podsec would have said, as text or JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bot.formats.plain import counted, visible
from bot.model.finding import SEVERITIES
from bot.model.observation import Observation

_MOST = 20


def to_report(seen: Sequence[Observation], owner: str) -> str:
    """The report as text: totals, rules, repositories."""
    whose = visible(owner) or "all owners"
    if not seen:
        return f"No pull request of {whose} was observed yet.\n"
    return "\n".join(_lines(seen, whose)) + "\n"


def _lines(seen: Sequence[Observation], whose: str) -> Iterator[str]:
    total = sum(one.introduced for one in seen)
    concerned = sum(1 for one in seen if one.introduced)
    repositories = {one.repository for one in seen}
    scope = f"{counted(len(seen), 'pull request')} in {_homes(len(repositories))}"
    yield f"Observed of {whose}: {scope}"
    yield f"{concerned} would have got a review; {counted(total, 'finding')} introduced in all"
    by_severity = _sum(one.severities for one in seen)
    listed = [f"{by_severity[s]} {s}" for s in reversed(SEVERITIES) if by_severity[s]]
    if listed:
        yield f"  {', '.join(listed)}"
    yield f"  {sum(one.safe for one in seen)} with a safe fix"
    yield f"  {counted(sum(one.suggestions for one in seen), 'comment')} to apply with one click"
    yield f"{counted(sum(one.fixed for one in seen), 'finding')} mended by authors"
    yield from _listed("By rule", _sum(one.rules for one in seen))
    homes: Counter[str] = Counter()
    for one in seen:
        homes[visible(one.repository)] += one.introduced
    yield from _listed("By repository", homes)


def _homes(number: int) -> str:
    return f"{number} repository" if number == 1 else f"{number} repositories"


def _listed(title: str, counts: Counter[str]) -> Iterator[str]:
    yield ""
    yield f"{title}:"
    for name, number in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST]:
        yield f"  {number:6}  {name}"
    if len(counts) > _MOST:
        yield f"          and {len(counts) - _MOST} more"


def _sum(parts: Iterable[Mapping[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return total


def to_json(seen: Sequence[Observation]) -> str:
    """The same as JSON, pull request by pull request."""
    rows = [
        {
            "repository": one.repository,
            "number": one.number,
            "severities": dict(one.severities),
            "rules": dict(one.rules),
            "fixed": one.fixed,
            "suggestions": one.suggestions,
            "safe": one.safe,
        }
        for one in seen
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
