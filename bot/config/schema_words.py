"""The words that the schema of the config is made of."""

from __future__ import annotations

from typing import Any

from bot.model.finding import SEVERITIES

SEVERITY: dict[str, Any] = {"enum": list(SEVERITIES)}
GLOB: dict[str, Any] = {"type": "string", "minLength": 1, "examples": ["deploy/**/*.yaml"]}
DATE: dict[str, Any] = {
    "type": "string",
    "pattern": r"^\d{4}-\d{2}-\d{2}$",
    "examples": ["2027-01-31"],
}


def whole(default: int | None, means: str, *, least: int = 1, most: int | None = None) -> Any:
    """A whole number."""
    bounds = {"minimum": least} if most is None else {"minimum": least, "maximum": most}
    return {"type": "integer", **bounds, "default": default, "description": means}


def text(pattern: str, means: str, example: str) -> dict[str, Any]:
    """Text of a form."""
    return {"type": "string", "pattern": pattern, "examples": [example], "description": means}


def choice(default: Any, means: str, *choices: Any) -> dict[str, Any]:
    """One of some words."""
    return {"enum": list(choices), "default": default, "description": means}


def section(means: str, properties: dict[str, Any]) -> dict[str, Any]:
    """A section."""
    return {
        "type": "object",
        "additionalProperties": False,
        "description": means,
        "properties": properties,
    }


def planned(means: str, properties: dict[str, Any]) -> dict[str, Any]:
    """A section that is read and checked, and used by a later release."""
    return {**section(means, properties), "x-planned": True}
