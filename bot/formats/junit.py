"""JUnit XML: a suite a file, a case a finding; what is below the floor passes and is shown."""

from __future__ import annotations

from itertools import groupby
from xml.etree import ElementTree as ET

from bot.formats.plain import closing, visible
from bot.model.finding import Finding, Label, Regression, Report, Severity, Skipped, at_least


def to_junit(report: Report, floor: Severity) -> str:
    """The report; findings at or above `floor` are failures, skipped files are skipped cases."""
    root = ET.Element("testsuites", name="podsec")
    labels = [label for label in report.labels if label.is_introduced]
    for file, group in groupby(labels, key=lambda label: label.finding.file):
        _suite(root, file, [_case(label, floor) for label in group])
    if report.regressions:
        _suite(root, "regressions", [_regression(lost, floor) for lost in report.regressions])
    if report.skipped:
        _suite(root, "not judged", [_skipped(skipped) for skipped in report.skipped])
    if not len(root):
        _suite(root, "podsec", [ET.Element("testcase", classname="podsec", name=closing(report))])
    for total in ("tests", "failures", "skipped"):
        root.set(total, str(sum(int(suite.get(total, "0")) for suite in root)))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: ET.Element, name: str, cases: list[ET.Element]) -> None:
    suite = ET.SubElement(root, "testsuite", name=visible(name))
    suite.extend(cases)
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", "0")
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))


def _case(label: Label, floor: Severity) -> ET.Element:
    finding = label.finding
    case = ET.Element(
        "testcase",
        classname=visible(finding.file),
        name=visible(f"{finding.rule}: {_where(finding)}"),
    )
    case.set("file", visible(finding.file))
    case.set("line", str(finding.region.line))
    text = visible(f"{finding.file}:{finding.region.line}: {finding.message} [{finding.rule}]")
    if label.regression:
        text += f"\nregression: {visible(label.regression)}"
    _outcome(case, finding.severity, finding.message, text, floor)
    return case


def _outcome(
    case: ET.Element, severity: Severity, message: str, text: str, floor: Severity
) -> None:
    if at_least(severity, floor):
        failure = ET.SubElement(case, "failure", type=severity, message=visible(message))
        failure.text = text
    else:
        ET.SubElement(case, "system-out").text = f"{severity}: {text}"


def _where(finding: Finding) -> str:
    where = f"{finding.kind}/{finding.name}"
    return f"{where}, container {finding.container}" if finding.container else where


def _regression(lost: Regression, floor: Severity) -> ET.Element:
    case = ET.Element(
        "testcase", classname=visible(lost.file), name=visible(f"{lost.kind}/{lost.name}")
    )
    _outcome(case, lost.severity, lost.message, visible(lost.message), floor)
    return case


def _skipped(skipped: Skipped) -> ET.Element:
    name = visible(f"{skipped.file}:{skipped.line}")
    case = ET.Element("testcase", classname=visible(skipped.file), name=name)
    ET.SubElement(case, "skipped", message=visible(skipped.reason))
    return case
