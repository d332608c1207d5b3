"""Charts of fixture repositories, of folders, and of texts, rendered by the real helm."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from bot.adapters.renderers import Helm
from bot.config import DEFAULT
from bot.engine.check import Checker
from bot.engine.helm.chart import Content, charts_of
from bot.engine.helm.judge import ChartReport, judge
from bot.engine.helm.mend import ChartFixed, ChartFixer
from bot.engine.helm.rendering import ChartSource
from bot.engine.helm.value_sets import value_sets
from bot.engine.read import load
from bot.kubernetes.custom_kinds import KNOWN
from bot.rule.load import load_rules
from tests.conftest import ROOT
from tests.tools import tools

RULES = load_rules()
FIXTURES = sorted(
    path.parent
    for path in (ROOT / "fixtures" / "repos").glob("helm_*/repo")
    if path.parent.name != "helm_app_template"  # its chart lives elsewhere: test_app_template.py
)


@cache
def helm() -> Helm:
    """One helm for all tests: what it rendered once it remembers."""
    return Helm(str(tools() / "helm"), seconds=8)


def content(root: Path) -> dict[str, bytes]:
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


@cache
def of_fixture(repository: Path) -> tuple[ChartReport, ...]:
    return tuple(judged(content(repository / "repo")))


def judged(files: Content) -> list[ChartReport]:
    """All charts of a tree with all their value sets."""
    yaml = [path for path in files if path.endswith((".yaml", ".yml"))]
    objects = [
        one for path in yaml if "/templates/" not in path for one in load(path, files[path])[0]
    ]
    checker = Checker(RULES, DEFAULT)
    return [
        judge(
            ChartSource(chart, files, helm().render, KNOWN),
            value_sets(chart, files, objects),
            checker,
            complete=True,
        )
        for chart in charts_of(files)
    ]


def fixed(files: Content, *, unsafe: bool = True) -> list[ChartFixed]:
    """All charts of a tree after their fixes, one after another."""
    fixer = ChartFixer(RULES, DEFAULT, complete=True, unsafe=unsafe)
    reports = judged(files)
    done: list[ChartFixed] = []
    for index in range(len(reports)):
        done.append(
            fixer.fix(reports[index], None, [r for r in reports if r is not reports[index]])
        )
        reports = [fixer.renewed(report, done[-1].files) for report in reports]
    return done


def chart(template: str, values: str = "", **more: str) -> dict[str, bytes]:
    """The files of a chart with one template; more files by their paths."""
    files = {
        "c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
        "c/values.yaml": values,
        "c/templates/app.yaml": template,
        **more,
    }
    return {path: text.encode() for path, text in files.items()}


def after(files: Mapping[str, bytes]) -> tuple[dict[str, str], ChartFixed]:
    """The files of one chart that its fixes change, as text."""
    (done,) = fixed(files)
    return {path: data.decode() for path, data in done.files.items()}, done


def template(folder: Path, release: str, *values: Path) -> bytes:
    """What a person gets from helm, without any of our code."""
    files = [f"--values={path}" for path in values]
    command = [str(tools() / "helm"), "template", release, str(folder), *files, "--skip-tests"]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
