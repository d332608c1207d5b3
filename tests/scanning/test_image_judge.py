"""What counts, what is borne, what fails, and what is new."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.engine.image_judge import judge_image, newly_known, wants_comment
from bot.engine.vex import read_vex
from bot.errors import ConfigError
from bot.model.scan_policy import IgnoredVulnerability, ScanPolicy
from bot.model.vulnerability import Grade
from tests.scanning.making import DIGEST, OTHER, answer, found, pinned, report

TODAY = date(2026, 11, 25)
PURL = "pkg:apk/alpine/musl@1.0?arch=x86_64"


def ids(judged: Any) -> list[str]:
    return [one.id for one in judged.report.vulnerabilities]


def test_everything_counts_unless_something_is_said() -> None:
    given = report(found("CVE-1", "low"), found("CVE-2", "critical"))
    judged = judge_image(answer(given), given, ScanPolicy(), TODAY)
    assert ids(judged) == ["CVE-2", "CVE-1"]
    assert judged.fails
    assert judged.borne == ()


@pytest.mark.parametrize(
    ("grade", "fail_on", "fails"),
    [
        ("critical", "critical", True),
        ("high", "critical", False),
        ("high", "high", True),
        ("unknown", "low", False),
        ("unknown", "unknown", True),
        ("critical", None, False),
    ],
)
def test_the_grade_from_which_a_check_fails(
    grade: Grade, fail_on: Grade | None, fails: bool
) -> None:
    given = report(found("CVE-1", grade))
    judged = judge_image(answer(given), given, ScanPolicy(fail_on=fail_on), TODAY)
    assert judged.fails is fails


@pytest.mark.parametrize(
    ("ignored", "holds"),
    [
        ({"id": "CVE-1"}, True),
        ({"id": "cve-1"}, True),
        ({"id": "GHSA-x"}, True),
        ({"id": "CVE-2"}, False),
        ({"id": "CVE-1", "package": "musl"}, True),
        ({"id": "CVE-1", "package": "mus*"}, True),
        ({"id": "CVE-1", "package": "zlib"}, False),
        ({"id": "CVE-1", "image": "docker.io/library/*"}, True),
        ({"id": "CVE-1", "image": "ghcr.io/*"}, False),
        ({"id": "CVE-1", "until": TODAY}, True),
        ({"id": "CVE-1", "until": date(2026, 11, 24)}, False),
    ],
)
def test_an_ignore_holds_for_its_vulnerability_package_image_and_time(
    ignored: dict[str, Any], holds: bool
) -> None:
    policy = ScanPolicy(ignored=(IgnoredVulnerability(reason="not reachable", **ignored),))
    given = report(found("CVE-1", "critical", aliases=("GHSA-x",)))
    judged = judge_image(answer(given), given, policy, TODAY)
    assert ids(judged) == ([] if holds else ["CVE-1"])
    assert [one.reason for one in judged.borne] == (["not reachable"] if holds else [])
    assert judged.fails is not holds
    assert judged.expired == (("CVE-1",) if "until" in ignored and not holds else ())


def test_what_no_version_mends_can_be_borne() -> None:
    given = report(
        found("CVE-1", fixed=()),
        found("CVE-2", fixed=(), status="fixed"),
        found("CVE-3"),
    )
    policy = ScanPolicy(only_fixable=True)
    judged = judge_image(answer(given), given, policy, TODAY)
    assert ids(judged) == ["CVE-3", "CVE-2"]
    assert [one.reason for one in judged.borne] == ["no version mends it yet"]


def test_what_the_scanner_calls_not_affected_does_not_count() -> None:
    given = report(found("CVE-1", status="not_affected"))
    assert ids(judge_image(answer(given), given, ScanPolicy(), TODAY)) == []


def vex(*statements: dict[str, Any], **document: Any) -> bytes:
    return json.dumps(
        {
            "@context": "https://openvex.dev/ns/v0.2.0",
            "timestamp": "2026-01-01T00:00:00Z",
            "statements": list(statements),
            **document,
        }
    ).encode()


def statement(product: Any, **parts: Any) -> dict[str, Any]:
    return {
        "vulnerability": {"name": "CVE-1"},
        "products": [product],
        "status": "not_affected",
        "justification": "vulnerable_code_not_present",
        **parts,
    }


@pytest.mark.parametrize(
    ("product", "holds"),
    [
        ({"@id": "pkg:oci/nginx"}, True),
        ({"@id": f"pkg:oci/nginx@{DIGEST}"}, True),
        ({"@id": f"pkg:oci/nginx@{DIGEST.replace(':', '%3A')}"}, True),
        ({"@id": f"pkg:oci/nginx@{OTHER}"}, False),
        ({"@id": "pkg:oci/nginx?repository_url=docker.io/library/nginx"}, True),
        ({"@id": "pkg:oci/nginx?repository_url=ghcr.io/evil/nginx"}, False),
        ({"@id": "pkg:oci/other"}, False),
        ({"@id": "anything", "identifiers": {"purl": "pkg:oci/nginx"}}, True),
        ({"@id": "pkg:oci/nginx", "subcomponents": [{"@id": "pkg:apk/alpine/musl@1.0"}]}, True),
        ({"@id": "pkg:oci/nginx", "subcomponents": [{"@id": "pkg:apk/alpine/musl"}]}, True),
        ({"@id": "pkg:oci/nginx", "subcomponents": [{"@id": "pkg:apk/alpine/musl@2.0"}]}, False),
        ({"@id": "pkg:oci/nginx", "subcomponents": [{"@id": "pkg:apk/alpine/zlib@1.0"}]}, False),
        ({"@id": "pkg:apk/alpine/musl@1.0"}, True),
        ({"@id": "pkg:apk/wolfi/musl@1.0"}, False),
        ("pkg:oci/nginx", True),
        ({}, False),
        (3, False),
    ],
)
def test_a_vex_statement_holds_for_its_product_and_its_parts(product: Any, holds: bool) -> None:
    statements = read_vex(vex(statement(product)), "vex.json")
    given = report(found("CVE-1", "critical", purl=PURL))
    judged = judge_image(answer(given), given, ScanPolicy(), TODAY, statements)
    assert ids(judged) == ([] if holds else ["CVE-1"])
    if holds:
        assert judged.borne[0].reason == "VEX says not affected: vulnerable code not present"


@pytest.mark.parametrize(
    ("status", "holds"),
    [("not_affected", True), ("fixed", True), ("affected", False), ("under_investigation", False)],
)
def test_only_a_settled_statement_holds(status: str, holds: bool) -> None:
    statements = read_vex(vex(statement("pkg:oci/nginx", status=status)), "vex.json")
    given = report(found("CVE-1"))
    judged = judge_image(answer(given), given, ScanPolicy(), TODAY, statements)
    assert (ids(judged) == []) is holds


def test_the_latest_statement_decides() -> None:
    early = statement("pkg:oci/nginx", timestamp="2026-02-01T00:00:00Z")
    late = statement("pkg:oci/nginx", status="affected", timestamp="2026-03-01T00:00:00Z")
    given = report(found("CVE-1"))
    for rows in ((early, late), (late, early)):
        statements = read_vex(vex(*rows), "vex.json")
        assert ids(judge_image(answer(given), given, ScanPolicy(), TODAY, statements)) == ["CVE-1"]
    same = (statement("pkg:oci/nginx", status="affected"), statement("pkg:oci/nginx"))
    statements = read_vex(vex(*same), "vex.json")
    assert ids(judge_image(answer(given), given, ScanPolicy(), TODAY, statements)) == []


def test_a_vex_document_of_the_first_version_is_read() -> None:
    old = vex(
        {
            "vulnerability": "CVE-1",
            "products": ["pkg:oci/nginx"],
            "subcomponents": ["pkg:apk/alpine/musl@1.0"],
            "status": "fixed",
            "impact_statement": "we build without it",
        },
        **{"@context": "https://openvex.dev/ns"},
    )
    given = report(found("CVE-1", purl=PURL), found("CVE-1", package="zlib", purl="pkg:apk/x/zlib"))
    judged = judge_image(answer(given), given, ScanPolicy(), TODAY, read_vex(old, "vex.json"))
    assert [one.package for one in judged.report.vulnerabilities] == ["zlib"]
    assert judged.borne[0].reason == "VEX says fixed (we build without it)"


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"@context": "https://example.com"}', b"3"])
def test_what_is_no_vex_document_is_said(data: bytes) -> None:
    with pytest.raises(ConfigError, match=r"vex\.json"):
        read_vex(data, "vex.json")


@pytest.mark.parametrize(
    "rows",
    [None, 3, [3], [{}], [{"vulnerability": 3, "products": 4}], [{"products": [None, {"@id": 1}]}]],
)
def test_odd_vex_documents_excuse_nothing(rows: Any) -> None:
    statements = read_vex(vex(statements=rows), "vex.json")
    given = report(found("CVE-1", purl=PURL))
    assert ids(judge_image(answer(given), given, ScanPolicy(), TODAY, statements)) == ["CVE-1"]


def test_the_smallest_newer_tag_that_is_better_is_named() -> None:
    given = report(found("CVE-1", "critical"), found("CVE-2", "low"))
    newer = (
        ("1.25.4", report(found("CVE-1", "critical"), found("CVE-2", "low"))),
        ("1.25.5", report(found("CVE-2", "low"), found("CVE-3", "low"))),
        ("1.26.0", report()),
    )
    judged = judge_image(answer(given, newer=newer), given, ScanPolicy(), TODAY)
    assert judged.better is not None
    assert judged.better[0] == "1.25.5"
    clean = report()
    assert judge_image(answer(clean, newer=newer), clean, ScanPolicy(), TODAY).better is None


def test_what_is_borne_does_not_make_a_newer_tag_better() -> None:
    policy = ScanPolicy(ignored=(IgnoredVulnerability(id="CVE-1", reason="so"),))
    given = report(found("CVE-1", "critical"))
    judged = judge_image(answer(given, newer=(("1.26.0", report()),)), given, policy, TODAY)
    assert judged.better is None


@pytest.mark.parametrize(
    ("grade", "ended", "moved", "wanted"),
    [
        ("medium", None, None, True),
        ("low", None, None, False),
        ("low", True, None, True),
        ("low", False, None, False),
        ("low", None, OTHER, True),
    ],
)
def test_a_comment_is_wanted_where_there_is_something_to_say(
    grade: Grade, ended: bool | None, moved: str | None, wanted: bool
) -> None:
    given = report(found("CVE-1", grade), ended=ended)
    judged = judge_image(answer(given, moved_from=moved), given, ScanPolicy(), TODAY)
    assert wants_comment(judged, ScanPolicy()) is wanted


def test_a_tag_that_leads_elsewhere_than_its_digest_is_worth_a_comment() -> None:
    given = report()
    drifted = answer(given, image=pinned(tag_digest=OTHER))
    assert wants_comment(judge_image(drifted, given, ScanPolicy(), TODAY), ScanPolicy())


def test_only_what_was_not_known_before_is_new() -> None:
    before = report(found("CVE-1"), found("GHSA-y", aliases=("CVE-5",)))
    now = report(
        found("CVE-1", "critical"),
        found("CVE-1", package="zlib"),
        found("CVE-5"),
        found("CVE-9"),
    )
    assert [(v.id, v.package) for v in newly_known(before, now)] == [
        ("CVE-1", "zlib"),
        ("CVE-9", "musl"),
    ]
    assert newly_known(now, now) == ()
    assert newly_known(replace(now, vulnerabilities=()), now) == now.vulnerabilities
