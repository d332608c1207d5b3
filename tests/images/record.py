"""What podsec does with every image family of the table, as recorded: reviewed like code.

Each family has a file in fail/ with two workloads where it keeps data: one without a volume, one
with a claim at the data. fixed/ is what the safe fixes make of it; findings.txt says of each
finding what became of it, and why.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.config import DEFAULT
from bot.engine.check import check, informed_view_of
from bot.engine.fix import fix_file
from bot.engine.read import load
from bot.kubernetes.images import TABLE
from bot.model.finding import Finding
from bot.yamlpatch import plain
from tests.rules.record import RULES

HOME = Path(__file__).resolve().parent
ROWS: list[dict[str, Any]] = plain(TABLE.read_bytes())["images"]
_SPOKEN_OF = ("baseline", "restricted")
_OF_PODSEC = ("resources.", "readOnlyRootFilesystem", "runAsGroup", "fsGroup")


def fail(row: dict[str, Any]) -> str:
    """The family as people write it who only want it to run."""
    data = [one["path"] for one in row["writable"] if one.get("data") and "only_if" not in one]
    documents = [_workload(row, row["name"], None)]
    if data:
        documents.append(_workload(row, f"{row['name']}-claimed", data[0]))
    return "---\n".join(documents)


def _workload(row: dict[str, Any], name: str, claimed: str | None) -> str:
    lines = [
        "apiVersion: apps/v1",
        "kind: Deployment",
        "metadata:",
        f"  name: {name}",
        "spec:",
        "  selector:",
        f"    matchLabels: {{app: {name}}}",
        "  template:",
        "    metadata:",
        f"      labels: {{app: {name}}}",
        "    spec:",
        "      containers:",
        f"      - name: {row['name']}",
        f"        image: {row['example']}",
    ]
    if row["ports"]:
        lines += ["        ports:", f"        - containerPort: {row['ports'][0]}"]
    if claimed is not None:
        lines += [
            "        volumeMounts:",
            "        - name: data",
            f"          mountPath: {claimed}",
        ]
        lines += ["      volumes:", "      - name: data", "        persistentVolumeClaim:"]
        lines += [f"          claimName: {name}"]
    return "\n".join([*lines, ""])


def fixed(row: dict[str, Any]) -> tuple[bytes, list[str]]:
    """The family after its safe fixes, and what became of each finding."""
    path = f"{row['name']}.yaml"
    data = fail(row).encode()
    manifests, skipped = load(path, data)
    assert skipped == ()
    view = informed_view_of(manifests, complete=False)
    found = [one for one in check(manifests, RULES, DEFAULT, view) if _is_spoken_of(one)]
    done = fix_file(path, data, found, RULES, DEFAULT, unsafe=False, view=view)
    applied = {one.fingerprint for one in done.applied}
    left = {one.fingerprint: why for one, why in done.left if one.fingerprint not in applied}
    return done.data, [_line(one, left.get(one.fingerprint)) for one in found]


def _is_spoken_of(finding: Finding) -> bool:
    rule = RULES.get(finding.rule)
    restricted = rule is not None and rule.profile in _SPOKEN_OF
    return restricted or any(part in finding.field for part in _OF_PODSEC)


def _line(finding: Finding, left: str | None) -> str:
    what = f"{finding.name}: {finding.rule} ({finding.field.rpartition('.')[2]})"
    if left is None:
        return f"{what}: fixed: {finding.fix.reason if finding.fix else ''}"
    return f"{what}: left: {left}"


def outputs() -> dict[Path, bytes]:
    """Every recorded file of the families, as it should be."""
    found: dict[Path, bytes] = {}
    lines: list[str] = []
    for row in ROWS:
        data, said = fixed(row)
        found[HOME / "fail" / f"{row['name']}.yaml"] = fail(row).encode()
        found[HOME / "fixed" / f"{row['name']}.yaml"] = data
        lines += said
    found[HOME / "findings.txt"] = ("\n".join(lines) + "\n").encode()
    return found


def changes(row: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each workload's pod before and after, as recorded."""
    before = load("f", (HOME / "fail" / f"{row['name']}.yaml").read_bytes())[0]
    after = load("f", (HOME / "fixed" / f"{row['name']}.yaml").read_bytes())[0]
    for old, new in zip(before, after, strict=True):
        yield old.data["spec"]["template"]["spec"], new.data["spec"]["template"]["spec"]
