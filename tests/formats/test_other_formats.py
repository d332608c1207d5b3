"""JUnit, GitHub annotations and Markdown: well-formed, complete, and inert."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt

from bot.formats.annotations import to_annotations
from bot.formats.junit import to_junit
from bot.formats.markdown_report import to_markdown
from bot.model.finding import Regression, Report, Skipped
from tests.formats.reports import POD, RULES, report_on

EVIL = POD.replace("name: shop\n", 'name: "a<b>&\\"%0A::error::x,y|`@ada`\\e[31m"\n')
LOST = Regression(
    file="policy.yaml",
    line=3,
    kind="NetworkPolicy",
    name="a",
    namespace=None,
    container=None,
    field="spec.ingress",
    message="more is let in",
    fingerprint="0123456789abcdef",
)


def with_all(report: Report) -> Report:
    skipped = Skipped(file="chart/a.yaml", line=3, reason="Helm template: not judged")
    return replace(report, skipped=(skipped,), regressions=(LOST,), is_compared=True)


def test_junit_counts_what_it_holds() -> None:
    report = with_all(report_on(pod__yaml=EVIL))
    root = ET.fromstring(to_junit(report, "medium"))
    failures = root.findall(".//failure")
    bad = [f for f in report.findings if f.severity in ("medium", "high", "critical")]
    assert len(failures) == len(bad) + 1
    assert root.get("failures") == str(len(failures))
    assert root.get("tests") == str(len(root.findall(".//testcase")))
    assert root.get("tests") == str(len(report.findings) + 2)
    assert len(root.findall(".//skipped")) == 1
    for suite in root:
        assert suite.get("tests") == str(len(suite.findall("testcase")))
    (case,) = root.findall(".//testcase[@classname='pod.yaml'][@line='13']/failure/..")[:1]
    assert case.get("file") == "pod.yaml"


def test_what_is_below_the_floor_passes_in_junit_and_is_still_shown() -> None:
    root = ET.fromstring(to_junit(report_on(pod__yaml=POD), "critical"))
    assert root.get("failures") == "0"
    assert "is privileged" in "".join(out.text or "" for out in root.iter("system-out"))


def test_a_clean_report_is_one_passing_case_in_junit() -> None:
    (case,) = ET.fromstring(to_junit(report_on(), "low")).iter("testcase")
    assert len(case) == 0


def test_annotations_name_the_place_and_the_worst_comes_first() -> None:
    lines = to_annotations(with_all(report_on(pod__yaml=POD))).splitlines()
    assert lines[0].startswith("::warning file=policy.yaml,line=3,title=regression%3A Network")
    assert lines[1].startswith("::error file=pod.yaml,line=")
    assert (
        "::error file=pod.yaml,line=13,col=7,endColumn=23,title=Pod/shop%2C container web"
        "::container 'web' is privileged [privileged-container]"
    ) in lines
    ranks = [line.partition(" ")[0] for line in lines[1:-1]]
    assert ranks == sorted(ranks, key=["::error", "::warning", "::notice"].index)
    assert not lines[-1].startswith("::")


def test_a_name_cannot_leave_its_annotation() -> None:
    out = to_annotations(report_on(pod__yaml=EVIL))
    commands = [line for line in out.splitlines() if line.startswith("::")]
    assert len(commands) == len(report_on(pod__yaml=EVIL).findings)
    for line in commands:
        found = re.fullmatch(r"::(\w+) (?:\w+=[^,:]*,)*title=[^,:]*::(.*)", line)
        assert found is not None, line
        assert "%250A" in line  # the name's own %0A stays text


def test_a_suppression_that_allows_nothing_is_annotated_at_its_line() -> None:
    text = POD.replace(
        "privileged: true", "privileged: true # podsec: ignore[privileged-container]"
    )
    out = to_annotations(report_on(pod__yaml=text))
    assert (
        "::notice file=pod.yaml,line=13,title=suppression::ignore[privileged-container] has" in out
    )


@pytest.mark.parametrize("source", [POD, EVIL], ids=["plain", "evil"])
def test_markdown_shows_each_finding_in_a_row_and_nothing_of_it_acts(source: str) -> None:
    report = with_all(report_on(pod__yaml=source))
    text = to_markdown(report, RULES)
    html = MarkdownIt("commonmark").enable("table").render(text)
    assert html.count("<tr>") >= len(report.findings) + 2
    assert "<b>" not in html.replace("<b>regression", "")
    assert "more is let in" in html
    assert "Helm template" in html
    assert "\x1b" not in text


def test_markdown_names_what_is_allowed_and_what_is_new() -> None:
    text = "# podsec: ignore[privileged-container] a reason\n" + POD
    report = replace(report_on(pod__yaml=text), arrived=("mutable-image-tag",), is_compared=True)
    out = to_markdown(report, RULES)
    assert "1 finding allowed" in out
    assert "a reason" in out
    assert "- `mutable-image-tag`: 1 finding" in out
