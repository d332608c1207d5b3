"""The mode `observe`: what podsec would have said, counted and kept, and not said."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from bot.model.delivery import PullRef
from bot.model.finding import SEVERITIES
from bot.model.observation import Observation
from bot.model.plan import Plan
from bot.ports import Records

_KIND = "observed"


def note(records: Records, pull: PullRef, plan: Plan) -> None:
    """Keep what a check of a pull request's present head found."""
    severities = Counter(finding.severity for finding in plan.introduced)
    severities.update(lost.severity for lost in plan.regressions)
    rules = Counter(finding.rule for finding in plan.introduced)
    said = {
        "head": pull.head_sha,
        "draft": pull.draft,
        "severities": severities,
        "rules": rules,
        "fixed": len(plan.fixed),
        "suggestions": sum(1 for remark in plan.remarks if remark.suggestion is not None),
        "safe": sum(1 for finding in plan.introduced if finding.remedy == "safe"),
    }
    key = f"{pull.repository.full_name}#{pull.number}"
    records.keep(_KIND, key, json.dumps(said, sort_keys=True))


def observations(records: Records, owner: str) -> Sequence[Observation]:
    """What was kept of an owner's repositories, or of all where `owner` is empty."""
    wanted = f"{owner.lower()}/" if owner else ""
    return [
        _observation(key, json.loads(text))
        for key, text in records.all(_KIND)
        if key.lower().startswith(wanted)
    ]


def _observation(key: str, data: dict[str, object]) -> Observation:
    repository, _, number = key.rpartition("#")
    return Observation(
        repository=repository,
        number=int(number),
        severities=_counts(data["severities"]),
        rules=_counts(data["rules"]),
        fixed=_whole(data["fixed"]),
        suggestions=_whole(data["suggestions"]),
        safe=_whole(data["safe"]),
    )


def _counts(data: object) -> dict[str, int]:
    assert isinstance(data, dict)  # written above
    known = {name: _whole(count) for name, count in data.items()}
    order = [*reversed(SEVERITIES), *sorted(known)]
    return {name: known[name] for name in dict.fromkeys(order) if name in known}


def _whole(data: object) -> int:
    assert isinstance(data, int)  # written above
    return data
