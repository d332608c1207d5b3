"""The sections of the config's schema that other parts of podsec read."""

from __future__ import annotations

from typing import Any

from bot.config.schema_words import choice, section, text, whole

_NAME = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"

_IMAGES: dict[str, Any] = {
    "type": "object",
    "default": {},
    "description": "facts about own images, by a glob over registry and path: fixes rest on them",
    "additionalProperties": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "uid": whole(None, "the user that the image is made for", least=0),
            "gid": whole(None, "its group", least=0),
            "nonroot": {"type": "boolean", "description": "whether it runs as another than root"},
            "writable": {
                "type": "array",
                "items": {"type": "string", "pattern": "^/", "examples": ["/var/cache"]},
                "description": "the paths that it writes to",
            },
            "capabilities": {
                "type": "array",
                "items": {"type": "string", "pattern": "^[A-Z_]+$", "examples": ["CHOWN"]},
                "description": "the capabilities that it needs, without CAP_",
            },
        },
    },
}

_KINDS: dict[str, Any] = {
    "type": "array",
    "default": [],
    "description": "custom resources that make pods, beside those that podsec knows",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["group", "kind", "path"],
        "properties": {
            "group": text(_NAME, "the API group, without the version", "example.com"),
            "kind": text(r"^[A-Z][A-Za-z0-9]*$", "the kind", "Worker"),
            "path": text(
                r"^[A-Za-z0-9_-]+(\.(\*|[A-Za-z0-9_-]+))*$",
                "where the pod spec stands, dotted; `*` is every item of a list or mapping",
                "spec.template.spec",
            ),
        },
    },
}

PLANNED: dict[str, Any] = {
    "images": _IMAGES,
    "network": section(
        "how NetworkPolicies are generated",
        {
            "egress": choice(
                "open", "`restrict` also limits what pods may reach", "open", "restrict"
            ),
            "exposure": choice(
                "cluster",
                "from where exposed ports are reached: pods alone, or also nodes and outside",
                "cluster",
                "any",
            ),
            "monitoringNamespace": {
                **text(_NAME, "the only namespace that may scrape metrics", "monitoring"),
                "default": None,
            },
            "dns": choice(
                "standard",
                "which DNS pods ask: kube-dns with NodeLocal, OpenShift's, or any",
                "standard",
                "openshift",
                "any",
            ),
            "defaultDeny": choice(
                "off",
                "`namespace`: a policy that denies the rest, where every workload is explained",
                "off",
                "namespace",
            ),
        },
    ),
    "secrets": {
        "type": "object",
        "description": "where literal secrets are moved to",
        "additionalProperties": False,
        "properties": {
            "store": choice(
                None,
                "the kind of companion to write; absent: what the repository uses already",
                "secret",
                "external-secrets",
                "sealed-secrets",
                "sops",
            ),
            "storeName": {
                **text(_NAME, "the name of the store of external-secrets", "vault"),
                "default": None,
            },
            "storeKind": choice(
                "ClusterSecretStore", "its kind", "SecretStore", "ClusterSecretStore"
            ),
        },
    },
    "kinds": _KINDS,
    "review": {
        "type": "object",
        "additionalProperties": False,
        "description": "how pull requests are spoken to",
        "properties": {
            "mode": choice(
                "inline",
                "comments on lines, one summary, or the check run alone",
                "inline",
                "summary",
                "check-only",
            ),
            "maxComments": whole(
                10,
                "inline comments in one review; further findings go to its summary",
                least=0,
                most=30,
            ),
        },
    },
}
