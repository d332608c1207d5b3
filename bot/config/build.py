"""Layers to the effective config.

An operator's, then the organisation's, then the repository's, then the options.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from bot.config.globs import Paths
from bot.config.layer import Layer, read_layer
from bot.config.model import (
    DEFAULT,
    EVERY_RULE,
    Config,
    CustomKind,
    ImageEntry,
    Network,
    Schedule,
    Secrets,
    Sweep,
)
from bot.config.pulls import pulls_of
from bot.config.scan import scan_policy
from bot.kubernetes.version import parse_version
from bot.model.suppression import Match, Suppression

# the article's section 4.2
_ARTICLE = {
    "cpuRequest": "250m",
    "memoryRequest": "64Mi",
    "memoryLimit": "128Mi",
    "cpuLimit": "500m",
}
_LISTS = ("suppressions", "kinds", "enforced")
_OWNED = ("paths",)
"""What nobody may change where the operator has set it: it would hide files."""
_SOFTENED: Mapping[str, tuple[str, ...]] = {
    "organisation": ("operator", "option"),
    "repository": ("operator", "organisation", "option"),
}
"""By layer: those whose `enforced` rules it can neither switch off nor soften."""


def parse(data: bytes, path: str) -> Config:
    """Read `.podsec.yaml`. Raises ConfigError that names file, line and what was expected."""
    return build([read_layer(data, path)])


def build(layers: Sequence[Layer]) -> Config:
    """The config that layers make, the strongest last; without any, the default."""
    if not layers:
        return DEFAULT
    merged, origins = _merged(layers)
    files = [layer.path for layer in layers if layer.kind != "option"]
    config = _config(merged)
    return replace(
        config,
        suppressions=tuple(one for layer in layers for one in _suppressions(layer)),
        source=files[-1] if files else None,
        origins=origins,
    )


def _merged(layers: Sequence[Layer]) -> tuple[dict[str, Any], dict[str, str]]:
    data: dict[str, Any] = {}
    origins: dict[str, str] = {}
    owned: set[str] = set()
    for layer in layers:
        said = _allowed(layer, _enforced_on(layer, layers), owned)
        for key, value in said.items():
            _put(data, key, value)
            origins |= {name: layer.origin(name) for name in _names(key, value)}
        if layer.kind == "operator":
            owned |= {key for key in _OWNED if key in said}
    return data, origins


def _enforced_on(layer: Layer, layers: Sequence[Layer]) -> set[str]:
    """The rules that others keep on whatever a layer says of them."""
    softened = _SOFTENED.get(layer.kind, ())
    above = (other for other in layers if other.kind in softened)
    return {rule for other in above for rule in other.data.get("enforced", ())}


def _allowed(layer: Layer, enforced: set[str], owned: set[str]) -> dict[str, Any]:
    """What a layer may say: nobody softens what those above enforce, nor hides files from them."""
    said = {key: _plain(key, value) for key, value in layer.data.items()}
    if layer.kind not in _SOFTENED:
        return said
    if "rules" in said:
        said["rules"] = {
            rule: value
            for rule, value in said["rules"].items()
            if not (rule in enforced or EVERY_RULE in enforced)
        }
    return {key: value for key, value in said.items() if key not in owned}


def _plain(key: str, value: Any) -> Any:
    return dict(_ARTICLE) if key == "resources" and value == "article" else value


def _put(data: dict[str, Any], key: str, value: Any) -> None:
    there = data.get(key)
    if isinstance(there, dict) and isinstance(value, dict):
        data[key] = {**there, **value}
    elif isinstance(there, list) and isinstance(value, list) and key in _LISTS:
        data[key] = [*there, *value]
    else:
        data[key] = value


def _names(key: str, value: Any) -> Iterator[str]:
    """The dotted names below a key whose origin is worth knowing."""
    if isinstance(value, dict) and value:
        for name in value:
            yield f"{key}.{name}"
    else:
        yield key


def _config(data: Mapping[str, Any]) -> Config:
    context, resources = data.get("securityContext", {}), data.get("resources", {})
    review = {
        "maxComments": data.get("maxComments", DEFAULT.max_comments),
        **data.get("review", {}),
    }
    rules = data.get("rules", {})
    return Config(
        profile=data.get("profile", DEFAULT.profile),
        fail_on=data.get("failOn", DEFAULT.fail_on),
        kubernetes_version=parse_version(data.get("kubernetesVersion", "latest")),
        rules={name: _switch(said) for name, said in rules.items()},
        options={
            name: said["options"]
            for name, said in rules.items()
            if isinstance(said, dict) and "options" in said
        },
        paths=_paths(data.get("paths", {})),
        enforced=frozenset(data.get("enforced", ())),
        run_as_user=context.get("runAsUser", DEFAULT.run_as_user),
        run_as_group=context.get("runAsGroup", DEFAULT.run_as_group),
        fs_group=context.get("fsGroup", DEFAULT.fs_group),
        cpu_request=resources.get("cpuRequest", DEFAULT.cpu_request),
        memory_request=resources.get("memoryRequest", DEFAULT.memory_request),
        memory_limit=resources.get("memoryLimit", DEFAULT.memory_limit),
        cpu_limit=resources.get("cpuLimit", DEFAULT.cpu_limit),
        images=tuple(_image(glob, facts) for glob, facts in data.get("images", {}).items()),
        network=_network(data.get("network", {})),
        secrets=_secrets(data.get("secrets", {})),
        schedule=_schedule(data.get("schedule", {})),
        pulls=pulls_of(data.get("pullRequests", {})),
        sweep=_sweep(data.get("sweep", {})),
        kinds=tuple(map(_kind, data.get("kinds", ()))),
        scan=scan_policy(data.get("scan", {})),
        review_mode=review.get("mode", DEFAULT.review_mode),
        max_comments=review["maxComments"],
    )


def _switch(said: Any) -> str:
    """What a config says of a rule, as one word."""
    if isinstance(said, dict):
        said = said.get("severity", "on")
    if isinstance(said, bool):
        return "on" if said else "off"
    return str(said)


def _paths(data: Mapping[str, Any]) -> Paths:
    return Paths(
        include=tuple(data.get("include", ())),
        exclude=tuple(data.get("exclude", DEFAULT.paths.exclude)),
    )


def _image(glob: str, facts: Mapping[str, Any]) -> ImageEntry:
    return ImageEntry(
        match=glob,
        uid=facts.get("uid"),
        gid=facts.get("gid"),
        nonroot=facts.get("nonroot"),
        writable=tuple(facts.get("writable", ())),
        capabilities=tuple(facts.get("capabilities", ())),
    )


def _network(data: Mapping[str, Any]) -> Network:
    default = DEFAULT.network
    return Network(
        egress=data.get("egress", default.egress),
        exposure=data.get("exposure", default.exposure),
        monitoring_namespace=data.get("monitoringNamespace"),
        dns=data.get("dns", default.dns),
        default_deny=data.get("defaultDeny", default.default_deny),
    )


def _secrets(data: Mapping[str, Any]) -> Secrets:
    return Secrets(
        store=data.get("store"),
        store_name=data.get("storeName"),
        store_kind=data.get("storeKind", DEFAULT.secrets.store_kind),
    )


def _schedule(data: Mapping[str, Any]) -> Schedule:
    default = DEFAULT.schedule
    return Schedule(
        cron=data.get("cron", default.cron), time_zone=data.get("timeZone", default.time_zone)
    )


def _sweep(data: Mapping[str, Any]) -> Sweep:
    default = DEFAULT.sweep
    return Sweep(
        enabled=data.get("enabled", default.enabled),
        group=data.get("group", default.group),
        depth=data.get("depth", default.depth),
        kinds=tuple(data.get("kinds", default.kinds)),
        max_open=data.get("maxOpen", default.max_open),
        max_new_per_day=data.get("maxNewPerDay", default.max_new_per_day),
        max_restarts=data.get("maxRestarts", default.max_restarts),
        labels=tuple(data.get("labels", default.labels)),
        assignees=tuple(data.get("assignees", default.assignees)),
        reviewers=tuple(data.get("reviewers", default.reviewers)),
        dashboard=data.get("dashboard", default.dashboard),
    )


def _kind(data: Mapping[str, Any]) -> CustomKind:
    return CustomKind(group=data["group"], kind=data["kind"], path=tuple(data["path"].split(".")))


def _suppressions(layer: Layer) -> Iterator[Suppression]:
    for index, entry in enumerate(layer.data.get("suppressions", ())):
        rules = [entry["rule"]] if isinstance(entry["rule"], str) else entry["rule"]
        for rule in rules:
            yield Suppression(
                rule=rule,
                reason=entry["reason"].strip(),
                source="config",
                file=layer.path,
                line=layer.lines.get(f"suppressions.{index}", 1),
                scope=Match(
                    path=entry.get("path"),
                    kind=entry.get("kind"),
                    namespace=entry.get("namespace"),
                    name=entry.get("name"),
                    container=entry.get("container"),
                ),
                until=date.fromisoformat(entry["until"]) if "until" in entry else None,
            )
