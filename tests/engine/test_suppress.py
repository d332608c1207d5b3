"""Which comments, annotations and config entries allow a finding, and what becomes of the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.config import DEFAULT, parse
from bot.model.change import ChangedFile, ChangeSet
from bot.model.finding import Report
from bot.model.suppression import Verdict
from bot.rule.load import load_rules
from bot.workflows.check_path import Asked, check_files

RULES = load_rules()
TODAY = date(2026, 11, 24)
PRIVILEGED, ROOT = "privileged-container", "root-user"


def check(text: str, *, config: str = "", path: str = "deploy/pod.yaml", **more: object) -> Report:
    settings = parse(config.encode(), ".podsec.yaml") if config else DEFAULT
    enforced = more.pop("enforced", None)
    if isinstance(enforced, frozenset):
        settings = replace(settings, enforced=enforced)
    asked = Asked(rules=RULES, config=settings, today=TODAY, **more)  # type: ignore[arg-type]
    file = ChangedFile(path=path, status="added", data=text.encode())
    return check_files(ChangeSet(files=(file,)), asked)[0]


def allowed(report: Report) -> set[tuple[str, str | None]]:
    return {
        (label.finding.rule, label.finding.container)
        for label in report.labels
        if label.standing == "suppressed"
    }


def fates(report: Report) -> list[tuple[str, str]]:
    return [(verdict.suppression.rule, verdict.fate) for verdict in report.verdicts]


def only(report: Report) -> Verdict:
    (verdict,) = report.verdicts
    return verdict


POD = """\
{above}apiVersion: v1{first}
kind: Pod{kind}
metadata:
  name: shop{noted}
