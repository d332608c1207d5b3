"""HelmReleases of app-template: judged and fixed by their values, without the chart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.config import DEFAULT
from bot.model.files import Tree
from bot.ports import ChartRenderer
from bot.workflows.chart_scene import ChartJudgement, ChartScene
from bot.workflows.check_path import Asked
from bot.workflows.fix_charts import charts_fixed
from bot.workflows.render_change import NO_PROGRAMS
from bot.workflows.render_charts import find_charts, judge_charts
from tests.conftest import ROOT
from tests.helm.charts import RULES, content

FILES = content(ROOT / "fixtures" / "repos" / "helm_app_template" / "repo")
ECHO, MEDIA = "apps/echo/helmrelease.yaml", "apps/media/helmrelease.yaml"
NO_HELM: ChartRenderer = NO_PROGRAMS.helm
ASKED = Asked(rules=RULES, config=DEFAULT, today=date(2026, 1, 1), is_complete=True)


def judged(files: dict[str, bytes]) -> tuple[ChartScene, ChartJudgement]:
    scene = find_charts(Tree(content=files), NO_HELM, files, DEFAULT)
    return scene, judge_charts(scene, RULES, DEFAULT, complete=True)


def fixed(files: dict[str, bytes]) -> dict[str, bytes]:
    scene, found = judged(files)
    done = charts_fixed(scene, found.findings, ASKED, unsafe=True)
    return {one.path: one.data for one in done if one.data != files[one.path]}


def test_findings_stand_at_the_lines_of_values() -> None:
    _, found = judged(FILES)
    places = {(one.file, one.region.line, one.rule) for one in found.findings}
    assert (ECHO, 15, "privilege-escalation") in places
    assert (ECHO, 21, "unset-requests") in places
    assert (MEDIA, 42, "privileged-container") in places
    hardened = {one.rule for one in found.findings if one.kind == "StatefulSet"}
    assert hardened == {"unrestricted-network"}
    assert found.workloads == 3
    assert found.skipped == ()


def test_fixes_are_written_into_the_values() -> None:
    new = fixed(FILES)
    echo, media = new[ECHO].decode(), new[MEDIA].decode()
    assert "              allowPrivilegeEscalation: false\n" in echo
    assert "# it never took more" in echo
    assert "&port 8080" in echo
    assert "privileged: false" in media
    assert media.count("\n") == FILES[MEDIA].count(b"\n") + 4
    assert fixed(FILES | new) == {}


def test_another_chart_is_none_of_it() -> None:
    other = FILES[MEDIA].replace(b"chart: app-template", b"chart: redis")
    scene, _ = judged({MEDIA: other})
    assert scene.works == ()


def test_values_that_are_no_values_of_it_are_said() -> None:
    empty = FILES[MEDIA].replace(b"controllers:", b"deployments:")
    _, found = judged({MEDIA: empty})
    (skipped,) = found.skipped
    assert "no controller with a container" in skipped.reason
    assert replace(skipped, reason="") == replace(skipped, reason="", file=MEDIA)
