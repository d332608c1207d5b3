"""Reports for the terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.formats.text import Style, to_text
from bot.model.finding import Label, Regression, Report, Skipped
from tests.formats.reports import POD, report_on


def text(report: Report, source: str = POD, **style: object) -> str:
    return to_text(report, Style(source=lambda _name: source.encode(), **style))  # type: ignore[arg-type]


def excerpt(source: str, rule: str, source_file: str = "pod__yaml") -> list[str]:
    """The two lines above the first finding of a rule."""
    report = report_on(**{source_file: source})
    lines = text(report, source).splitlines()
    index = next(i for i, line in enumerate(lines) if line.endswith(f"[{rule}]"))
    while not lines[index].lstrip().startswith("| "):
        index -= 1
    return lines[index - 1 : index + 1]


def test_findings_stand_by_container_under_the_line_that_decides() -> None:
    lines = text(report_on(pod__yaml=POD)).splitlines()
    assert lines[0] == "pod.yaml: Pod/shop, container web"
    index = lines.index("    13 |       privileged: true")
    assert lines[index + 1] == "       |       ^^^^^^^^^^^^^^^^"
    assert lines[index + 2].startswith("  13:7     high     container 'web' is privileged")


def test_an_absent_field_shows_the_nearest_name() -> None:
    assert excerpt(POD, "unlimited-memory") == ["     7 |   - name: web", "       |     ^^^^"]


def test_a_comment_behind_the_value_is_not_underlined() -> None:
    assert excerpt(POD, "mutable-image-tag") == [
        "     8 |     image: shop:latest # a tag that moves",
        "       |     ^^^^^^^^^^^^^^^^^^",
    ]


def test_one_place_is_shown_once() -> None:
    assert text(report_on(pod__yaml=POD)).count("|   - name: web\n") == 1


@pytest.mark.parametrize(
    "source",
    [
        POD,
        POD.replace(
            "    - name: DB_PASSWORD\n      value: hunter2-Xq9vT7pL\n",
            "    - {name: DB_PASSWORD, value: hunter2-Xq9vT7pL}\n",
        ),
        (
            "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: web, "
            "image: a, env: [{name: DB_PASSWORD, value: hunter2-Xq9vT7pL}]}]}}\n"
        ),
    ],
    ids=["block", "flow", "one line"],
)
@pytest.mark.parametrize("allowed", [False, True])
def test_a_line_that_holds_a_secret_is_never_shown(source: str, allowed: bool) -> None:
    if allowed:
        source = "# podsec: ignore[plaintext-secret] a test\n" + source
    report = report_on(pod__yaml=source)
    assert any(label.finding.sensitive for label in report.labels)
    for style in ({}, {"suppressed": True}):
        assert "hunter2" not in text(report, source, **style)


def test_no_line_of_a_secret_s_data_is_shown_whatever_rule_speaks() -> None:
    source = (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  pin: 20241231\n"
        "  DB_PASSWORD: hunter2-Xq9vT7pL\n"
    )
    report = report_on(secret__yaml=source)
    assert any(not label.finding.sensitive for label in report.labels), "a rule that tells nothing"
    printed = text(report, source)
    assert "20241231" not in printed
    assert "hunter2" not in printed


def test_tabs_wide_letters_and_long_lines_keep_the_caret_in_place() -> None:
    pod = POD.replace("image: shop:latest", "image:\tshop:latest")
    line, caret = excerpt(pod, "mutable-image-tag")
    assert line == "     8 |     image:    shop:latest # a tag that moves"
    assert caret == "       |     ^^^^^^^^^^^^^^^^^^^^^"
    wide = '{"注释": "店", "image": "shop:latest", "name": "web"}'
    pod = POD.replace("name: web\n    image: shop:latest # a tag that moves", "name: web")
    flow = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - " + wide + "\n"
    )
    line, caret = excerpt(flow, "mutable-image-tag")
    assert line.index('"image"') + 3 == caret.index("^")  # three letters take two columns each
    long = flow.replace('"注释": "店"', '"a": "' + "x" * 4000 + '"')
    line, caret = excerpt(long, "mutable-image-tag")
    assert len(line) < 120
    assert line[caret.index("^") :].startswith('"image": "shop:latest"')


def test_a_source_that_is_gone_leaves_the_findings() -> None:
    report = report_on(pod__yaml=POD)
    assert "is privileged" in to_text(report, Style())
    assert "is privileged" in text(report, "x\n")


def test_control_characters_reach_no_terminal() -> None:
    evil = POD.replace("name: shop", 'name: "a\\e[31mb\\u202e"')
    report = report_on(pod__yaml=evil)
    out = text(report, evil)
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "�[31mb" in out


def test_regressions_and_worsened_findings_are_called_so() -> None:
    report = report_on(pod__yaml=POD)
    first, *rest = report.labels
    worse = replace(first, standing="worsened", regression="it was better")
    stood = tuple(replace(label, standing="existing") for label in rest)
    lost = Regression(
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
    out = text(replace(report, labels=(worse, *stood), regressions=(lost,), is_compared=True))
    assert f"worse: {first.finding.message}" in out
    assert "regression: it was better" in out
    assert "policy.yaml:3: NetworkPolicy/a\n" in out
    assert "regression: more is let in" in out
    assert f"1 finding introduced (1 worsened), {len(rest)} stood before" in out
    assert "1 regression beside them" in out


def closing(report: Report) -> str:
    return text(report).splitlines()[-1]


def labels(*remedies: str) -> tuple[Label, ...]:
    found = report_on(pod__yaml=POD).labels
    return tuple(next(la for la in found if la.finding.remedy == remedy) for remedy in remedies)


def test_the_last_sentence_says_what_to_do_next() -> None:
    report = replace(report_on(pod__yaml=POD), labels=labels("safe", "unsafe"))
    assert closing(report) == (
        "2 findings in 1 workload in 1 file, 1 fixable safely: podsec fix --diff."
    )
    report = replace(report, labels=labels("unsafe"))
    assert closing(report) == (
        "1 finding in 1 workload in 1 file, 1 fixable after a test: podsec fix --unsafe --diff."
    )
    report = replace(report, labels=labels("advice"))
    assert "1 file: podsec rules " in closing(report)
    skipped = Skipped(file="a", line=1, reason="Helm template: not judged")
    report = replace(report, labels=(), skipped=(skipped,) * 4, excluded=2)
    assert closing(report) == (
        "No finding in 1 workload in 1 file; 4 skipped, not judged; 2 files excluded by the config."
    )
