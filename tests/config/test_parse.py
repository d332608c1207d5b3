"""What a `.podsec.yaml` says, and what is wrong with one: file, line, key, and what was expected."""

from __future__ import annotations

from datetime import date

import jsonschema
import pytest

from bot.config import DEFAULT, Config, build, parse, read_layer
from bot.config.model import Network, Schedule
from bot.config.schema import OPERATOR_SCHEMA, SCHEMA
from bot.config.spoken import spoken
from bot.errors import ConfigError
from bot.kubernetes.version import Version
from bot.model.scan_policy import IgnoredVulnerability, ScanPolicy
from bot.model.suppression import Match
from tests.conftest import ROOT


def says(text: str) -> Config:
    return parse(text.encode(), ".podsec.yaml")


def test_an_empty_config_is_the_default() -> None:
    for text in ("", "# nothing\n", "---\n"):
        config = says(text)
        assert spoken(config) == spoken(DEFAULT)
        assert config.origins == {}


def test_the_defaults_of_the_schema_are_those_of_podsec() -> None:
    def defaults(schema: dict[str, object]) -> object:
        found = schema
        for one in schema.get("anyOf", ()):  # type: ignore[attr-defined]
            found = one if "properties" in one else found
        if "properties" not in found:
            return schema["default"]
        known = {k: defaults(v) for k, v in found["properties"].items()}  # type: ignore[attr-defined]
        return {key: value for key, value in known.items() if value is not None}

    expected = defaults(SCHEMA)
    assert isinstance(expected, dict)
    assert expected.pop("maxComments") == DEFAULT.max_comments
    expected["kubernetesVersion"] = str(DEFAULT.kubernetes_version)
    assert expected == spoken(DEFAULT)


def test_every_key_arrives() -> None:
    config = says(
        """
profile: restricted
failOn: low
kubernetesVersion: "1.29"
rules: {a: off, b: on, c: high, d: {severity: low, options: {x: 1}}}
paths: {include: [deploy], exclude: []}
suppressions:
- {rule: [a, b], reason: " known ", path: "deploy/**", kind: Job, namespace: ops, name: "x*",
   container: c, until: 2027-01-31}
securityContext: {runAsUser: 5, runAsGroup: 6, fsGroup: 7}
resources: {cpuRequest: 1, memoryRequest: 1Gi, memoryLimit: 2Gi, cpuLimit: 500m}
images: {"r.example.com/*": {uid: 9, gid: 8, nonroot: true, writable: [/a], capabilities: [CHOWN]}}
scan: {report: high, failOn: never, onlyFixable: true, vex: [a.json], pin: true, newerTags: 2,
  ignore: [{id: CVE-1, reason: " so ", package: "m*", image: "ghcr.io/*", until: 2027-01-31}]}
network: {egress: restrict, exposure: any, monitoringNamespace: mon, dns: openshift, defaultDeny: namespace}
secrets: {store: external-secrets, storeName: vault, storeKind: SecretStore}
schedule: {cron: "5 4 * * *", timeZone: Europe/Berlin}
kinds: [{group: example.com, kind: Worker, path: spec.pod}]
review: {mode: summary, maxComments: 3}
"""
    )
    assert (config.profile, config.fail_on, config.kubernetes_version) == (
        "restricted",
        "low",
        Version(29),
    )
    assert config.rules == {"a": "off", "b": "on", "c": "high", "d": "low"}
    assert config.options == {"d": {"x": 1}}
    assert (config.paths.include, config.paths.exclude) == (("deploy",), ())
    assert [one.rule for one in config.suppressions] == ["a", "b"]
    first = config.suppressions[0]
    assert (first.reason, first.until, first.file, first.line) == (
        "known",
        date(2027, 1, 31),
        ".podsec.yaml",
        8,
    )
    assert first.scope == Match(
        path="deploy/**", kind="Job", namespace="ops", name="x*", container="c"
    )
    assert (config.run_as_user, config.run_as_group, config.fs_group) == (5, 6, 7)
    assert (config.cpu_request, config.cpu_limit) == ("1", "500m")
    assert (config.memory_request, config.memory_limit) == ("1Gi", "2Gi")
    (image,) = config.images
    assert (image.match, image.uid, image.writable) == ("r.example.com/*", 9, ("/a",))
    assert config.scan == ScanPolicy(
        report="high",
        fail_on=None,
        only_fixable=True,
        ignored=(
            IgnoredVulnerability(
                id="CVE-1",
                reason="so",
                package="m*",
                image="ghcr.io/*",
                until=date(2027, 1, 31),
            ),
        ),
        vex=("a.json",),
        pin=True,
        newer_tags=2,
    )
    assert config.network == Network(
        egress="restrict",
        exposure="any",
        monitoring_namespace="mon",
        dns="openshift",
        default_deny="namespace",
    )
    assert config.secrets.store == "external-secrets"
    assert config.schedule == Schedule(cron="5 4 * * *", time_zone="Europe/Berlin")
    assert config.kinds[0].path == ("spec", "pod")
    assert (config.review_mode, config.max_comments) == ("summary", 3)
    assert says(jsonish(spoken(config))).rules == config.rules


