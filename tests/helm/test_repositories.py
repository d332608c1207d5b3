"""The charts of the fixture repositories: what is found is what is rendered; fixes only harden."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from bot.config import DEFAULT
from bot.engine.check import Checker, view_of
from bot.engine.helm.change import differing
from bot.engine.helm.mend import ChartFixed
from bot.engine.helm.rendering import Output
from bot.engine.read import load
from tests.helm.charts import FIXTURES, RULES, content, fixed, of_fixture, template

_HARDENS = re.compile(
    r"\.(securityContext|resources|automountServiceAccountToken|hostNetwork|hostPID|hostIPC)(\.|$)"
)
by_name = pytest.mark.parametrize("repository", FIXTURES, ids=lambda path: path.name)


@cache
def mended(repository: Path) -> tuple[ChartFixed, ...]:
    return tuple(fixed(content(repository / "repo")))


def said(text: bytes) -> Counter[tuple[str, ...]]:
    """What a check of a rendered file finds, without any chart."""
    manifests, _ = load("rendered.yaml", text)
    found = Checker(RULES, DEFAULT).check(manifests, view_of(manifests, complete=True))
    return Counter((f.rule, f.kind, f.name, f.container or "", f.field) for f in found)


def _before(repository: Path, done: ChartFixed) -> list[Output]:
    chart = done.after.charts.chart.folder
    reports = (one for one in of_fixture(repository) if one.charts.chart.folder == chart)
    return [output for one in reports for output in one.outputs]


@by_name
def test_findings_are_those_of_the_rendered_output(repository: Path) -> None:
    compared = 0
    for report in of_fixture(repository):
        chart = report.charts.chart
        folder = repository / "repo" / chart.folder
        elsewhere = any(not chart.holds(sub.folder) for _, sub in chart.subcharts)
        for output in report.outputs:
            values = [layer.file for layer in output.chosen.layers if not layer.path]
            if len(values) != len(output.chosen.layers) or elsewhere:
                continue  # what helm alone cannot be given: text in another object, file:// charts
            paths = [repository / "repo" / value for value in values]
            alone = said(template(folder, report.charts.release(output.chosen), *paths))
            here = Counter(
                (raw.rule, raw.kind, raw.name, raw.container or "", raw.field)
                for one in report.found
                for name, raw in zip(one.sets, one.rendered, strict=False)
                if name == output.chosen.name
            )
            assert here == alone
            compared += 1
    assert compared or repository.name == "helm_library"


@by_name
def test_each_finding_stands_at_a_line_of_a_template(repository: Path) -> None:
    files = content(repository / "repo")
    found = [one.finding for report in of_fixture(repository) for one in report.found]
    assert found
    for one in found:
        lines = files[one.file].decode().splitlines()
        assert "/templates/" in f"/{one.file}"
        assert one.block.line <= one.region.line <= one.block.end_line <= len(lines)
        line = lines[one.region.line - 1]
        assert re.match(r"\s*(- )?[\w{]", line), line
        if one.container is not None:
            block = "\n".join(lines[one.block.line - 1 : one.block.end_line])
            assert one.container in block or "name: {{" in block


@by_name
def test_a_fix_changes_nothing_but_hardening(repository: Path) -> None:
    applied = 0
    for done in mended(repository):
        before = {one.chosen.name: one for one in _before(repository, done)}
        assert len(done.after.outputs) == len(before)
        for output in done.after.outputs:
            old = before[output.chosen.name]
            assert len(old.manifests) == len(output.manifests)
            for one, other in zip(old.manifests, output.manifests, strict=True):
                for path in differing(one.data, other.data):
                    assert _HARDENS.search("." + ".".join(map(str, path))), path
        applied += len(done.applied)
    assert applied


@by_name
def test_a_fix_keeps_every_comment_and_every_action(repository: Path) -> None:
    files = content(repository / "repo")
    kept = re.compile(r"#.*|\{\{.*?\}\}")
    for done in mended(repository):
        for path, data in done.files.items():
            before, after = kept.findall(files[path].decode()), kept.findall(data.decode())
            assert Counter(before) <= Counter(after)


@by_name
def test_fixing_twice_is_fixing_once(repository: Path) -> None:
    files = content(repository / "repo")
    for done in mended(repository):
        files |= done.files
    assert [path for done in fixed(files) for path in done.files] == []


def test_most_hardening_of_the_fixtures_is_proved() -> None:
    rules = {"privilege-escalation", "undropped-capabilities", "unset-seccomp", "root-user"}
    done = [one for repository in FIXTURES for one in mended(repository)]
    gone = sum(1 for one in done for finding in one.applied if finding.rule in rules)
    left = sum(
        1 for one in done for finding, _ in one.left if finding.rule in rules and finding.fix
    )
    assert gone / (gone + left) > 0.6
