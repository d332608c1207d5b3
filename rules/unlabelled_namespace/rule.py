"""Namespaces without a label of the Pod Security admission."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Context, Object, RuleFix, SetField, Violation, as_mapping, dig

PREFIX = "pod-security.kubernetes.io/"
MODES = ("enforce", "warn", "audit")
# the cluster's own, whose pods need what the standards forbid
EXEMPT = frozenset({"kube-system", "kube-public", "kube-node-lease"})


def check(target: Object, context: Context) -> Iterator[Violation]:
    """One of the three labels is a decision."""
    if target.api_version != "v1" or target.name in EXEMPT or not _is_name(target.name):
        return
    labels = as_mapping(dig(target.spec, "metadata.labels"))
    if not any(f"{PREFIX}{mode}" in labels for mode in MODES):
        yield Violation(
            f"metadata.labels[{PREFIX}warn]",
            f"Namespace {target.name!r} has no label of the Pod Security admission",
        )


def _is_name(text: str) -> bool:
    """Whether it is the name of a namespace, and not a text that a test or template fills in."""
    return text.replace("-", "a").isalnum()


def fix(target: Object, violation: Violation, context: Context) -> RuleFix:
    """Warn and audit forbid nothing; to enforce is for those who know what runs there."""
    return RuleFix(
        patches=tuple(
            SetField(field=f"metadata.labels[{PREFIX}{mode}]", value="restricted")
            for mode in ("warn", "audit")
        )
    )
