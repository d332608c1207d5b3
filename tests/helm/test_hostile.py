"""Charts that mean harm: refused or cut, with a reason; nothing outside of them is read."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bot.engine.helm.rendering import NotRendered, Request
from tests.helm.charts import after, chart, helm, judged

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: p
  annotations:
    said: {said}
spec:
  containers:
    - name: p
      image: registry.example.com/p:1.0.0
"""


def rendered(template: str, values: str = "", **more: str) -> str:
    files = chart(template, values, **more)
    below = {path.removeprefix("c/"): data for path, data in files.items()}
    request = Request(files=below, values=(), release="c", namespace="default")
    return helm().render(request).decode()


@pytest.mark.parametrize(
    "said",
    [
        '{{ lookup "v1" "Secret" "kube-system" "" | toJson | quote }}',
        '{{ .Files.Get "../../../../etc/hostname" | quote }}',
        '{{ .Files.Get "/etc/hostname" | quote }}',
        '{{ (.Files.Glob "/etc/*").AsConfig | quote }}',
        '{{ getHostByName "example.com" | quote }}',
    ],
)
def test_a_template_reaches_nothing_outside_of_its_chart(said: str) -> None:
    text = rendered(POD.replace("{said}", said))
    line = next(line for line in text.splitlines() if "said:" in line)
    assert line.split(":", 1)[1].strip() in ('""', '"{}"', "{}")


def test_there_is_no_environment_to_read() -> None:
    with pytest.raises(NotRendered, match='function "env" not defined'):
        rendered(POD.replace("{said}", '{{ env "PATH" }}'))


@pytest.mark.parametrize(
    "template",
    [
        '{{- define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}',
        '{{- define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}',
        "{{ tpl .Values.loop . }}",
        '{{ range until 1000000000 }}{{ repeat 1000 "x" }}{{ end }}',
        '{{ repeat 1000000000 "x" }}',
        '{{ range until 20000 }}{{ "\\n- " }}{{ repeat 1000 "x" }}{{ end }}',
    ],
    ids=["include", "template", "tpl", "range", "repeat", "output"],
)
def test_what_does_not_end_is_cut_with_a_reason(template: str) -> None:
    start = time.monotonic()
    (report,) = judged(chart(template, "loop: '{{ tpl .Values.loop . }}'\n"))
    assert report.outputs == ()
    (skipped,) = report.skipped
    assert "cannot be rendered, not judged: " in skipped.reason
    assert "/tmp" not in skipped.reason
    assert time.monotonic() - start < 60


def test_a_file_whose_name_leaves_the_chart_is_not_written(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    files = {
        "Chart.yaml": b"apiVersion: v2\nname: c\nversion: 1.0.0\n",
        f"../../../../../..{outside}": b"written: true\n",
        str(outside): b"written: true\n",
    }
    helm().render(Request(files=files, values=(), release="c", namespace="default"))
    assert not outside.exists()


def test_values_that_are_no_values_are_told_of() -> None:
    files = chart("", "", **{"c/values-bad.yaml": "a: [1\n", "c/values-list.yaml": "- 1\n"})
    (report,) = judged(files)
    assert [one.chosen.name for one in report.outputs] == ["values.yaml"]


def test_a_template_that_is_no_yaml_is_never_read_as_yaml() -> None:
    template = "{{- if true }}\n" + POD.replace("{said}", "yes-it-does") + "{{- end }}\n"
    files, done = after(chart(template))
    assert "allowPrivilegeEscalation: false" in files["c/templates/app.yaml"]
    assert done.applied


def test_text_that_looks_like_a_mark_is_no_mark() -> None:
    template = POD.replace("{said}", "x #podsec@0.99999#")
    (report,) = judged(chart(template))
    lines = template.count("\n")
    assert all(1 <= one.finding.region.line <= lines for one in report.found)
