"""The JSON Schema of `.podsec.yaml`: what may be said, what it means, and its defaults.

docs/podsec.schema.json and the tables of docs/configuration.md are generated from it. `default`
is what podsec does where a key is absent; `x-planned` marks what is read and checked already but
changes nothing before a later release.
"""

from __future__ import annotations

from typing import Any

from bot.config.model import EXCLUDED, PROFILES
from bot.config.pulls import PULLS
from bot.config.rollout import ROLLOUT
from bot.config.schema_planned import PLANNED
from bot.config.schema_scan import SCAN
from bot.config.schema_sweep import SCHEDULE, SWEEP
from bot.config.schema_words import DATE, GLOB, SEVERITY, text, whole
from bot.model.finding import SEVERITIES

_SWITCH = ["on", "off", True, False, *SEVERITIES]
_CPU = {"type": "string", "pattern": r"^[0-9.]+m?$", "examples": ["250m"]}
_MEMORY = {"type": "string", "pattern": r"^[0-9.]+(Ki|Mi|Gi)$", "examples": ["128Mi"]}

_RULES: dict[str, Any] = {
    "type": "object",
    "default": {},
    "description": "by rule id: on, off, another severity, or a severity with options",
    "additionalProperties": {
        "anyOf": [
            {"enum": _SWITCH},
            {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "severity": {
                        "enum": _SWITCH,
                        "description": "on, off, or the severity of its findings",
                    },
                    "options": {
                        "type": "object",
                        "description": "the rule's own options; its page names them",
                    },
                },
            },
        ]
    },
}

_PATHS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "description": "which files are judged; globs as in .gitignore, from the config's folder",
    "properties": {
        "include": {
            "type": "array",
            "items": GLOB,
            "default": [],
            "description": "only these; empty is all",
        },
        "exclude": {
            "type": "array",
            "items": GLOB,
            "default": list(EXCLUDED),
            "description": "never these, unless they are named on the command line",
        },
    },
}

_SUPPRESSION: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["rule", "reason"],
    "properties": {
        "rule": {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
            ],
            "description": "the id of a rule, or a list of them",
        },
        "reason": text(r"\S", "why it is allowed, and who decided", "legacy VPN, see OPS-123"),
        "until": {**DATE, "description": "the last day on which it holds"},
        "path": {**GLOB, "description": "only in these files"},
        "kind": {"type": "string", "description": "only for this kind; a glob"},
        "namespace": {"type": "string", "description": "only in this namespace; a glob"},
        "name": {"type": "string", "description": "only for objects of this name; a glob"},
        "container": {"type": "string", "description": "only in this container; a glob"},
    },
}

_SECURITY_CONTEXT: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "description": "what a fix sets where nothing better is known",
    "properties": {
        "runAsUser": whole(1000, "the user of a container whose image is unknown"),
        "runAsGroup": whole(3000, "the group of such a container"),
        "fsGroup": whole(2000, "the group that owns the volumes of such a pod"),
    },
}

_RESOURCES: dict[str, Any] = {
    "anyOf": [
        {"const": "article"},
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "cpuRequest": {
                    **_CPU,
                    "default": "250m",
                    "description": "CPU that the scheduler keeps free, in cores or millicores",
                },
                "memoryRequest": {
                    **_MEMORY,
                    "default": "64Mi",
                    "description": "memory that the scheduler keeps free",
                },
                "memoryLimit": {
                    **_MEMORY,
                    "default": "128Mi",
                    "description": "memory beyond which the container is killed",
                },
                "cpuLimit": {
                    **_CPU,
                    "default": None,
                    "description": "CPU beyond which the container waits; without it CPU is free, "
                    "and the rule on CPU limits is off",
                },
            },
        },
    ],
    "examples": ["article"],
    "description": "the starting point of a container without resources; `article` is the named "
    "profile: requests 250m and 64Mi, limits 500m and 128Mi",
}

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": ".podsec.yaml",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "profile": {
            "enum": list(PROFILES),
            "default": "podsec",
            "description": "which rules run: a Pod Security Standards profile, or podsec's own set",
        },
        "failOn": {
            **SEVERITY,
            "default": "high",
            "description": "the severity from which `podsec check` and enforced check runs fail",
        },
        "kubernetesVersion": {
            "type": "string",
            "pattern": r"^(latest|1\.\d{1,3})$",
            "examples": ["latest", "1.31"],
            "default": "latest",
            "description": "the Kubernetes version to judge by: latest, or 1.NN",
        },
        "rules": _RULES,
        "paths": _PATHS,
        "suppressions": {
            "type": "array",
            "items": _SUPPRESSION,
            "default": [],
            "description": "findings that are allowed, each with its reason",
        },
        "securityContext": _SECURITY_CONTEXT,
        "resources": _RESOURCES,
        "scan": SCAN,
        **PLANNED,
        "schedule": SCHEDULE,
        "sweep": SWEEP,
        "pullRequests": PULLS,
        "maxComments": {
            **whole(10, "the older name of review.maxComments", least=0, most=30),
            "deprecated": True,
        },
    },
}

ORGANISATION_SCHEMA: dict[str, Any] = {
    **SCHEMA,
    "title": "the organisation's config",
    "properties": {
        **SCHEMA["properties"],
        "enforced": {
            "type": "array",
            "items": {"type": "string", "minLength": 1},
            "default": [],
            "description": "rules that nobody may ignore, switch off or soften; '*' is all",
        },
    },
}

OPERATOR_SCHEMA: dict[str, Any] = {
    **ORGANISATION_SCHEMA,
    "title": "the operator's config",
    "properties": {**ORGANISATION_SCHEMA["properties"], "rollout": ROLLOUT},
}

SCHEMAS: dict[str, dict[str, Any]] = {
    "operator": OPERATOR_SCHEMA,
    "organisation": ORGANISATION_SCHEMA,
    "repository": SCHEMA,
}
"""By the kind of a layer that is read from a file."""
