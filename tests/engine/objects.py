"""Objects for the tests of comparisons."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import yaml

from bot.config import DEFAULT, Config
from bot.model.change import ChangedFile, ChangeSet
from bot.model.finding import Report
from bot.rule.load import Rules, load_rules
from bot.workflows.check_change import check_change
from bot.workflows.check_path import Asked

RULES = load_rules()
# a lone pod has no NetworkPolicy, which would be said in every test
ALONE = replace(DEFAULT, rules={"unrestricted-network": "off"})
GOOD: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def pod(
    name: str = "shop",
    context: dict[str, Any] | None = None,
    spec: dict[str, Any] | None = None,
    **container: Any,
) -> str:
    """A hardened pod, changed as asked; None takes a field of the security context away."""
    security = {**GOOD, **(context or {})}
    body = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {
            "automountServiceAccountToken": False,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 1000,
                "runAsGroup": 3000,
                "fsGroup": 2000,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {
                    "name": "app",
                    "image": "registry.example.com/app:1.4.2",
                    "resources": {
                        "requests": {"cpu": "250m", "memory": "64Mi"},
                        "limits": {"memory": "128Mi"},
                    },
                    "securityContext": {k: v for k, v in security.items() if v is not None},
                    **container,
                }
            ],
            **(spec or {}),
        },
    }
    return yaml.safe_dump(body, sort_keys=False)


def changed(
    before: str | None, after: str | None, path: str = "pod.yaml", was: str | None = None
) -> ChangedFile:
    status = "added" if before is None else "removed" if after is None else "modified"
    if was is not None:
        status = "renamed"
    elif before == after:
        status = "unchanged"
    return ChangedFile(
        path=path,
        status=status,  # type: ignore[arg-type]
        data=None if after is None else after.encode(),
        base_data=None if before is None else before.encode(),
        previous_path=was,
    )


def compare(*files: ChangedFile, rules: Rules = RULES, config: Config = ALONE) -> Report:
    asked = Asked(rules=rules, config=config, today=date(2026, 11, 24), is_complete=True)
    return check_change(ChangeSet(files=files), asked)[0]


def standings(report: Report) -> set[tuple[str, str]]:
    return {(label.finding.rule, label.standing) for label in report.labels}
