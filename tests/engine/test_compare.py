"""A change is judged by what it brings, worsens, mends and takes away."""

from __future__ import annotations

import pytest

from bot.model.finding import Report
from tests.engine.objects import changed, compare, pod, standings

PRIVILEGED = {"privileged": True, "allowPrivilegeEscalation": None}


def reasons(report: Report) -> list[str]:
    return [label.regression for label in report.labels if label.regression]


def test_what_stood_before_does_not_count() -> None:
    soft = pod(context=PRIVILEGED)
    report = compare(changed(soft, soft + "# a comment\n"))
    assert {standing for _, standing in standings(report)} == {"existing"}
    assert report.introduced == ()
    assert report.fixed == ()


def test_what_a_change_brings_is_new() -> None:
    report = compare(changed(None, pod(context=PRIVILEGED)))
    assert ("privileged-container", "new") in standings(report)
    assert reasons(report) == []


def test_what_a_change_mends_is_credited() -> None:
    report = compare(changed(pod(context=PRIVILEGED), pod()))
    assert report.labels == ()
    assert {credit.rule for credit in report.fixed} == {
        "privileged-container",
        "privilege-escalation",
    }


def test_what_can_be_judged_no_more_is_not_called_mended() -> None:
    soft = pod(context=PRIVILEGED)
    for broken in (
        soft + "  - broken: [\n",
        soft.replace("name: shop", "name: {{ .Values.name }}"),
    ):
        report = compare(changed(soft, broken))
        assert report.fixed == ()
        assert report.skipped != ()


def test_a_removed_file_takes_its_findings_with_it() -> None:
    report = compare(changed(pod(context=PRIVILEGED), None))
    assert len(report.fixed) == 2


def test_a_renamed_file_brings_nothing_new() -> None:
    soft = pod(context=PRIVILEGED)
    report = compare(changed(soft, soft, "new.yaml", was="old.yaml"))
    assert {standing for _, standing in standings(report)} == {"existing"}
    assert report.fixed == ()


def test_an_object_that_moves_to_another_file_brings_nothing_new() -> None:
    soft = pod(context=PRIVILEGED)
    report = compare(
        changed(soft, None, "old.yaml"),
        changed(pod("other"), pod("other") + "---\n" + soft, "all.yaml"),
    )
    assert {standing for _, standing in standings(report)} == {"existing"}
    assert report.fixed == ()


def test_a_copy_of_an_object_is_new() -> None:
    soft = pod(context=PRIVILEGED)
    report = compare(changed(soft, soft, "a.yaml"), changed(None, soft, "b.yaml"))
    assert ("privileged-container", "new") in standings(report)
    assert ("privileged-container", "existing") in standings(report)


def test_a_finding_that_the_change_makes_worse_is_worsened_and_counts() -> None:
    before = pod(context={"allowPrivilegeEscalation": None})
    after = pod(context={"allowPrivilegeEscalation": True})
    report = compare(changed(before, after))
    assert standings(report) == {("privilege-escalation", "worsened")}
    assert reasons(report) == ["container 'app' now sets allowPrivilegeEscalation: true"]
    assert len(report.introduced) == 1


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            pod(),
            pod(spec={"securityContext": {"runAsUser": 1000, "runAsGroup": 1, "fsGroup": 1}}),
            "container 'app' no longer sets runAsNonRoot: true",
        ),
        (
            pod(),
            pod(context={"runAsNonRoot": False}),
            "container 'app' changes runAsNonRoot from true to false",
        ),
        (pod(), pod(context={"runAsUser": 0}), "container 'app' changes runAsUser from 1000 to 0"),
        (
            pod(),
            pod(context={"allowPrivilegeEscalation": None}),
            "container 'app' no longer sets allowPrivilegeEscalation: false",
        ),
        (pod(), pod(context=PRIVILEGED), "container 'app' now sets privileged: true"),
        (
            pod(),
            pod(context={"capabilities": {"drop": ["NET_RAW"]}}),
            "container 'app' no longer drops the capability ALL",
        ),
        (
            pod(),
            pod(context={"readOnlyRootFilesystem": False}),
            "container 'app' changes readOnlyRootFilesystem from true to false",
        ),
        (
            pod(),
            pod(resources={"requests": {"cpu": 1, "memory": "1Gi"}}),
            "container 'app' no longer sets resources.limits.memory: 128Mi",
        ),
        (pod(), pod(spec={"hostNetwork": True}), "the pod now sets hostNetwork: true"),
        (
            pod(),
            pod(context={"seccompProfile": {"type": "Unconfined"}}),
            "container 'app' changes seccompProfile.type from RuntimeDefault to Unconfined",
        ),
    ],
)
def test_a_regression_is_called_by_name(before: str, after: str, message: str) -> None:
    report = compare(changed(before, after))
    assert message in reasons(report)
    assert message not in [lost.message for lost in report.regressions]


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            pod(context={"capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}}),
            pod(context={"capabilities": {"drop": ["ALL"], "add": ["CHOWN", "KILL", "SETUID"]}}),
            "container 'app' gains the capabilities KILL, SETUID",
        ),
        (
            pod(),
            pod(spec={"shareProcessNamespace": True}),
            "the pod now sets shareProcessNamespace: true",
        ),
    ],
)
def test_a_regression_that_no_rule_speaks_of_stands_alone(
    before: str, after: str, message: str
) -> None:
    report = compare(changed(before, after))
    alone = [lost.message for lost in report.regressions]
    assert message in [*alone, *reasons(report)]


def test_hardening_is_no_regression() -> None:
    before = pod(context={"capabilities": {"drop": ["NET_RAW"], "add": ["KILL"]}, **PRIVILEGED})
    report = compare(changed(before, pod()))
    assert report.regressions == ()
    assert reasons(report) == []


def test_a_new_container_is_no_regression() -> None:
    soft = {"name": "side", "image": "side:1.0", "securityContext": {"privileged": True}}
    before, after = pod(), pod().replace("  containers:\n", "  containers: # two now\n")
    assert before != after
    report = compare(changed(before, before + "---\n" + pod("other", spec={"containers": [soft]})))
    assert reasons(report) == []
    assert report.regressions == ()


def test_objects_of_one_name_in_two_overlays_are_not_taken_for_each_other() -> None:
    weak = pod(context={"readOnlyRootFilesystem": None})
    report = compare(
        changed(pod(), pod() + "# touched\n", "dev/pod.yaml"),
        changed(weak, weak + "# touched\n", "prod/pod.yaml"),
    )
    assert reasons(report) == []
    assert report.introduced == ()


def test_a_namespace_that_enforces_less_is_a_regression() -> None:
    def namespace(level: str | None) -> str:
        label = f"  labels: {{pod-security.kubernetes.io/enforce: {level}}}\n" if level else ""
        return f"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n{label}"

    def messages(before: str | None, after: str | None) -> list[str]:
        report = compare(changed(namespace(before), namespace(after)))
        return [lost.message for lost in report.regressions] + reasons(report)

    assert messages("restricted", "baseline") == [
        "the namespace enforces 'baseline' instead of 'restricted'"
    ]
    assert messages("baseline", None) == [
        "the namespace enforces 'privileged' instead of 'baseline'"
    ]
    assert messages("baseline", "restricted") == []
