"""What all tests share: the shared data, an environment without surprises, no skip in CI."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import hypothesis
import pytest

# how long an example takes is the machine's business: workers share its cores
hypothesis.settings.register_profile("podsec", deadline=None)
hypothesis.settings.load_profile("podsec")

ROOT = Path(__file__).resolve().parent.parent


def shared_folder() -> Path:
    """`../shared`, or where PODSEC_SHARED points; where it is absent, tests skip."""
    folder = Path(os.environ.get("PODSEC_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
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


def _fails_in_ci(report: pytest.TestReport | pytest.CollectReport) -> None:
    """A skip under CI=true is a failure: what is not run there is run nowhere."""
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        where = report.longrepr
        reason = where[2] if isinstance(where, tuple) else str(where)
        report.outcome = "failed"
        report.longrepr = f"a skip is a failure in CI: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _fails_in_ci(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _fails_in_ci(report)
    return report