spec:
  containers:
  {before}- name: web{dash}
    image: shop:1.0{image}
    securityContext:{context}
      {line_before}privileged: true{field}
  - name: side
    image: side:1.0
    securityContext:
      privileged: true
{tail}"""


def pod(**parts: str) -> str:
    names = (
        *("above", "first", "kind", "noted", "before", "dash", "image"),
        *("context", "line_before", "field", "tail"),
    )
    return POD.format(**{name: parts.get(name, "") for name in names})


IGNORE = f"# podsec: ignore[{PRIVILEGED}] needs the device, OPS-1"
WEB = {(PRIVILEGED, "web")}
BOTH = WEB | {(PRIVILEGED, "side")}

COMMENTS = {
    "on the line": ({"field": f" {IGNORE}"}, WEB),
    "alone on the line before": ({"line_before": f"{IGNORE}\n      "}, WEB),
    "on the container's first line": ({"dash": f" {IGNORE}"}, WEB),
    "on the line before the container": ({"before": f"{IGNORE}\n  "}, WEB),
    "on the first line of the object": ({"first": f" {IGNORE}"}, BOTH),
    "on the line of the kind": ({"kind": f" {IGNORE}"}, BOTH),
    "above the object": ({"above": f"{IGNORE}\n"}, BOTH),
    "above the object, among others": ({"above": f"# a licence\n\n{IGNORE}\n# more\n\n"}, BOTH),
    "on the separator": ({"above": f"--- {IGNORE}\n"}, BOTH),
    "below a separator": ({"above": f"---\n{IGNORE}\n"}, BOTH),
    "behind another comment": ({"field": f" # ours {IGNORE}"}, WEB),
    "without blanks": ({"field": f" #podsec:ignore[{PRIVILEGED}] why"}, WEB),
    "with several rules": ({"field": f" # podsec: ignore[{ROOT}, {PRIVILEGED}] why"}, WEB),
    "on another line": ({"image": f" {IGNORE}"}, set()),
    "on the mapping around it": ({"context": f" {IGNORE}"}, set()),
    "behind everything": ({"tail": f"{IGNORE}\n"}, set()),
    "for another rule": ({"field": f" # podsec: ignore[{ROOT}] why"}, set()),
    "no comment but a value": ({"image": f"\n    command: ['{IGNORE}']"}, set()),
}


@pytest.mark.parametrize("where", COMMENTS)
def test_a_comment_speaks_of_its_line_its_container_or_its_object(where: str) -> None:
    parts, expected = COMMENTS[where]
    report = check(pod(**parts))
    assert {pair for pair in allowed(report) if pair[0] == PRIVILEGED} == expected


def test_a_comment_works_with_windows_line_ends() -> None:
    report = check(pod(field=f" {IGNORE}").replace("\n", "\r\n"))
    assert allowed(report) == WEB
    (label,) = (label for label in report.labels if label.standing == "suppressed")
    assert label.reason == "needs the device, OPS-1"


def test_a_comment_inside_a_block_scalar_is_text() -> None:
    text = pod(tail=f"---\napiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    {IGNORE}\n")
    assert check(text).verdicts == ()


def test_a_comment_on_the_name_counts_where_the_name_comes_later() -> None:
    text = pod().replace(
        "- name: web\n    image: shop:1.0", f"- image: shop:1.0\n    name: web {IGNORE}"
    )
    assert allowed(check(text)) == WEB


def test_a_comment_above_an_item_of_a_list_speaks_of_that_object() -> None:
    item = "\n".join("  " + line for line in pod().rstrip().splitlines())
    second = item.replace("name: shop", "name: other").replace("  apiVersion", "- apiVersion", 1)
    first = item.replace("  apiVersion", "- apiVersion", 1)
    text = f"apiVersion: v1\nkind: List\nitems:\n{IGNORE}\n{first}\n{second}\n"
    found = [
        (label.finding.name, label.standing)
        for label in check(text).labels
        if label.finding.rule == PRIVILEGED
    ]
    assert sorted(found) == [("other", "new")] * 2 + [("shop", "suppressed")] * 2


def test_a_comment_above_a_list_speaks_of_all_its_objects() -> None:
    item = "\n".join("  " + line for line in pod().rstrip().splitlines())
    first = item.replace("  apiVersion", "- apiVersion", 1)
    text = f"{IGNORE}\napiVersion: v1\nkind: List\nitems:\n{first}\n"
    assert allowed(check(text)) == BOTH


def test_a_comment_speaks_of_its_own_document_alone() -> None:
    text = pod(first=f" {IGNORE}") + "---\n" + pod().replace("name: shop", "name: other")
    found = {(la.finding.name, la.standing) for la in check(text).labels}
    assert ("other", "suppressed") not in found
    assert ("shop", "suppressed") in found


def test_a_comment_within_the_lines_of_a_field_allows_it() -> None:
    text = pod().replace(
        "privileged: true",
        f"capabilities:\n        add:\n        - SYS_ADMIN\n        drop: []  {IGNORE}\n      privileged: true",
        1,
    )
    assert allowed(check(text)) == set()


def test_without_a_reason_nothing_is_suppressed_and_that_is_said() -> None:
    report = check(pod(field=f" # podsec: ignore[{PRIVILEGED}]"))
    assert allowed(report) == set()
    assert only(report).fate == "faulty"
    assert "no reason" in only(report).note


def test_a_comment_that_names_no_rule_is_said() -> None:
    for text in ("# podsec: ignore", "# podsec: ignore[] why", "# podsec: ignore because"):
        report = check(pod(field=f" {text}"))
        assert allowed(report) == set()
        assert "names no rule" in only(report).note


def test_an_unknown_rule_is_said_with_a_guess() -> None:
    report = check(pod(field=" # podsec: ignore[privileged-containers] why"))
    assert only(report).note == (
        "there is no rule 'privileged-containers'; did you mean 'privileged-container'?"
    )


@pytest.mark.parametrize(
    ("until", "fate"),
    [("2026-11-24", "used"), ("2026-11-23", "expired"), ("2027-13-01", "faulty"), ("", "faulty")],
)
def test_a_suppression_holds_until_its_last_day(until: str, fate: str) -> None:
    report = check(pod(field=f" {IGNORE}; until={until}"))
    assert fates(report) == [(PRIVILEGED, fate)]
    assert allowed(report) == (WEB if fate == "used" else set())


def test_what_allows_nothing_is_unused() -> None:
    report = check(pod(image=f" {IGNORE}"))
    assert fates(report) == [(PRIVILEGED, "unused")]


def test_what_was_not_judged_is_not_called_unused() -> None:
    report = check(
        pod(dash=" # podsec: ignore[unlimited-memory] why"), config="profile: baseline\n"
    )
    assert fates(report) == [("unlimited-memory", "unjudged")]


def test_each_rule_of_a_comment_has_a_fate_of_its_own() -> None:
    report = check(pod(field=f" # podsec: ignore[{PRIVILEGED},{ROOT}] why"))
    assert fates(report) == [(PRIVILEGED, "used"), (ROOT, "unused")]


def annotated(value: str, rule: str = PRIVILEGED) -> str:
    return pod(noted=f"\n  annotations:\n    podsec.dev/ignore.{rule}: {value}")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("needs the device", BOTH),
        ('"needs the device; until=2027-01-31"', BOTH),
        ('"container=web; needs the device"', WEB),
        ('"container=web,side; needs the device"', BOTH),
        ('"needs the device; container=web"', WEB),
        ('"container=web; a\\ncontainer=side; b"', BOTH),
        ("|\n      container=web; a\n      container=side; b", BOTH),
        ('"container=nobody; needs it"', set()),
        ('"container=web"', set()),
        ('""', set()),
        ("true", set()),
        ("null", set()),
        ('"needs it; until=2020-01-01"', set()),
    ],
)
def test_an_annotation_allows_an_object_or_some_of_its_containers(
    value: str, expected: set[tuple[str, str]]
) -> None:
    assert allowed(check(annotated(value))) == expected


def test_an_annotation_without_a_reason_is_said() -> None:
    assert "no reason" in only(check(annotated('""'))).note


def test_an_annotation_is_named_by_its_line() -> None:
    said = only(check(annotated("needs it"))).suppression
    assert (said.file, said.line, said.source) == ("deploy/pod.yaml", 6, "annotation")


CRON = """\
apiVersion: batch/v1
kind: CronJob
metadata: {{name: nightly{0}}}
spec:
  jobTemplate:
    metadata: {{name: a{1}}}
    spec:
      template:
        metadata: {{name: a{2}}}
        spec:
          containers:
          - name: job
            image: job:1.0
            securityContext: {{privileged: true}}
