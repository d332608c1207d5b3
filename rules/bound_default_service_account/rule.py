"""Bindings that name the ServiceAccount `default`."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Context, Object, Violation, as_list, as_mapping


def check(target: Object, context: Context) -> Iterator[Violation]:
    """Every pod that names no account runs as this one."""
    if target.group != "rbac.authorization.k8s.io":
        return
    role = as_mapping(target.field("roleRef")).get("name")
    for number, subject in enumerate(map(as_mapping, as_list(target.field("subjects")))):
        if subject.get("kind") == "ServiceAccount" and subject.get("name") == "default":
            where = subject.get("namespace") or target.namespace
            yield Violation(
                f"subjects.{number}",
                f"{target.kind} {target.name!r} gives the role {role!r} to the default "
                f"ServiceAccount{f' of namespace {where!r}' if where else ''}",
            )
