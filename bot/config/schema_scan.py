"""The section of the config's schema about scans of images."""

from __future__ import annotations

from typing import Any

from bot.config.scan import DEFAULT_SCAN, NEVER
from bot.config.schema_words import DATE, GLOB, choice, text, whole
from bot.model.grade import GRADES

_IGNORED: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "reason"],
    "properties": {
        "id": text(r"^\S+$", "the identifier of a vulnerability, or another of its names", "CVE-1"),
        "reason": text(r"\S", "why it is borne, and who decided", "not reachable, see OPS-7"),
        "package": {**GLOB, "examples": ["openssl*"], "description": "only in these packages"},
        "image": {
            **GLOB,
            "examples": ["ghcr.io/acme/*"],
            "description": "only in these images; a glob over registry and path",
        },
        "until": {**DATE, "description": "the last day on which it holds"},
    },
}

SCAN: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "description": "how the vulnerabilities of images are judged, where the operator has a scanner",
    "properties": {
        "report": choice(
            DEFAULT_SCAN.report, "the grade from which an image gets a comment", *GRADES
        ),
        "failOn": choice(
            DEFAULT_SCAN.fail_on,
            "the grade from which enforced check runs and `podsec images` fail",
            *GRADES,
            NEVER,
        ),
        "onlyFixable": {
            "type": "boolean",
            "default": False,
            "description": "bear what no version of the package mends yet",
        },
        "ignore": {
            "type": "array",
            "items": _IGNORED,
            "default": [],
            "description": "vulnerabilities that are borne, each with its reason",
        },
        "vex": {
            "type": "array",
            "items": {**GLOB, "examples": [".vex/shop.openvex.json"]},
            "default": [],
            "description": "OpenVEX documents in the repository, by their paths",
        },
        "pin": {
            "type": "boolean",
            "default": False,
            "description": "suggest the digest that was scanned behind the tag",
        },
        "newerTags": whole(
            0, "how many newer tags are scanned to name a better one", least=0, most=5
        ),
    },
}
