"""The effective config in its own language, every key with its value."""

from __future__ import annotations

from typing import Any

from bot.config.model import Config, Sweep
from bot.model.scan_policy import ScanPolicy
from bot.model.suppression import Match, Suppression


def spoken(config: Config) -> dict[str, Any]:
    """What a `.podsec.yaml` that says everything would hold; keys that have no value are absent."""
    network, secrets = config.network, config.secrets
    return {
        "profile": config.profile,
        "failOn": config.fail_on,
        "kubernetesVersion": str(config.kubernetes_version),
        "rules": {name: _rule(config, name) for name in sorted(config.rules)},
        "paths": {"include": list(config.paths.include), "exclude": list(config.paths.exclude)},
        "suppressions": [_suppression(one) for one in config.suppressions],
        "securityContext": {
            "runAsUser": config.run_as_user,
            "runAsGroup": config.run_as_group,
            "fsGroup": config.fs_group,
        },
        "resources": _known(
            cpuRequest=config.cpu_request,
            memoryRequest=config.memory_request,
            memoryLimit=config.memory_limit,
            cpuLimit=config.cpu_limit,
        ),
        "scan": _scan(config.scan),
        "images": {
            image.match: _known(
                uid=image.uid,
                gid=image.gid,
                nonroot=image.nonroot,
                writable=list(image.writable) or None,
                capabilities=list(image.capabilities) or None,
            )
            for image in config.images
        },
        "network": _known(
            egress=network.egress,
            exposure=network.exposure,
            monitoringNamespace=network.monitoring_namespace,
            dns=network.dns,
            defaultDeny=network.default_deny,
        ),
        "secrets": _known(
            store=secrets.store, storeName=secrets.store_name, storeKind=secrets.store_kind
        ),
        "schedule": {"cron": config.schedule.cron, "timeZone": config.schedule.time_zone},
        "sweep": _sweep(config.sweep),
        "kinds": [
            {"group": one.group, "kind": one.kind, "path": ".".join(map(str, one.path))}
            for one in config.kinds
        ],
        "pullRequests": {
            "signOff": config.pulls.sign_off,
            "title": config.pulls.title,
            "labels": list(config.pulls.labels),
        },
        "review": {"mode": config.review_mode, "maxComments": config.max_comments},
        **({"enforced": sorted(config.enforced)} if config.enforced else {}),
    }


def _sweep(sweep: Sweep) -> dict[str, Any]:
    return {
        "enabled": sweep.enabled,
        "group": sweep.group,
        "depth": sweep.depth,
        "kinds": list(sweep.kinds),
        "maxOpen": sweep.max_open,
        "maxNewPerDay": sweep.max_new_per_day,
        "maxRestarts": sweep.max_restarts,
        "labels": list(sweep.labels),
        "assignees": list(sweep.assignees),
        "reviewers": list(sweep.reviewers),
        "dashboard": sweep.dashboard,
    }


def _known(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _scan(policy: ScanPolicy) -> dict[str, Any]:
    return {
        "report": policy.report,
        "failOn": policy.fail_on or "never",
        "onlyFixable": policy.only_fixable,
        "ignore": [
            _known(
                id=one.id,
                reason=one.reason,
                package=one.package,
                image=one.image,
                until=one.until.isoformat() if one.until else None,
            )
            for one in policy.ignored
        ],
        "vex": list(policy.vex),
        "pin": policy.pin,
        "newerTags": policy.newer_tags,
    }


def _rule(config: Config, name: str) -> Any:
    said = config.rules[name]
    options = config.options.get(name)
    return {"severity": said, "options": dict(options)} if options else said


def _suppression(one: Suppression) -> dict[str, Any]:
    scope = one.scope
    assert isinstance(scope, Match)  # a config has no other
    return _known(
        rule=one.rule,
        reason=one.reason,
        until=one.until.isoformat() if one.until else None,
        path=scope.path,
        kind=scope.kind,
        namespace=scope.namespace,
        name=scope.name,
        container=scope.container,
    )