"""


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_annotation_may_stand_on_the_object_or_on_its_templates(place: int) -> None:
    note = f", annotations: {{podsec.dev/ignore.{PRIVILEGED}: known}}"
    text = CRON.format(*(note if index == place else "" for index in range(3)))
    assert allowed(check(text)) == {(PRIVILEGED, "job")}


def test_each_rule_has_a_name_that_fits_into_an_annotation() -> None:
    for rule in RULES:
        assert len(f"ignore.{rule.id}") <= 63


PEERS = {
    "kube-linter": 'ignore-check.kube-linter.io/privileged-container: "known"',
    "checkov": 'checkov.io/skip1: "CKV_K8S_16=known"',
    "checkov without a reason": 'checkov.io/skip12: "CKV_K8S_16"',
    "kubescape": 'kubescape.io/skip-controls: "C-0001, C-0057"',
}


@pytest.mark.parametrize("peer", PEERS)
def test_the_annotations_of_other_checkers_are_honoured(peer: str) -> None:
    report = check(pod(noted=f"\n  annotations:\n    {PEERS[peer]}"))
    assert allowed(report) == BOTH
    (label, _) = (label for label in report.labels if label.standing == "suppressed")
    assert label.suppression is not None
    assert label.suppression.source == "peer"
    assert label.reason.startswith(f"{peer.split(' ', maxsplit=1)[0]}: ")


OTHERS = {
    "kube-score": 'kube-score/ignore: "other, KS-1"',
    "polaris": 'polaris.fairwinds.com/KS-1-exempt: "true"',
    "datree": 'datree.skip/KS-1: "known"',
}


@pytest.mark.parametrize("peer", OTHERS)
def test_the_annotations_of_checkers_without_ids_in_this_rule_are_read_too(peer: str) -> None:
    rules = replace(
        RULES,
        all=tuple(
            replace(rule, equivalents={peer: ["KS-1"]}) if rule.id == PRIVILEGED else rule
            for rule in RULES
        ),
    )
    text = pod(noted=f"\n  annotations:\n    {OTHERS[peer]}")
    file = ChangedFile(path="a.yaml", status="added", data=text.encode())
    asked = Asked(rules=rules, config=DEFAULT, today=TODAY)
    report, _ = check_files(ChangeSet(files=(file,)), asked)
    assert allowed(report) == BOTH


NO_PEERS = {
    "an unknown id": 'checkov.io/skip1: "CKV_K8S_999=known"',
    "no skip": 'checkov.io/skipper: "CKV_K8S_16=known"',
    "not exempt": 'polaris.fairwinds.com/privileged-container-exempt: "false"',
    "another domain": 'example.com/privileged-container: "known"',
    "no domain": "privileged-container: known",
    "kubescape, expired": (
        'kubescape.io/skip-controls: "C-0057"\n    kubescape.io/skip-expiry: "2020-01-01T00:00:00Z"'
    ),
    "kubescape, no date": (
        'kubescape.io/skip-controls: "C-0057"\n    kubescape.io/skip-expiry: "soon"'
    ),
}


@pytest.mark.parametrize("case", NO_PEERS)
def test_other_annotations_allow_nothing(case: str) -> None:
    assert allowed(check(pod(noted=f"\n  annotations:\n    {NO_PEERS[case]}"))) == set()


ENTRIES = {
    "the rule alone": ("", BOTH),
    "the path": ("path: deploy/**", BOTH),
    "another path": ("path: other", set()),
    "the kind": ("kind: Pod", BOTH),
    "another kind": ("kind: Deployment", set()),
    "the name": ("name: sh*", BOTH),
    "another name": ("name: shopping", set()),
    "the container": ("container: web", WEB),
    "another container": ("container: w", set()),
    "a namespace": ("namespace: prod", set()),
    "any namespace": ("namespace: '*'", BOTH),
    "the last day": ("until: 2026-11-24", BOTH),
    "the day after": ("until: 2026-11-23", set()),
    "all together": ("path: deploy, kind: Pod, name: shop, container: side", BOTH - WEB),
}


@pytest.mark.parametrize("case", ENTRIES)
def test_an_entry_of_the_config_allows_what_it_describes(case: str) -> None:
    scope, expected = ENTRIES[case]
    entry = f"{{rule: {PRIVILEGED}, reason: known{', ' + scope if scope else ''}}}"
    assert allowed(check(pod(), config=f"suppressions: [{entry}]\n")) == expected


def test_an_entry_is_unused_only_where_all_was_judged() -> None:
    config = f"suppressions: [{{rule: {PRIVILEGED}, reason: known, path: other}}]\n"
    assert fates(check(pod(), config=config)) == [(PRIVILEGED, "unjudged")]
    assert fates(check(pod(), config=config, sees_all=True)) == [(PRIVILEGED, "unused")]


@pytest.mark.parametrize("enforced", [frozenset({PRIVILEGED}), frozenset({"*"})])
def test_what_the_operator_enforces_cannot_be_ignored(enforced: frozenset[str]) -> None:
    config = f"suppressions: [{{rule: {PRIVILEGED}, reason: known}}]\n"
    texts = [
        pod(field=f" {IGNORE}"),
        annotated("needs it"),
        pod(noted=f"\n  annotations:\n    {PEERS['checkov']}"),
    ]
    for text in texts:
        report = check(text, config=config, enforced=enforced)
        assert allowed(report) == set()
        assert {verdict.fate for verdict in report.verdicts} == {"enforced"}


def test_what_stands_in_the_file_is_named_before_the_config() -> None:
    config = f"suppressions: [{{rule: {PRIVILEGED}, reason: from the config}}]\n"
    report = check(pod(field=f" {IGNORE}"), config=config)
    reasons = {la.finding.container: la.reason for la in report.labels if la.suppression}
    assert reasons == {"web": "needs the device, OPS-1", "side": "from the config"}
    assert {verdict.fate for verdict in report.verdicts} == {"used"}


def test_a_broken_document_that_holds_no_object_does_no_harm() -> None:
    report = check(pod(field=f" {IGNORE}") + "---\nnothing: [\n")
    assert allowed(report) == WEB
