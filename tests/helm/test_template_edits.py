"""Where a fix goes in a template, and where it does not go."""

from __future__ import annotations

from tests.helm.charts import after, chart

HEAD = """\
apiVersion: v1
kind: Pod
metadata:
  name: p
spec:
  automountServiceAccountToken: false
  securityContext:
    fsGroup: 2000
    seccompProfile: {type: RuntimeDefault}
"""
TEMPLATE = "c/templates/app.yaml"
SECURE = """\
      securityContext:
        allowPrivilegeEscalation: false
        runAsNonRoot: true
        runAsUser: 1000
        runAsGroup: 3000
        capabilities:
          drop:
            - ALL
"""
RESOURCES = """\
      resources:
        limits:
          memory: 128Mi
        requests:
          cpu: 250m
          memory: 64Mi
"""
_FULL = "resources: {limits: {memory: 1Gi}, requests: {cpu: 1, memory: 1Gi}}"


def container(*lines: str) -> str:
    body = "".join(f"      {line}\n" for line in lines)
    return f"{HEAD}  containers:\n    - name: p\n{body}"


def edited(*lines: str, values: str = "") -> str:
    files, _ = after(chart(container(*lines), values))
    return files.get(TEMPLATE, "")


def test_a_block_goes_beside_the_name_of_its_container() -> None:
    text = edited("image: registry.example.com/p:1.0.0", _FULL)
    assert f"    - name: p\n{SECURE}      image: " in text


def test_a_line_under_a_condition_is_no_place_for_what_holds_always() -> None:
    text = edited(
        "{{- if .Values.pinned }}",
        "image: registry.example.com/p:1.0.0",
        "{{- else }}",
        "image: registry.example.com/p:1.0.1",
        "{{- end }}",
        _FULL,
        values="pinned: true\n",
    )
    assert f"    - name: p\n{SECURE}      {{{{- if .Values.pinned }}}}" in text


def test_another_branch_that_sets_the_key_is_not_doubled() -> None:
    files, done = after(
        chart(
            container(
                "image: registry.example.com/p:1.0.0",
                _FULL,
                "{{- if .Values.debug }}",
                "securityContext: {runAsUser: 0}",
                "{{- end }}",
            ),
            "debug: false\n",
        )
    )
    assert TEMPLATE not in files
    assert {why for _, why in done.left} >= {
        "not fixed: another branch of its template sets 'securityContext'"
    }


def test_a_key_that_an_include_brings_elsewhere_is_not_doubled() -> None:
    helper = '{{- define "more" }}\nsecurityContext: {runAsUser: 0}\n{{- end }}\n'
    template = container(
        "image: registry.example.com/p:1.0.0",
        _FULL,
        '{{- if .Values.debug }}{{ include "more" . | nindent 6 }}{{ end }}',
    )
    files, done = after(chart(template, "debug: false\n", **{"c/templates/_more.tpl": helper}))
    assert TEMPLATE not in files
    assert any(
        "a key would stand twice" in why or "would also change" in why for _, why in done.left
    )


def test_a_literal_is_changed_where_it_stands() -> None:
    text = edited(
        "image: registry.example.com/p:1.0.0",
        "resources: {{- toYaml .Values.resources | nindent 8 }}",
        "securityContext:",
        "  privileged: true  # it was easier",
        "  {{- if .Values.user }}",
        "  runAsUser: {{ .Values.user }}",
        "  {{- end }}",
        values="user: 1000\nresources: {limits: {memory: 1Gi}, requests: {cpu: 1, memory: 1Gi}}\n",
    )
    assert "        privileged: false\n" in text or "privileged: false  # it was easier" in text
    assert "# it was easier" in text


def test_carriage_returns_stay() -> None:
    template = container("image: registry.example.com/p:1.0.0", _FULL).replace("\n", "\r\n")
    files, _ = after(chart(template))
    text = files[TEMPLATE]
    assert "allowPrivilegeEscalation: false\r\n" in text
    assert text.count("\n") == text.count("\r\n")


def test_values_are_set_where_they_reach_the_field() -> None:
    files, _ = after(
        chart(
            container(
                "image: registry.example.com/p:1.0.0",
                "{{- with .Values.oddly.named }}",
                "securityContext: {{- toYaml . | nindent 8 }}",
                "{{- end }}",
                _FULL,
            ),
            "# said once\noddly:\n  named: {}\n",
        )
    )
    assert TEMPLATE not in files
    assert files["c/values.yaml"].startswith("# said once\noddly:\n  named:\n    allowPrivilege")


def test_a_default_in_the_other_branch_is_kept_beside_what_is_set() -> None:
    files, _ = after(
        chart(
            container(
                "image: registry.example.com/p:1.0.0",
                "securityContext:",
                "{{- if .Values.security }}",
                "  {{- toYaml .Values.security | nindent 8 }}",
                "{{- else }}",
                "  readOnlyRootFilesystem: true",
                "{{- end }}",
                _FULL,
            ),
            "security: {}\n",
        )
    )
    assert "readOnlyRootFilesystem: true" in files["c/values.yaml"]
    assert "allowPrivilegeEscalation: false" in files["c/values.yaml"]


def test_a_password_made_by_chance_does_not_stop_a_fix() -> None:
    secret = (
        "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n"
        "data:\n  password: {{ randAlphaNum 20 | b64enc }}\n"
    )
    files, _ = after(chart(container("image: registry.example.com/p:1.0.0", _FULL) + secret))
    assert "allowPrivilegeEscalation: false" in files[TEMPLATE]


def test_a_value_that_two_workloads_share_serves_both_or_none() -> None:
    pod = container(
        "image: registry.example.com/p:1.0.0",
        "securityContext: {{- toYaml .Values.security | nindent 8 }}",
        _FULL,
    )
    other = pod.replace("name: p\nspec", "name: q\nspec").replace(
        "registry.example.com/p:1.0.0", "nginx:1.27"
    )
    files, done = after(chart(f"{pod}---\n{other}", "security: {}\n"))
    values = files["c/values.yaml"]
    assert "allowPrivilegeEscalation: false" in values
    assert "runAsUser" not in values  # nginx's is another user
    assert any("two" in why or "would also change" in why for _, why in done.left)
