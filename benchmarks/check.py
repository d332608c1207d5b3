"""`podsec check` beside Trivy, Checkov and the floor: libyaml alone.

Run: make bench, or python -m benchmarks.check [--files 1000 5000 20000] [--peers-up-to 5000].
Peers are looked for in .venv-bench (make bench installs them); absent ones are said to be absent.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Measured, measure, table
from benchmarks.trees import ROOT, build

MIXES = {"mixed": 3, "workloads": 1}
_FLOOR = """
import sys, pathlib, yaml
from bot.yamlpatch.outline import _may_hold_object
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.yaml")):
    data = path.read_text()
    if _may_hold_object(data):
        for node in yaml.compose_all(data, Loader=yaml.CSafeLoader): pass
"""
_NOTHING = "import sys, pathlib, yaml"


def floor(tree: Path) -> Measured:
    """What libyaml takes to compose the documents, without the interpreter's start."""
    start = measure([sys.executable, "-c", _NOTHING, str(tree)], {"PYTHONPATH": str(ROOT)})
    whole = measure([sys.executable, "-c", _FLOOR, str(tree)], {"PYTHONPATH": str(ROOT)})
    return Measured(
        cpu=whole.cpu - start.cpu,
        wall=whole.wall - start.wall,
        memory=whole.memory,
        code=whole.code,
    )


def peers(tree: Path) -> dict[str, list[str]]:
    """The peers that are here, with their commands; their databases are never asked for."""
    home = ROOT / ".venv-bench" / "bin"
    found = {name: shutil.which(name, path=str(home)) for name in ("trivy", "checkov")}
    trivy = found["trivy"] or next(
        (str(path) for path in (ROOT / ".venv-bench").rglob("trivy") if path.is_file()), None
    )
    commands = {}
    if trivy:
        commands["trivy"] = [
            trivy, "config", str(tree), "--skip-check-update", "--quiet", "-f", "json",
            "--timeout", "60m", "--misconfig-scanners", "kubernetes",
        ]  # fmt: skip
    if found["checkov"]:
        commands["checkov"] = [
            found["checkov"], "-d", str(tree), "--framework", "kubernetes", "--quiet",
            "--compact", "-o", "json", "--skip-download",
        ]  # fmt: skip
    return commands


def podsec(tree: Path, cache: Path) -> Measured:
    """One run of `podsec check` with all rules on."""
    return measure(
        [sys.executable, "-m", "bot", "check", str(tree), "--format", "json"],
        {"PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(cache)},
    )


def row(name: str, found: Measured, files: int, against: Measured | None = None) -> list[str]:
    """A line of the table; the last column says how often podsec's CPU fits into a peer's."""
    ratio = f"{found.cpu / against.cpu:.1f}x" if against else ""
    return [
        name,
        f"{found.cpu:.2f}",
        f"{found.wall:.2f}",
        f"{found.memory:.0f}",
        f"{files / found.cpu:.0f}",
        ratio,
    ]


def run(mix: str, files: int, *, with_peers: bool) -> str:
    """One tree, all who judge it."""
    with tempfile.TemporaryDirectory(prefix="podsec-bench-") as name:
        tree, cache = Path(name) / "tree", Path(name) / "cache"
        size = build(tree, files, every=MIXES[mix])
        cold = podsec(tree, cache)
        warm = podsec(tree, cache)
        base = floor(tree)
        rows = [
            row("podsec, cold", cold, files, cold),
            row("podsec, warm", warm, files, cold),
            row("libyaml compose", base, files, cold),
        ]
        if with_peers:
            rows += [
                row(peer, measure(command), files, cold) for peer, command in peers(tree).items()
            ]
    head = ["", "CPU s", "wall s", "peak MB", "files/CPU s", "of podsec cold"]
    title = f"{mix}, {files} files, {size / 1e6:.1f} MB"
    return f"{title}\n{table(head, rows)}\n"


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, nargs="+", default=[1000, 5000, 20000])
    parser.add_argument("--mix", choices=MIXES, nargs="+", default=list(MIXES))
    parser.add_argument("--peers-up-to", type=int, default=5000)
    options = parser.parse_args()
    for mix in options.mix:
        for files in options.files:
            print(run(mix, files, with_peers=files <= options.peers_up_to), flush=True)


if __name__ == "__main__":
    main()
