"""What a repository asks: `.podsec.yaml`, read from the base branch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from bot.errors import ConfigError
from bot.kubernetes.version import LATEST, Version, parse_version
from bot.model.finding import Severity
from bot.yamlpatch import Stream, Unreadable, read

Profile = Literal["baseline", "restricted", "podsec"]
PROFILES: tuple[Profile, ...] = ("baseline", "restricted", "podsec")
PATHS = (".podsec.yaml", ".github/podsec.yaml")
_SEVERITIES = ("low", "medium", "high", "critical")

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": ".podsec.yaml",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "profile": {
            "enum": list(PROFILES),
            "description": "which rules run: a Pod Security Standards profile, or podsec's own set",
        },
        "failOn": {
            "enum": list(_SEVERITIES),
            "description": "the severity from which `podsec check` and enforced check runs fail",
        },
        "kubernetesVersion": {
            "type": "string",
            "pattern": r"^(latest|1\.\d{1,3})$",
            "description": "the Kubernetes version to judge by: latest, or 1.NN",
        },
        "rules": {
            "type": "object",
            "description": "by rule id: on, off, another severity, or a severity with options",
            "additionalProperties": {
                "anyOf": [
                    {"enum": ["on", "off", True, False, *_SEVERITIES]},
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {
                            "severity": {"enum": ["on", "off", True, False, *_SEVERITIES]},
                            "options": {"type": "object"},
                        },
                    },
                ]
            },
        },
        "securityContext": {
            "type": "object",
            "additionalProperties": False,
            "description": "what a fix sets where nothing better is known",
            "properties": {
                "runAsUser": {
                    "type": "integer",
                    "minimum": 1,
                    "description": "the user of a container whose image is unknown",
                },
                "runAsGroup": {
                    "type": "integer",
                    "minimum": 1,
                    "description": "the group of such a container",
                },
                "fsGroup": {
                    "type": "integer",
                    "minimum": 1,
                    "description": "the group that owns the volumes of such a pod",
                },
            },
        },
        "resources": {
            "type": "object",
            "additionalProperties": False,
            "description": "the starting point of a container without resources",
            "properties": {
                "cpuRequest": {
                    "type": "string",
                    "pattern": r"^[0-9.]+m?$",
                    "description": "CPU that the scheduler keeps free, in cores or millicores",
                },
                "memoryRequest": {
                    "type": "string",
                    "pattern": r"^[0-9.]+(Ki|Mi|Gi)$",
                    "description": "memory that the scheduler keeps free",
                },
                "memoryLimit": {
                    "type": "string",
                    "pattern": r"^[0-9.]+(Ki|Mi|Gi)$",
                    "description": "memory beyond which the container is killed",
                },
            },
        },
        "maxComments": {
            "type": "integer",
            "minimum": 0,
            "maximum": 30,
            "description": "inline comments in one review; further findings go to its summary",
        },
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The effective config; the numbers of users and groups are the article's."""

    profile: Profile = "podsec"
    fail_on: str = "high"
    kubernetes_version: Version = LATEST
    rules: Mapping[str, str] = field(default_factory=dict)
    """By rule id: "on", "off" or a severity."""
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By rule id: its options."""
    run_as_user: int = 1000
    run_as_group: int = 3000
    fs_group: int = 2000
    cpu_request: str = "250m"
    memory_request: str = "64Mi"
    memory_limit: str = "128Mi"
    max_comments: int = 10
    source: str | None = None

    def with_profile(self, profile: Profile) -> Config:
        """The same config under another profile."""
        return replace(self, profile=profile)

    def is_on(self, rule: str, default: bool) -> bool:
        """Whether a rule runs; `default` says so where the config does not."""
        said = self.rules.get(rule)
        return default if said is None else said != "off"

    def severity(self, rule: str, default: Severity) -> Severity:
        """A rule's severity; `default` where the config does not change it."""
        said = self.rules.get(rule)
        return said if said in _SEVERITIES else default  # type: ignore[return-value]  # narrowed


DEFAULT = Config()


def parse(data: bytes, path: str) -> Config:
    """Read `.podsec.yaml`. Raises ConfigError that names file, line and what was expected."""
    try:
        stream = read(data)
        value = stream.value(0) if stream.documents else None
    except Unreadable as error:
        raise ConfigError(f"{path}:{error.line}: {error.reason}") from error
    if value is None:
        return replace(DEFAULT, source=path)
    _validate(value, stream, path)
    return _build(value, path)


def _validate(value: Any, stream: Stream, path: str) -> None:
    import jsonschema  # noqa: PLC0415  # 0.1 s that only a repository with a config pays

    validator = jsonschema.Draft202012Validator(SCHEMA)
    error = next(iter(sorted(validator.iter_errors(value), key=lambda e: list(e.path))), None)
    if error is None:
        return
    node, _ = stream.find(0, tuple(error.absolute_path))
    where = ".".join(map(str, error.absolute_path)) or "the file"
    raise ConfigError(f"{path}:{stream.line_of(node.start)}: {where}: {error.message}")


def _build(value: dict[str, Any], path: str) -> Config:
    context, resources = value.get("securityContext", {}), value.get("resources", {})
    return Config(
        profile=value.get("profile", DEFAULT.profile),
        fail_on=value.get("failOn", DEFAULT.fail_on),
        kubernetes_version=parse_version(value.get("kubernetesVersion", "latest")),
        rules={name: _switch(said) for name, said in value.get("rules", {}).items()},
        options={
            name: said["options"]
            for name, said in value.get("rules", {}).items()
            if isinstance(said, dict) and "options" in said
        },
        run_as_user=context.get("runAsUser", DEFAULT.run_as_user),
        run_as_group=context.get("runAsGroup", DEFAULT.run_as_group),
        fs_group=context.get("fsGroup", DEFAULT.fs_group),
        cpu_request=resources.get("cpuRequest", DEFAULT.cpu_request),
        memory_request=resources.get("memoryRequest", DEFAULT.memory_request),
        memory_limit=resources.get("memoryLimit", DEFAULT.memory_limit),
        max_comments=value.get("maxComments", DEFAULT.max_comments),
        source=path,
    )


def _switch(said: Any) -> str:
    """What a config says of a rule, as one word."""
    if isinstance(said, dict):
        said = said.get("severity", "on")
    if isinstance(said, bool):
        return "on" if said else "off"
    return str(said)
