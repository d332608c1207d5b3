"""`rollout` in the operator's config: how far podsec goes, by the names of repositories."""

from __future__ import annotations

from typing import Any

from bot.config.globs import matches
from bot.config.layer import Layer
from bot.config.schema_words import SEVERITY
from bot.model.rollout import MODES, Mode, Rollout

ROLLOUT: dict[str, Any] = {
    "type": "array",
    "default": [],
    "description": "how far podsec goes in which repositories; the last entry that fits holds",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["repositories", "mode"],
        "properties": {
            "repositories": {
                "anyOf": [
                    {"type": "string", "minLength": 1},
                    {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
                ],
                "description": "OWNER/NAME, or a glob over it, or a list of them",
            },
            "mode": {
                "enum": list(MODES),
                "description": "observe: write nothing; advise: neutral check runs; enforce: "
                "check runs fail",
            },
            "failOn": {
                **SEVERITY,
                "description": "from which severity on, in place of what the repository says",
            },
        },
    },
}


def rollout_of(layer: Layer | None, default: Mode, full_name: str) -> Rollout:
    """How far podsec goes in a repository; `default` holds where no entry fits."""
    found = Rollout(mode=default)
    for entry in layer.data.get("rollout", ()) if layer is not None else ():
        named = entry["repositories"]
        globs = [named] if isinstance(named, str) else named
        if any(_fits(glob, full_name) for glob in globs):
            found = Rollout(mode=entry["mode"], fail_on=entry.get("failOn"))
    return found


def _fits(glob: str, full_name: str) -> bool:
    """GitHub's names know no case; `acme/*` holds every repository of acme."""
    return matches(f"/{glob.lower()}", full_name.lower(), is_path=True)
