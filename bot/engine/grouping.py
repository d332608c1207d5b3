"""Findings to the pull requests that mend them: by risk first, then as the config wants."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from bot.config.model import Sweep
from bot.engine.codeowners import CodeOwners
from bot.model.finding import SEVERITIES, Finding
from bot.model.sweep import Group, ProposalKind, workloads
from bot.rule.load import Rules

SAFE = ProposalKind(
    name="safe",
    rank=0,
    draft=False,
    one="safe fix",
    many="safe fixes",
    advice=(
        "These fixes do not change what the containers may do in use: podsec knows the images, "
        "or the field is safe for any. Each was proved: the file was read again, the finding is "
        "gone, no new one came, and every other byte is unchanged."
    ),
)
TEST_FIRST = ProposalKind(
    name="test-first",
    rank=1,
    draft=True,
    one="fix to test first",
    many="fixes to test first",
    advice=(
        "**Test first.** Each fix below may stop the workload for the reason that stands beside it."
    ),
    checklist=(
        "Deploy this branch to a test namespace",
        "Wait until the pods are ready, and use the application",
        "Look for `permission denied` and `read-only file system` in its log",
    ),
)
NETWORK = ProposalKind(
    name="network",
    rank=2,
    draft=True,
    one="network policy",
    many="network policies",
    advice=(
        "**Test first.** A NetworkPolicy denies all traffic that it does not name, and does so "
        "only where the cluster's network enforces policies. What follows was derived from the "
        "manifests alone: traffic that they do not show is cut."
    ),
    checklist=(
        "Compare what the policies let through with what really flows",
        "Deploy this branch to a test namespace, and use the application",
        "Look for timeouts in the logs of the workloads on both sides",
    ),
)
SECRETS = ProposalKind(
    name="secrets",
    rank=3,
    draft=True,
    one="move to a Secret",
    many="moves to Secrets",
    advice=(
        "**Needs Secrets before the merge.** New pods that read a key which is not there stay in "
        "`CreateContainerConfigError`. podsec has no access to the cluster, and neither this text "
        "nor the new lines hold a value."
    ),
)
KINDS = (SAFE, TEST_FIRST, NETWORK, SECRETS)
_UNSAFE_TEXT = re.compile(r"[^a-z0-9]+")
_LONGEST_SLUG = 40


def kind_of(finding: Finding, rules: Rules) -> ProposalKind | None:
    """Which risk a finding's fix has; None where it has no fix."""
    rule = rules.get(finding.rule)
    if rule is not None and rule.companion == "network-policy":
        return NETWORK
    if finding.fix is None:
        return None
    if finding.fix.move is not None:
        return SECRETS
    return SAFE if finding.fix.applicability == "safe" else TEST_FIRST


def groups(
    findings: Iterable[Finding],
    wish: Sweep,
    owners: CodeOwners,
    rules: Rules,
) -> tuple[Group, ...]:
    """The groups in the order in which they are proposed: least risk first, then the worst.

    The same findings give the same groups, whatever their order.
    """
    found: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    kinds: dict[str, ProposalKind] = {}
    for finding in findings:
        of = kind_of(finding, rules)
        if of is not None and of.name in wish.kinds:
            kinds[of.name] = of
            found[of.name, _label(finding, wish, owners)].append(finding)
    made = [_group(kinds[name], label, rows, wish) for (name, label), rows in found.items()]
    return tuple(sorted(made, key=_order))


def _group(kind: ProposalKind, label: str, found: Sequence[Finding], wish: Sweep) -> Group:
    ordered = sorted(found, key=_place)
    all_of_them = workloads(ordered)
    now = frozenset(all_of_them[: wish.max_restarts])
    return Group(
        kind=kind,
        key=_key(kind.name, label),
        label=label,
        findings=tuple(f for f in ordered if (f.file, f.document, f.kind, f.name) in now),
        later=len(all_of_them) - len(now),
    )


def _label(finding: Finding, wish: Sweep, owners: CodeOwners) -> str:
    if wish.group == "rule":
        return finding.rule
    if wish.group == "owner":
        return " ".join(sorted(owners.of(finding.file))) or "nobody"
    folders = finding.file.split("/")[:-1]
    return "/".join(folders[: wish.depth]) or "."


def _key(kind: str, label: str) -> str:
    """A name for branches: readable, and no other group has it."""
    slug = _UNSAFE_TEXT.sub("-", label.lower()).strip("-")[:_LONGEST_SLUG].strip("-")
    digest = hashlib.sha256(f"{kind}\0{label}".encode("utf-8", "surrogateescape")).hexdigest()
    return "-".join(part for part in (kind, slug, digest[:8]) if part)


def _order(group: Group) -> tuple[int, int, int, str]:
    worst = max(SEVERITIES.index(finding.severity) for finding in group.findings)
    return group.kind.rank, -worst, -len(group.findings), group.label


def _place(finding: Finding) -> tuple[str, int, int, str, str]:
    return (
        finding.file,
        finding.document,
        finding.region.line,
        finding.rule,
        finding.fingerprint,
    )
