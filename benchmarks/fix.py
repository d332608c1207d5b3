"""`podsec fix` beside `podsec check`: the same trees, both cold, neither with a cache.

Run: python -m benchmarks.fix [--files 2000] [--runs 3]. Each run fixes a fresh copy; of several
runs the one with the least CPU counts, since other work on the machine only ever adds. The promise:
a fix takes at most three times what the check of the same tree takes.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path

from benchmarks.check import MIXES
from benchmarks.measure import Measured, measure, table
from benchmarks.trees import ROOT, build, corpus
from bot.engine.read import load

PROMISE = 3.0
COMMANDS = {
    "check": ["check", "--no-cache", "--format", "json"],
    "fix": ["fix"],
    "fix --unsafe": ["fix", "--unsafe"],
}
_DEPLOYMENTS = 230
_NAME = re.compile(r"^(  name: *)([A-Za-z0-9.-]+)[ \t]*$", re.MULTILINE)


def timed(command: Sequence[str], tree: Path, runs: int) -> Measured:
    """The least of some runs, each on a copy of its own."""
    found = [_once(command, tree) for _ in range(runs)]
    return min(found, key=lambda one: one.cpu)


def _once(command: Sequence[str], tree: Path) -> Measured:
    with tempfile.TemporaryDirectory(prefix="podsec-fix-") as name:
        copy = Path(name) / "tree"
        shutil.copytree(tree, copy)
        done = measure(
            [sys.executable, "-m", "bot", command[0], str(copy), *command[1:]],
            {"PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(Path(name) / "cache")},
        )
    if done.code not in (0, 1):
        raise SystemExit(f"podsec {' '.join(command)}: exit code {done.code}")
    return done


def rows(tree: Path, runs: int) -> list[list[str]]:
    """Check, safe fixes, all fixes; the last columns say how often the check fits into each."""
    found = {name: timed(command, tree, runs) for name, command in COMMANDS.items()}
    base = found["check"]
    return [
        [
            f"podsec {name}",
            f"{one.cpu:.2f}",
            f"{one.wall:.2f}",
            f"{one.memory:.0f}",
            f"{one.cpu / base.cpu:.2f}x",
            f"{one.wall / base.wall:.2f}x",
        ]
        for name, one in found.items()
    ]


def deployments(tree: Path) -> int:
    """One file with many Deployments of the corpora; returns its bytes."""
    found = [
        manifest.stream.text_of(manifest.document).strip().removeprefix("---").strip()
        for name, data in corpus()
        for manifest in load(name, data)[0]
        if manifest.kind == "Deployment" and not manifest.base
    ]
    texts = [
        _NAME.sub(rf"\g<1>\g<2>-{number}", text)
        for number, text in enumerate(islice(cycle(found), _DEPLOYMENTS))
    ]
    tree.mkdir()
    return (tree / "all.yaml").write_text("\n---\n".join(texts) + "\n")


def main() -> None:
    """Print the tables; exit with 1 where the promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    head = ["", "CPU s", "wall s", "peak MB", "CPU of check", "wall of check"]
    worst = 0.0
    with tempfile.TemporaryDirectory(prefix="podsec-trees-") as name:
        for mix, every in MIXES.items():
            tree = Path(name) / mix
            size = build(tree, options.files, every=every)
            found = rows(tree, options.runs)
            worst = max(worst, *(float(row[4].removesuffix("x")) for row in found))
            print(f"{mix}, {options.files} files, {size / 1e6:.1f} MB\n{table(head, found)}\n")
        tree = Path(name) / "one"
        size = deployments(tree)
        title = f"one file, {_DEPLOYMENTS} Deployments, {size / 1e6:.1f} MB"
        print(f"{title}\n{table(head, rows(tree, options.runs))}\n", flush=True)
    print(f"at most {worst:.2f} times the check of a tree; promised: {PROMISE:.0f}")
    raise SystemExit(int(worst > PROMISE))


if __name__ == "__main__":
    main()
