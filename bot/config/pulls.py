"""`pullRequests`: how podsec's own pull requests and commits fit a repository's customs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.frozen import frozen

_TITLE = "{title}"


@frozen
class Pulls:
    """`title` holds `{title}`, for which podsec's own stands."""

    sign_off: bool = False
    title: str = _TITLE
    labels: tuple[str, ...] = ()


DEFAULT_PULLS = Pulls()
PULLS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "description": "podsec's own pull requests and commits",
    "properties": {
        "signOff": {
            "type": "boolean",
            "default": False,
            "description": "sign commits off in the App's name (Developer Certificate of Origin)",
        },
        "title": {
            "type": "string",
            "pattern": r"^[^\r\n]{0,80}\{title\}[^\r\n]{0,80}$",
            "examples": ["fix(security): {title}"],
            "default": _TITLE,
            "description": "their title, around podsec's own",
        },
        "labels": {
            "type": "array",
            "items": {"type": "string", "pattern": r"^\S(.{0,48}\S)?$", "examples": ["security"]},
            "maxItems": 10,
            "default": [],
            "description": "labels that they get when they are opened",
        },
    },
}


def pulls_of(data: Mapping[str, Any]) -> Pulls:
    """What a config says of them."""
    return Pulls(
        sign_off=data.get("signOff", False),
        title=data.get("title", _TITLE),
        labels=tuple(data.get("labels", ())),
    )