def jsonish(value: object) -> str:
    import json

    return json.dumps(value)


def test_what_is_spoken_is_read_back() -> None:
    config = says("profile: baseline\nresources: article\nreview: {maxComments: 0}\n")
    assert spoken(says(jsonish(spoken(config)))) == spoken(config)


def test_the_profile_article_has_the_numbers_of_the_article() -> None:
    config = says("resources: article\n")
    assert (config.cpu_request, config.memory_request) == ("250m", "64Mi")
    assert (config.cpu_limit, config.memory_limit) == ("500m", "128Mi")
    assert DEFAULT.cpu_limit is None


def test_the_older_key_of_comments_still_works_and_the_newer_one_wins() -> None:
    assert says("maxComments: 4\n").max_comments == 4
    assert says("maxComments: 4\nreview: {maxComments: 5}\n").max_comments == 5


@pytest.mark.parametrize("text", ["1.30", '"1.30"'])
def test_a_version_is_read_as_it_is_written(text: str) -> None:
    assert says(f"kubernetesVersion: {text}\n").kubernetes_version == Version(30)


WRONG = {
    "profil: x\n": ["1: profil: unknown key; did you mean 'profile'?"],
    "profile: restrictd\n": [
        (
            "1: profile: expected 'baseline', 'restricted' or 'podsec', not 'restrictd'; "
            "did you mean 'restricted'?"
        )
    ],
    "a: 1\n\nfailOn: 3\n": [
        "1: a: unknown key; expected one of failOn, images",
        "3: failOn: expected 'low', 'medium', 'high' or 'critical', not 3",
    ],
    "rules:\n  a: hgh\n": [
        (
            "2: rules.a: expected 'on', 'off', 'low', 'medium', 'high' or 'critical' or a mapping, "
            "not 'hgh'; did you mean 'high'?"
        )
    ],
    "rules:\n  a:\n    severty: low\n": [
        "3: rules.a.severty: unknown key; did you mean 'severity'?"
    ],
    "suppressions:\n- rule: a\n": ["2: suppressions.0: needs reason"],
    "suppressions:\n- {}\n": ["2: suppressions.0: needs rule and reason"],
    "suppressions:\n- rule: a\n  reason: '  '\n": ["3: suppressions.0.reason: expected text"],
    "suppressions:\n- rule: a\n  reason: b\n  until: 2027-02-30\n": [
        "4: suppressions.0.until: expected a day such as 2027-01-31, not '2027-02-30'"
    ],
    "suppressions:\n- rule: a\n  reason: b\n  until: soon\n": [
        "4: suppressions.0.until: expected text such as '2027-01-31', not 'soon'"
    ],
    "scan:\n  ignore:\n  - id: CVE-1\n": ["3: scan.ignore.0: needs reason"],
    "scan:\n  ignore:\n  - id: CVE-1\n    reason: b\n    until: 2027-02-30\n": [
        "5: scan.ignore.0.until: expected a day such as 2027-01-31, not '2027-02-30'"
    ],
    "scan: {report: hgh}\n": [
        (
            "1: scan.report: expected 'unknown', 'low', 'medium', 'high' or 'critical', "
            "not 'hgh'; did you mean 'high'?"
        )
    ],
    "resources: articles\n": [
        "1: resources: expected 'article' or a mapping, not 'articles'; did you mean 'article'?"
    ],
    "resources:\n  cpuLimits: 2\n": [
        "2: resources.cpuLimits: unknown key; did you mean 'cpuLimit'?"
    ],
    "kubernetesVersion: 2.1\n": [
        "1: kubernetesVersion: expected text such as 'latest' or '1.31', not '2.1'"
    ],
    "paths: {include: deploy}\n": ["1: paths.include: expected a list, not 'deploy'"],
    "maxComments: 99\n": ["1: maxComments: expected a number up to 30, not 99"],
    "securityContext:\n  runAsUser: 0\n": [
        "2: securityContext.runAsUser: expected a number from 1 on, not 0"
    ],
    "enforced: [a]\n": [
        "1: enforced: only the config of an operator or an organisation may enforce rules"
    ],
    "schedule: {timeZone: Europe/Berln}\n": ["1: schedule.timeZone: there is no time zone"],
    "profile: podsec\nprofile: baseline\n": ["2: profile: is given twice"],
    "- a\n": ["1: the file: expected a mapping, not a list"],
    "a: [\n": ["2: not valid YAML"],
    "just words\n": ["1: the file: expected a mapping, not 'just words'"],
}


