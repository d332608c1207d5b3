"""No family of the table is harmed: what is recorded is current, and keeps the laws of images."""

from __future__ import annotations

from typing import Any

import pytest

from bot.kubernetes.images import known
from tests.images import record

ROWS = record.ROWS
BY_NAME = {row["name"]: row for row in ROWS}


def of_row(row: object) -> str:
    return row["name"] if isinstance(row, dict) else str(row)


def test_the_recordings_are_current_and_no_others_are_there() -> None:
    wanted = record.outputs()
    for path, data in wanted.items():
        assert path.read_bytes() == data, f"{path.name}: run make record and review the difference"
    there = {path for folder in ("fail", "fixed") for path in (record.HOME / folder).iterdir()}
    assert there == {path for path in wanted if path.parent != record.HOME}


def securities(pod: dict[str, Any]) -> dict[str, Any]:
    """What the only container gets of its pod and says itself."""
    own = pod["containers"][0].get("securityContext", {})
    return {**pod.get("securityContext", {}), **own}


@pytest.mark.parametrize("row", ROWS, ids=of_row)
def test_a_safe_fix_only_adds(row: dict[str, Any]) -> None:
    for before, after in record.changes(row):
        assert_added(before, after)


def assert_added(before: Any, after: Any) -> None:
    if isinstance(before, dict):
        for key, value in before.items():
            assert_added(value, after[key])
    elif isinstance(before, list):
        for one, other in zip(before, after, strict=False):
            assert_added(one, other)
        assert len(after) >= len(before)
    else:
        assert after == before


@pytest.mark.parametrize("row", ROWS, ids=of_row)
def test_the_promise_not_to_be_root_comes_with_a_number(row: dict[str, Any]) -> None:
    """The kubelet refuses a named user, and a root user, that promises this."""
    for _, after in record.changes(row):
        if securities(after).get("runAsNonRoot"):
            assert securities(after)["runAsUser"] > 0


@pytest.mark.parametrize("row", ROWS, ids=of_row)
def test_capabilities_are_dropped_only_where_nothing_of_roots_starts(row: dict[str, Any]) -> None:
    for _, after in record.changes(row):
        capabilities = securities(after).get("capabilities", {})
        if "ALL" in capabilities.get("drop", ()):
            assert set(row.get("file_caps", ())) <= set(capabilities.get("add", ()))
            own_user = row["image_user"] not in ("", "root", "unknown")
            assert own_user or securities(after).get("runAsUser"), "its entrypoint is root's"


@pytest.mark.parametrize("row", ROWS, ids=of_row)
def test_no_new_volume_covers_data_or_files_of_the_image(row: dict[str, Any]) -> None:
    kept = {one["path"] for one in row["writable"] if one.get("data") or one.get("seed")}
    for before, after in record.changes(row):
        was = [mount["mountPath"] for mount in before["containers"][0].get("volumeMounts", ())]
        for mount in after["containers"][0].get("volumeMounts", ()):
            assert mount["mountPath"] in was or mount["mountPath"] not in kept


@pytest.mark.parametrize("row", ROWS, ids=of_row)
def test_a_read_only_root_has_a_volume_for_every_path(row: dict[str, Any]) -> None:
    for _, after in record.changes(row):
        if securities(after).get("readOnlyRootFilesystem"):
            mounted = {m["mountPath"] for m in after["containers"][0].get("volumeMounts", ())}
            needed = {
                one["path"]
                for one in row["writable"]
                if "only_if" not in one and "when_mounted" not in one
            }
            assert needed <= mounted


@pytest.mark.parametrize("row", ROWS, ids=of_row)
def test_a_claim_with_data_is_left_to_a_person(row: dict[str, Any]) -> None:
    for before, after in record.changes(row):
        if any("persistentVolumeClaim" in volume for volume in before.get("volumes", ())):
            touched = securities(after).keys() - {"allowPrivilegeEscalation", "capabilities"}
            assert touched <= {"seccompProfile"}
            capabilities = securities(after).get("capabilities")
            assert capabilities is None or row["image_user"] not in ("", "root", "unknown")


@pytest.mark.parametrize("row", ROWS, ids=of_row)
def test_what_was_only_remembered_changes_no_user(row: dict[str, Any]) -> None:
    facts = known(row["example"])
    assert facts is not None
    sure = [fact.source.sure for fact in (facts.user, facts.nonroot) if fact is not None]
    for _, after in record.changes(row):
        if securities(after).get("runAsUser"):
            assert any(sure)


@pytest.mark.parametrize("row", ROWS, ids=of_row)
def test_no_memory_limit_is_safe_for_a_class(row: dict[str, Any]) -> None:
    for _, after in record.changes(row):
        assert "limits" not in after["containers"][0].get("resources", {})
