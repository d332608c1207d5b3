"""Trees of distinct manifests, made from the corpora of ../shared, with few or many workloads."""

from __future__ import annotations

import io
import os
import re
import tarfile
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from bot.engine.read import load
from bot.kubernetes.build_file import is_build_file

ROOT = Path(__file__).resolve().parent.parent
_NAME = re.compile(rb"^(  name: *)([A-Za-z0-9.-]+)[ \t]*$", re.MULTILINE)
_LARGEST = 60_000
_FOLDER = 100


def shared() -> Path:
    """Where the corpora are. Exits with a sentence where they are not."""
    folder = Path(os.environ.get("PODSEC_SHARED", ROOT.parent / "shared"))
    if not (folder / "corpora" / "manifests.tar.gz").is_file():
        raise SystemExit(f"benchmarks read {folder}/corpora/manifests.tar.gz: it is not there")
    return folder


def corpus() -> Iterator[tuple[str, bytes]]:
    """The YAML files of the corpora, by name."""
    return ((name, data) for name, data in members() if name.endswith((".yaml", ".yml")))


def others() -> Iterator[tuple[str, bytes]]:
    """The files of the corpora that tell how images are built."""
    return ((name, data) for name, data in members() if is_build_file(name.rpartition("/")[2]))


def members() -> Iterator[tuple[str, bytes]]:
    """All files of the corpora, by name."""
    archive = (shared() / "corpora" / "manifests.tar.gz").read_bytes()
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        for member in sorted(opened, key=lambda one: one.name):
            if member.isfile():
                data = opened.extractfile(member)
                assert data is not None
                yield member.name, data.read()


def sorted_by_workload() -> tuple[list[bytes], list[bytes]]:
    """The corpus's readable manifests: those that hold a workload, and those that do not."""
    holding: list[bytes] = []
    others: list[bytes] = []
    for name, data in corpus():
        if len(data) > _LARGEST:
            continue
        manifests, skipped = load(name, data)
        if manifests and not skipped:
            workload = any(manifest.pod_path is not None for manifest in manifests)
            (holding if workload else others).append(data)
    return holding, others


def build(folder: Path, files: int, *, every: int) -> int:
    """Write `files` manifests, one in `every` with a workload; returns their bytes."""
    holding, others = sorted_by_workload()
    workloads, rest = cycle(holding), cycle(others)
    total = 0
    for number in range(files):
        data = next(workloads) if number % every == 0 else next(rest)
        data = _NAME.sub(rb"\g<1>\g<2>-%d" % number, data)
        home = folder / f"team-{number // _FOLDER:03d}"
        home.mkdir(parents=True, exist_ok=True)
        (home / f"manifest-{number:05d}.yaml").write_bytes(data)
        total += len(data)
    return total
