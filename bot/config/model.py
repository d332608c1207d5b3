"""The effective config, as the engine and the workflows read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any, Literal

from bot.config.globs import Paths
from bot.config.pulls import DEFAULT_PULLS, Pulls
from bot.frozen import frozen
from bot.kubernetes.version import LATEST, Version
from bot.model.finding import SEVERITIES, Severity
from bot.model.scan_policy import ScanPolicy
from bot.model.suppression import Suppression
from bot.yamlpatch import Path

Profile = Literal["baseline", "restricted", "podsec"]
PROFILES: tuple[Profile, ...] = ("baseline", "restricted", "podsec")
ReviewMode = Literal["inline", "summary", "check-only"]
EVERY_RULE = "*"

# folders that hold manifests nobody deploys; said in docs/configuration.md
EXCLUDED = (
    "testdata",
    "test-data",
    "test_data",
    "fixtures",
    "__fixtures__",
    "__snapshots__",
    "__tests__",
    "tests",
    "e2e",
    ".chainsaw-test",
    "_archived",
)


@frozen
class ImageEntry:
    """What the operator knows of own images; `match` is a glob over registry and path."""

    match: str
    uid: int | None = None
    gid: int | None = None
    nonroot: bool | None = None
    writable: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()


@frozen
class Network:
    """How generated NetworkPolicies are to be."""

    egress: Literal["open", "restrict"] = "open"
    exposure: Literal["cluster", "any"] = "cluster"
    monitoring_namespace: str | None = None
    dns: Literal["standard", "openshift", "any"] = "standard"
    default_deny: Literal["off", "namespace"] = "off"


@frozen
class Secrets:
    """Where literal secrets are moved to; `store` None means: whatever the repository uses."""

    store: Literal["secret", "external-secrets", "sealed-secrets", "sops"] | None = None
    store_name: str | None = None
    store_kind: Literal["SecretStore", "ClusterSecretStore"] = "ClusterSecretStore"


@frozen
class Schedule:
    """When the whole repository is swept."""

    cron: str = "0 5 * * 1"
    time_zone: str = "UTC"


@frozen
class Sweep:
    """What a sweep of the whole repository proposes, and how much of it at once."""

    enabled: bool = True
    group: Literal["directory", "rule", "owner"] = "directory"
    depth: int = 2
    kinds: tuple[str, ...] = ("safe", "test-first", "network", "secrets")
    max_open: int = 3
    max_new_per_day: int = 1
    max_restarts: int = 50
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    dashboard: bool = False


@frozen
class CustomKind:
    """A custom resource with a pod; `path` is where its pod spec stands."""

    group: str
    kind: str
    path: Path


@frozen
class Config:
    """The effective config; the numbers of users, groups and resources are the article's."""

    profile: Profile = "podsec"
    fail_on: Severity = "high"
    kubernetes_version: Version = LATEST
    rules: Mapping[str, str] = field(default_factory=dict)
    """By rule id: "on", "off" or a severity."""
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By rule id: its options."""
    paths: Paths = field(default_factory=lambda: Paths(exclude=EXCLUDED))
    suppressions: tuple[Suppression, ...] = ()
    enforced: frozenset[str] = frozenset()
    """Rules that nobody may ignore or switch off; `*` is all. Only an operator says so."""
    run_as_user: int = 1000
    run_as_group: int = 3000
    fs_group: int = 2000
    cpu_request: str = "250m"
    memory_request: str = "64Mi"
    memory_limit: str = "128Mi"
    cpu_limit: str | None = None
    """Set where CPU is to be limited: by the named profile `article`, or by a value."""
    images: tuple[ImageEntry, ...] = ()
    network: Network = field(default_factory=Network)
    secrets: Secrets = field(default_factory=Secrets)
    schedule: Schedule = field(default_factory=Schedule)
    pulls: Pulls = DEFAULT_PULLS
    sweep: Sweep = field(default_factory=Sweep)
    kinds: tuple[CustomKind, ...] = ()
    scan: ScanPolicy = field(default_factory=ScanPolicy)
    review_mode: ReviewMode = "inline"
    max_comments: int = 10
    source: str | None = None
    origins: Mapping[str, str] = field(default_factory=dict)
    """By dotted key: the file and line, or the option, that set it. Absent is the default."""

    def with_profile(self, profile: Profile) -> Config:
        """The same config under another profile."""
        return replace(self, profile=profile)

    def is_enforced(self, rule: str) -> bool:
        """Whether the operator keeps a rule on."""
        return rule in self.enforced or EVERY_RULE in self.enforced

    def is_on(self, rule: str, default: bool) -> bool:
        """Whether a rule runs; `default` says so where the config does not."""
        said = self.rules.get(rule)
        return default if said is None else said != "off"

    def severity(self, rule: str, default: Severity) -> Severity:
        """A rule's severity; `default` where the config does not change it."""
        said = self.rules.get(rule)
        return next((known for known in SEVERITIES if known == said), default)


DEFAULT = Config()
