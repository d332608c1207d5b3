"""`podsec policies`: printed, written, drawn, explained."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import Run
from tests.network.world import pair, workload

APP = pair("api", 9000) + workload("web", env={"API_HOST": "api"}) + pair("ui", 8080)
KUSTOMIZATION = (
    "kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\nresources: [app.yaml]\n"
)


@pytest.fixture
def deploy(home: Path) -> Path:
    folder = home / "deploy"
    folder.mkdir()
    (folder / "app.yaml").write_text(APP)
    (folder / "kustomization.yaml").write_text(KUSTOMIZATION)
    return folder


def test_policies_are_printed_and_what_is_left_out_is_said(run: Run, deploy: Path) -> None:
    answer = run("policies", "deploy")
    documents = list(yaml.safe_load_all(answer.out))
    assert [one["metadata"]["name"] for one in documents] == ["api", "web"]
    assert "deploy/app.yaml: Deployment ui gets no policy: port 8080" in answer.err
    assert "2 policies for 3 workloads" in answer.err
    assert answer.code == 0
    assert {path.name for path in deploy.iterdir()} == {"app.yaml", "kustomization.yaml"}


def test_files_are_written_and_listed_once(run: Run, deploy: Path) -> None:
    assert run("policies", "deploy", "--write").code == 0
    listed = yaml.safe_load((deploy / "kustomization.yaml").read_text())["resources"]
    assert listed == ["app.yaml", "api.networkpolicy.yaml", "web.networkpolicy.yaml"]
    before = {path.name: path.read_bytes() for path in deploy.iterdir()}
    again = run("policies", "deploy", "--write")
    assert "0 policies" in again.err
    assert {path.name: path.read_bytes() for path in deploy.iterdir()} == before
    checked = run("check", "deploy", "--format", "json").json["findings"]
    unrestricted = [one for one in checked if one["rule"] == "unrestricted-network"]
    assert [one["name"] for one in unrestricted] == ["ui"]


def test_the_config_says_how_policies_are_to_be(run: Run, deploy: Path, home: Path) -> None:
    (home / ".podsec.yaml").write_text("network: {egress: restrict, dns: any}\n")
    documents = list(yaml.safe_load_all(run("policies", "deploy").out))
    assert all(one["spec"]["policyTypes"] == ["Ingress", "Egress"] for one in documents)


def test_drawings_show_before_and_after(run: Run, deploy: Path) -> None:
    text = run("policies", "deploy", "--graph", "text").out
    assert (
        "api (Deployment, deploy/app.yaml)\n  before  anyone: 9000, other ports\n  after   web: 9000\n"
        in text
    )
    assert "ui (Deployment, deploy/app.yaml)\n  now     anyone: 8080, other ports\n" in text
    mermaid = run("policies", "deploy", "--graph", "mermaid").out
    assert mermaid.startswith("flowchart LR\n")
    assert mermaid.count("subgraph") == 2
    dot = run("policies", "deploy", "--graph", "dot").out
    assert dot.count("{") == dot.count("}") == 3
    svg = ET.fromstring(run("policies", "deploy", "--graph", "svg").out)
    assert svg.tag.endswith("svg")
    titles = {title.text for title in svg.iter("{http://www.w3.org/2000/svg}title")}
    assert {"api", "web", "ui", "anyone"} <= titles


def test_names_of_strangers_end_nothing_in_a_drawing(run: Run, deploy: Path) -> None:
    evil = APP.replace("name: web", "name: 'web\"] --> x; click \\n</title><script>'")
    (deploy / "app.yaml").write_text(evil)
    mermaid = run("policies", "deploy", "--graph", "mermaid").out
    assert '"] --> x' not in mermaid
    assert "<script>" not in run("policies", "deploy", "--graph", "svg").out
    dot = run("policies", "deploy", "--graph", "dot").out
    assert 'web"]' not in dot


def test_it_is_explained_why_one_reaches_another_or_not(run: Run, deploy: Path) -> None:
    yes = run("policies", "deploy", "--explain", "web", "api").out
    assert "web -> api, port 9000 TCP\n  before: yes\n" in yes
    assert "  after: yes\n" in yes
    assert "api, ingress: allowed by api\n" in yes
    assert "seen in  env API_HOST, deploy/app.yaml:23\n" in yes
    no = run("policies", "deploy", "--explain", "ui", "api", "9000").out
    assert "after: no\n" in no
    assert "api, ingress: not allowed by api\n" in no
    assert "no manifest shows that ui uses this port" in no
    other = run("policies", "deploy", "--explain", "web", "ui", "1234").out
    assert "yes, as before" in other
    assert "ui gets no policy" in other
    assert "after: no" in run("policies", "deploy", "--explain", "outside", "api").out


def test_unknown_and_doubtful_names_are_named(run: Run, deploy: Path) -> None:
    answer = run("policies", "deploy", "--explain", "web", "shop")
    assert answer.code == 2
    assert "no workload is called 'shop'; there are api, ui, web" in answer.err
    (deploy / "more.yaml").write_text(pair("api", 9000, namespace="other"))
    answer = run("policies", "deploy", "--explain", "web", "api")
    assert "several workloads are called 'api': say one of deploy/api, other/api" in answer.err
    assert run("policies").code == 2
