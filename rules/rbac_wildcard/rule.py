"""Roles with a wildcard: they grant what does not exist yet, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.rule import Context, Object, Violation, as_list, as_mapping

LISTS = ("verbs", "resources", "apiGroups")


def check(target: Object, context: Context) -> Iterator[Violation]:
    """One violation for each entry of the role's rules; `*/scale` is no wildcard."""
    if target.group != "rbac.authorization.k8s.io":
        return
    for number, entry in enumerate(map(as_mapping, as_list(target.field("rules")))):
        wild = [name for name in LISTS if "*" in as_list(entry.get(name))]
        if wild:
            yield Violation(
                f"rules.{number}.{wild[0]}",
                f"{target.kind} {target.name!r} grants {_grant(entry, wild)}",
                severity="low" if wild == ["apiGroups"] else None,
            )


def _grant(entry: Mapping[str, Any], wild: list[str]) -> str:
    verbs = "every verb" if "verbs" in wild else _listed(entry, "verbs")
    things = _listed(entry, "resources") or _listed(entry, "nonResourceURLs")
    if "resources" in wild:
        things = "every resource"
    elif things == "*":
        things = "every URL"
    return f"{verbs} on {things}{' of every API group' if 'apiGroups' in wild else ''}"


def _listed(entry: Mapping[str, Any], name: str) -> str:
    return ", ".join(map(str, as_list(entry.get(name))))