@pytest.mark.parametrize("text", WRONG, ids=lambda text: text.split("\n")[0])
def test_what_is_wrong_is_named_by_line_with_what_was_expected(text: str) -> None:
    with pytest.raises(ConfigError) as raised:
        says(text)
    lines = str(raised.value).splitlines()
    assert len(lines) == len(WRONG[text])
    for line, expected in zip(lines, WRONG[text], strict=True):
        assert line.startswith(f".podsec.yaml:{expected}")


def test_many_mistakes_are_counted_beyond_the_first_ten() -> None:
    with pytest.raises(ConfigError, match="and 5 more"):
        says("".join(f"key{number}: 1\n" for number in range(15)))


def test_the_example_of_the_docs_is_valid_and_known() -> None:
    from bot.rule.load import load_rules
    from bot.rule.switches import problems
    from bot.yamlpatch import read

    data = (ROOT / "docs" / "example.podsec.yaml").read_bytes()
    jsonschema.Draft202012Validator(SCHEMA).validate(read(data).value(0))
    assert list(problems(parse(data, "example"), load_rules())) == []


@pytest.mark.parametrize("schema", [SCHEMA, OPERATOR_SCHEMA], ids=["repository", "operator"])
def test_the_schemas_are_schemas(schema: dict[str, object]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)


def operator(text: str, repository: str) -> Config:
    layers = [
        read_layer(text.encode(), "operator.yaml", "operator"),
        read_layer(repository.encode(), ".podsec.yaml"),
    ]
    return build(layers)


def test_a_repository_goes_before_its_operator() -> None:
    config = operator(
        "profile: baseline\nfailOn: low\nsecurityContext: {runAsUser: 7, fsGroup: 8}\n",
        "profile: restricted\nsecurityContext: {runAsUser: 9}\n",
    )
    assert (config.profile, config.fail_on) == ("restricted", "low")
    assert (config.run_as_user, config.fs_group) == (9, 8)
    assert config.origins["profile"] == ".podsec.yaml:1"
    assert config.origins["failOn"] == "operator.yaml:2"
    assert config.origins["securityContext.runAsUser"] == ".podsec.yaml:2"
    assert config.origins["securityContext.fsGroup"] == "operator.yaml:3"


def test_suppressions_of_both_hold() -> None:
    entry = "suppressions: [{rule: %s, reason: known}]\n"
    config = operator(entry % "a", entry % "b")
    assert [(s.rule, s.file) for s in config.suppressions] == [
        ("a", "operator.yaml"),
        ("b", ".podsec.yaml"),
    ]


def test_a_repository_cannot_soften_what_is_enforced() -> None:
    config = operator(
        "enforced: [a]\nrules: {a: critical}\n", "rules: {a: off, b: off}\nprofile: baseline\n"
    )
    assert config.rules == {"a": "critical", "b": "off"}
    assert config.is_enforced("a")
    assert not config.is_enforced("b")


def test_everything_may_be_enforced() -> None:
    config = operator("enforced: ['*']\n", "rules: {a: off, b: low}\n")
    assert config.rules == {}
    assert config.is_enforced("anything")


def test_a_repository_cannot_hide_files_from_an_operator_who_names_them() -> None:
    hidden = "paths: {exclude: [secret]}\n"
    assert operator("paths: {exclude: [tests]}\n", hidden).paths.exclude == ("tests",)
    assert operator("profile: podsec\n", hidden).paths.exclude == ("secret",)
