"""What becomes of each finding, and how many workloads pass `restricted` before and after fixes.

Run: python -m benchmarks.coverage [--trivy PATH]. It reads the corpora of
../shared, with all their files in view, and fixes them as `podsec fix` does: first the safe fixes
alone, then with --unsafe. A finding counts as fixed only if its fix passed its proof. Nothing is
left out: advice, refusals and findings without a fix are in every denominator.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.measure import table
from benchmarks.trees import ROOT, corpus, others
from bot.config import DEFAULT
from bot.engine.check import check, informed_view_of, view_of
from bot.engine.fix import fix_file
from bot.engine.read import load
from bot.kubernetes.build_file import BuildFile
from bot.kubernetes.images import known
from bot.kubernetes.view import View
from bot.kubernetes.workload import CONTAINER_LISTS, as_list, as_mapping, reach
from bot.model.finding import Finding
from bot.model.manifest import Manifest
from bot.rule.load import load_rules

Outcome = Literal["safe", "unsafe", "advice", "refused", "nothing"]
OUTCOMES: tuple[Outcome, ...] = ("safe", "unsafe", "advice", "refused", "nothing")
Files = dict[str, bytes]
Place = tuple[str, int, str, str]
RULES = load_rules()
_PROFILES = {rule.id: rule.profile for rule in RULES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixes:
    """The corpus after a run of fixes."""

    files: Files
    applied: frozenset[str]
    refused: Mapping[str, str]


def read_corpus() -> Files:
    """The manifests of the corpora, by path."""
    return dict(corpus())


def manifests_of(files: Files) -> list[Manifest]:
    """All objects of all files."""
    return [manifest for path, data in files.items() for manifest in load(path, data)[0]]


def view_for(files: Files) -> View:
    """Everything in view, with the files that tell how images are built."""
    builds = (BuildFile(path=path, text=data.decode("utf-8", "replace")) for path, data in others())
    return informed_view_of(manifests_of(files), complete=True, files=tuple(builds))


def fixed(files: Files, found: Sequence[Finding], view: View, *, unsafe: bool) -> Fixes:
    """Every file fixed as `podsec fix` does it."""
    by_file: dict[str, list[Finding]] = {}
    for finding in found:
        by_file.setdefault(finding.file, []).append(finding)
    result = dict(files)
    applied: set[str] = set()
    refused: dict[str, str] = {}
    for path, here in by_file.items():
        done = fix_file(path, files[path], here, RULES, DEFAULT, unsafe=unsafe, view=view)
        result[path] = done.data
        applied |= {finding.fingerprint for finding in done.applied}
        refused |= {f.fingerprint: why for f, why in done.left if f.fingerprint not in applied}
    return Fixes(files=result, applied=frozenset(applied), refused=refused)


def outcome(finding: Finding, safe: Fixes, unsafe: Fixes) -> Outcome:
    """What became of a finding."""
    if finding.fingerprint in safe.applied:
        return "safe"
    if finding.fingerprint in unsafe.applied:
        return "unsafe"
    if finding.fix is not None:
        return "refused"
    return "advice" if finding.advice else "nothing"


def group(finding: Finding) -> str | None:
    """The part of the table that a finding belongs to; None where it is no part of it."""
    if "resources." in finding.field:
        return "resources"
    profile = _PROFILES[finding.rule]
    return profile if profile in ("baseline", "restricted") else None


def images(manifests: Iterable[Manifest]) -> dict[tuple[Place, str], str]:
    """The image of each container."""
    return {
        (place(manifest), str(as_mapping(one).get("name") or "")): str(as_mapping(one).get("image"))
        for manifest in manifests
        if manifest.pod_path is not None
        for which in CONTAINER_LISTS
        for one in as_list(as_mapping(reach(manifest.data, manifest.pod_path)).get(which))
    }


def place(thing: Manifest | Finding) -> Place:
    """Which object of which file."""
    return (thing.file, thing.document, thing.kind, thing.name)


def shares(found: Sequence[Finding], outcomes: Mapping[str, Outcome]) -> list[list[str]]:
    """Rows: what became of the findings, by part; the last row is restricted with resources."""
    parts: dict[str, Counter[Outcome]] = {
        name: Counter() for name in ("baseline", "restricted", "resources")
    }
    for finding in found:
        part = group(finding)
        if part is not None:
            parts[part][outcomes[finding.fingerprint]] += 1
    both = parts["restricted"] + parts["resources"]
    rows = [row(name, counted) for name, counted in parts.items()]
    return [*rows, row("restricted + resources", both), row("all three", both + parts["baseline"])]


def row(name: str, counted: Counter[Outcome]) -> list[str]:
    """One line: how many, and the share of each outcome."""
    total = sum(counted.values())
    cells = [f"{100 * counted[one] / total:.1f} %" if total else "-" for one in OUTCOMES]
    return [name, str(total), *cells]


def failing(files: Files) -> dict[Place, list[Finding]]:
    """What each workload fails of the restricted profile."""
    manifests = manifests_of(files)
    config = DEFAULT.with_profile("restricted")
    found: dict[Place, list[Finding]] = {
        place(manifest): [] for manifest in manifests if manifest.pod_path is not None
    }
    for finding in check(manifests, RULES, config, view_of(manifests, complete=True)):
        if place(finding) in found:
            found[place(finding)].append(finding)
    return found


def convergence(
    files: Files, found: Sequence[Finding], safe: Fixes, unsafe: Fixes
) -> Iterator[str]:
    """The share of workloads that pass, and what keeps the others."""
    rows = []
    last: dict[Place, list[Finding]] = {}
    for name, state in (("before", files), ("safe", safe.files), ("--unsafe", unsafe.files)):
        last = failing(state)
        passing = sum(1 for there in last.values() if not there)
        rows.append([name, f"{passing} of {len(last)}", f"{100 * passing / len(last):.1f} %"])
    yield table(["", "workloads pass restricted", ""], rows)
    left = Counter(
        f"{finding.rule}: {_short(unsafe.refused.get(finding.fingerprint, finding.advice or ''))}"
        for there in last.values()
        for finding in there
    )
    yield "\nwhat is left after --unsafe:"
    yield from (f"{count:5}  {what}" for what, count in left.most_common(40))
    open_ = {
        place(finding)
        for finding in found
        if group(finding) in ("baseline", "restricted")
        and finding.fingerprint not in unsafe.applied
    }
    whole = last.keys() - open_
    failed = [where for where in whole if last[where]]
    yield f"\nof {len(whole)} workloads with every fix applied, {len(failed)} do not pass"


def _short(reason: str) -> str:
    return reason.split("(", maxsplit=1)[0].split(" '", maxsplit=1)[0].strip()[:90]


def write(files: Files, folder: Path) -> None:
    """The files below a folder."""
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def trivy_failures(trivy: str, files: Files) -> Counter[str]:
    """What `trivy config` fails, by file."""
    with tempfile.TemporaryDirectory(prefix="podsec-coverage-") as name:
        tree = Path(name) / "tree"
        write(files, tree)
        command = [
            trivy, "config", str(tree), "--skip-check-update", "--quiet", "-f", "json",
            "--cache-dir", str(Path(name) / "cache"), "--misconfig-scanners", "kubernetes",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, check=True, timeout=1800)
    failures: Counter[str] = Counter()
    for result in json.loads(done.stdout).get("Results") or ():
        failures[result["Target"]] += len(result.get("Misconfigurations") or ())
    return failures


def second_opinion(trivy: str | None, files: Files, safe: Fixes, unsafe: Fixes) -> Iterator[str]:
    """What Trivy makes of the same files, before and after."""
    if trivy is None:
        yield "trivy is not here: no second opinion"
        return
    before = trivy_failures(trivy, files)
    yield f"trivy config: {before.total()} failures before"
    for name, fixes in (("safe fixes", safe), ("--unsafe", unsafe)):
        after = trivy_failures(trivy, fixes.files)
        worse = sorted(path for path in after if after[path] > before[path])
        yield f"  after {name}: {after.total()}; files with more than before: {len(worse)}"
        yield from (f"    {path}: {before[path]} to {after[path]}" for path in worse[:10])


def report(trivy: str | None) -> Iterator[str]:
    """The whole report, part by part."""
    files = read_corpus()
    view = view_for(files)
    manifests = manifests_of(files)
    found = check(manifests, RULES, DEFAULT, view)
    safe = fixed(files, found, view, unsafe=False)
    unsafe = fixed(files, found, view, unsafe=True)
    outcomes = {finding.fingerprint: outcome(finding, safe, unsafe) for finding in found}
    by_image = images(manifests)
    inside = [
        finding
        for finding in found
        if known(by_image.get((place(finding), finding.container or ""), "")) is not None
    ]
    number = sum(1 for image in by_image.values() if known(image) is not None)
    head = ["", "findings", *OUTCOMES]
    yield f"{number} of {len(by_image)} containers have an image that the table knows\n"
    yield "containers with a known image\n" + table(head, shares(inside, outcomes)) + "\n"
    yield "all containers and pods\n" + table(head, shares(found, outcomes)) + "\n"
    yield from convergence(files, found, safe, unsafe)
    yield ""
    yield from second_opinion(trivy, files, safe, unsafe)


def find_trivy() -> str | None:
    """The binary on PATH, or the one that the benchmarks' environment brings."""
    brought = (str(path) for path in (ROOT / ".venv-bench").rglob("trivy") if path.is_file())
    return shutil.which("trivy") or next(brought, None)


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trivy", default=find_trivy())
    for line in report(parser.parse_args().trivy):
        print(line, flush=True)


if __name__ == "__main__":
    main()
