"""The sections of the config's schema about sweeps of the whole repository."""

from __future__ import annotations

from typing import Any

from bot.config.model import DEFAULT
from bot.config.schema_words import choice, text, whole

_CRON = r"^([0-9A-Za-z*/,#L-]+ ){4}[0-9A-Za-z*/,#L-]+$"
_SWEEP = DEFAULT.sweep
_LOGIN = r"^[A-Za-z0-9][A-Za-z0-9-]*(\[bot\])?$"


def _switch(default: Any, means: str) -> dict[str, Any]:
    return {"type": "boolean", "default": default, "description": means}


def _list(pattern: str, means: str, example: str) -> dict[str, Any]:
    return {
        "type": "array",
        "default": [],
        "maxItems": 20,
        "items": {"type": "string", "pattern": pattern, "examples": [example]},
        "description": means,
    }


SCHEDULE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "description": "when the whole repository is swept",
    "properties": {
        "cron": {
            **text(_CRON, "minute, hour, day, month, day of the week", "0 5 * * 1"),
            "default": DEFAULT.schedule.cron,
        },
        "timeZone": {
            **text(r"^\S+$", "the name of a time zone", "Europe/Berlin"),
            "default": DEFAULT.schedule.time_zone,
        },
    },
}

SWEEP: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "description": "the pull requests of sweeps; those of another risk are always apart",
    "properties": {
        "enabled": _switch(_SWEEP.enabled, "whether the repository is swept at all"),
        "group": choice(
            _SWEEP.group,
            "what one pull request holds: a folder, a rule, or what CODEOWNERS gives to somebody",
            "directory",
            "rule",
            "owner",
        ),
        "depth": whole(_SWEEP.depth, "how many folders from the root make a group", most=10),
        "kinds": {
            "type": "array",
            "items": {"enum": list(_SWEEP.kinds)},
            "default": list(_SWEEP.kinds),
            "description": "which fixes are proposed",
        },
        "maxOpen": whole(_SWEEP.max_open, "how many may be open at once", least=0, most=50),
        "maxNewPerDay": whole(
            _SWEEP.max_new_per_day, "how many may be opened in a day", least=0, most=50
        ),
        "maxRestarts": whole(
            _SWEEP.max_restarts, "how many workloads the merge of one may restart", most=200
        ),
        "labels": _list(r"^\S(.*\S)?$", "their labels", "security"),
        "assignees": _list(_LOGIN, "who is assigned to them", "octocat"),
        "reviewers": _list(
            r"^[A-Za-z0-9][A-Za-z0-9-]*(/[A-Za-z0-9._-]+)?$",
            "who is asked for a review: a login, or a team as ORGANISATION/TEAM",
            "acme/platform",
        ),
        "dashboard": _switch(
            _SWEEP.dashboard, "keep an issue with the posture and all that is proposed"
        ),
    },
}
