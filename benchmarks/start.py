"""What `podsec check FILE` takes from start to end, beside an interpreter that does nothing.

Run: python -m benchmarks.start. The goal is under 0.4 s on the wall.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Measured, measure, table
from benchmarks.trees import ROOT

_RUNS = 7
_POD = """apiVersion: v1
kind: Pod
metadata: {name: shop}
spec: {containers: [{name: shop, image: "shop:1"}]}
"""


def best(command: list[str]) -> Measured:
    """The quickest of some runs: the others were disturbed."""
    runs = (measure(command, {"PYTHONPATH": str(ROOT)}) for _ in range(_RUNS))
    return min(runs, key=lambda run: run.cpu)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        pod = Path(folder) / "pod.yaml"
        pod.write_text(_POD, encoding="utf-8")
        nothing = best([sys.executable, "-c", "pass"])
        check = best([sys.executable, "-m", "bot", "check", str(pod)])
    rows = [
        [name, f"{run.cpu:.3f}", f"{run.wall:.3f}", f"{run.memory:.0f}"]
        for name, run in (("python", nothing), ("podsec check FILE", check))
    ]
    print(table(["", "CPU s", "wall s", "peak MB"], rows))


if __name__ == "__main__":
    main()
