"""Inference and evaluation for 1,000 workloads in one namespace: CPU seconds by step.

Run: python -m benchmarks.network [WORKLOADS].
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TypeVar

from bot.config.model import Network as Wishes
from bot.engine.network.plan import plan
from bot.engine.network.survey import survey
from bot.engine.read import load
from bot.model.manifest import Manifest

_T = TypeVar("_T")
_LIMIT = 5.0
_CALLS = 5
_FILES = 100
_TEXT = """---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: app-{n}, namespace: shop, labels: {{app: app-{n}}}}}
spec:
  selector: {{matchLabels: {{app: app-{n}}}}}
  template:
    metadata: {{labels: {{app: app-{n}, tier: t{tier}}}}}
    spec:
      containers:
      - name: main
        image: registry.example.com/app-{n}:1
        ports: [{{name: http, containerPort: 8000}}]
        args: ["--peer", "http://app-{peer}:80/"]
        env:
{env}
---
apiVersion: v1
kind: Service
metadata: {{name: app-{n}, namespace: shop}}
spec: {{selector: {{app: app-{n}}}, ports: [{{port: 80, targetPort: http}}]}}
"""


def text_of(number: int, total: int) -> str:
    """One of the workloads, with its Service; it names some of the others."""
    others = [(number * 7 + step * 13 + 1) % total for step in range(_CALLS)]
    lines = (
        f"        - {{name: UP{step}_URL, value: 'http://app-{other}.shop.svc.cluster.local:80'}}"
        for step, other in enumerate(others)
    )
    peer = (number + 1) % total
    return _TEXT.format(n=number, tier=number % 7, peer=peer, env="\n".join(lines))


def manifests(total: int) -> list[Manifest]:
    """All workloads, some to a file."""
    found: list[Manifest] = []
    for start in range(0, total, _FILES):
        part = range(start, min(start + _FILES, total))
        text = "".join(text_of(number, total) for number in part)
        found += load(f"apps-{start}.yaml", text.encode())[0]
    return found


def timed(name: str, make: Callable[[], _T]) -> tuple[_T, float]:
    """Do it, and say how many seconds of CPU that took."""
    began = time.process_time()
    made = make()
    seconds = time.process_time() - began
    print(f"{name:40} {seconds:6.2f} s")
    return made, seconds


def main() -> int:
    """Print the seconds; 1 where inference and evaluation take more than is allowed."""
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    loaded, _ = timed(f"read {total} workloads and Services", lambda: manifests(total))
    found, inference = timed("infer", lambda: survey(loaded, lambda _: None))
    planned, drafting = timed("decide, draft, prove", lambda: plan(found, Wishes()))
    changes, evaluation = timed("evaluate before and after", planned.changes)
    spent = inference + drafting + evaluation
    edges = len(found.inferred.edges)
    print(f"{edges} edges, {len(planned.written)} policies, {len(changes)} ports change")
    print(f"inference and evaluation: {spent:.2f} s of CPU, allowed are {_LIMIT:.0f}")
    return int(spent > _LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
