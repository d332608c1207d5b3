"""The map as people see it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

from bot.engine.gitops.map import map_repository
from bot.formats.map.mermaid import to_mermaid
from bot.formats.map.svg import to_svg
from bot.formats.map.text import to_text
from bot.model.files import Tree
from bot.model.repository_map import RepositoryMap

ODD = '"><script>alert(1)</script>'
FILES = {
    "base/kustomization.yaml": b"resources: [deploy.yaml, app.yaml]",
    "base/deploy.yaml": b"",
    "base/app.yaml": f"""
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: '{ODD}'}}
spec: {{source: {{chart: redis, repoURL: x}}}}
""".encode(),
    "prod/kustomization.yaml": b"resources: [../base, 'https://example.com/x?ref=1']",
}


def drawn() -> RepositoryMap:
    return map_repository(Tree(content=FILES))


def test_the_text_says_what_deploys_what_and_what_is_not_seen() -> None:
    text = to_text(drawn())
    assert text.splitlines()[:3] == [
        "kustomization prod",
        "  not seen: https://example.com/x?ref=1: remote: it is not fetched",
        "  builds on kustomization base (2 files)",
    ]
    assert "not seen: chart redis: a remote chart: not rendered" in text
    assert text.splitlines()[-1].endswith("2 not seen from here")
    assert to_text(RepositoryMap()).startswith("no kustomization")


def test_the_picture_is_xml_in_which_no_name_becomes_markup() -> None:
    root = ET.fromstring(to_svg(drawn()))
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags == {"svg", "title", "rect", "line", "text", "g"}
    assert ODD[:20] in "".join(root.itertext())


def test_the_chart_for_github_quotes_every_name() -> None:
    text = to_mermaid(drawn())
    assert "<script>" not in text
    assert text.startswith("flowchart LR\n")
    assert sum("-->" in line for line in text.splitlines()) == 2
    assert sum("-.->" in line for line in text.splitlines()) == 2


def test_the_command_draws_a_folder(tmp_path: Path) -> None:
    for name, data in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    command = [sys.executable, "-m", "bot", "map", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "builds on kustomization base (2 files)" in done.stdout
