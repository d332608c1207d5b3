"""What all tests share: the folder of shared data, and an environment without surprises."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def shared_folder() -> Path:
    """`../shared`, or where PODSEC_SHARED points; absent, tests skip, except in CI."""
    folder = Path(os.environ.get("PODSEC_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{folder} is missing, and a skip is a failure in CI")
        pytest.skip(f"no shared data at {folder}")
    return folder


@pytest.fixture(scope="session")
def shared() -> Path:
    return shared_folder()


@pytest.fixture(autouse=True)
def scrubbed_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("PODSEC_") and name != "PODSEC_SHARED":
            monkeypatch.delenv(name)
