"""What a change of one overlay costs in a repository of many kustomizations.

Run: python -m benchmarks.gitops [ROOTS]. It writes a repository of ROOTS overlays (600 unless told)
over a twentieth as many bases, and counts what `podsec` renders for: one overlay, one base, all.
kubectl or kustomize must be on PATH. A second run of the same finds what was rendered in the cache.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import table
from bot.adapters.renderers import Kustomize
from bot.cache import Cache
from bot.disk import DiskFiles
from bot.errors import UserError
from bot.kubernetes.custom_kinds import KNOWN
from bot.workflows.render_roots import render_roots

_ROOTS = 600
_SHARED = 20
"""Overlays over one base."""
_APP = """apiVersion: apps/v1
kind: Deployment
metadata: {{name: app-{0}}}
spec:
  selector: {{matchLabels: {{app: app-{0}}}}}
  template:
    metadata: {{labels: {{app: app-{0}}}}}
    spec: {{containers: [{{name: app, image: "registry.example.com/app-{0}:1.0"}}]}}
"""


def write(folder: Path, roots: int) -> None:
    """The repository: overlay N builds on base N / 20."""
    for base in range(-(-roots // _SHARED)):
        inside = folder / "bases" / str(base)
        inside.mkdir(parents=True)
        (inside / "kustomization.yaml").write_text("resources: [app.yaml]\n")
        (inside / "app.yaml").write_text(_APP.format(base))
    for root in range(roots):
        inside = folder / "overlays" / str(root)
        inside.mkdir(parents=True)
        text = f"namespace: team-{root}\nresources: [../../bases/{root // _SHARED}]\n"
        (inside / "kustomization.yaml").write_text(f"{text}patches: [{{path: memory.yaml}}]\n")
        name = root // _SHARED
        patch = _APP.format(name).replace("image:", "resources: {limits: {memory: 64Mi}}, image:")
        (inside / "memory.yaml").write_text(patch)


def row(what: str, folder: Path, reached: Sequence[str] | None, cache: Cache | None) -> list[str]:
    """How many roots were rendered, and how long it took: to draw the map, and in all."""
    started = time.monotonic()
    files = DiskFiles(folder)
    paths = reached if reached is not None else files.paths()
    scene = render_roots(files, Kustomize(KNOWN, cache), paths)
    if scene.missing is not None:
        raise UserError(scene.missing)
    seconds = time.monotonic() - started
    failed = sum("not rendered" in item.reason for item in scene.skipped)
    return [what, str(len(scene.renderings)), str(failed), f"{seconds:.2f}"]


def main() -> None:
    """Print the table."""
    roots = int(sys.argv[1]) if len(sys.argv) > 1 else _ROOTS
    with tempfile.TemporaryDirectory() as name:
        folder, store = Path(name) / "repository", Path(name) / "cache"
        write(folder, roots)
        cache = Cache(store, time.time)
        overlay = ["overlays/7/memory.yaml"]
        rows = [
            row("nothing that a root reads", folder, ["README.md"], None),
            row("one overlay", folder, overlay, None),
            row("one base", folder, ["bases/0/app.yaml"], cache),
            row("one base, rendered before", folder, ["bases/0/app.yaml"], cache),
            row("everything", folder, None, None),
        ]
        shutil.rmtree(store, ignore_errors=True)
    print(f"{roots} roots")
    print(table(["a change of", "rendered", "failed", "wall s"], rows))


if __name__ == "__main__":
    main()
