"""Baselines: what stood does not count, what is new or worse does, and new rules are announced."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.config import DEFAULT, Config
from bot.engine.baseline import against, parse_baseline, to_baseline
from bot.engine.check import check
from bot.engine.read import load
from bot.errors import UserError
from bot.model.finding import Finding
from bot.rule.load import Rules
from tests.engine.objects import RULES, pod

SOFT = pod(context={"privileged": True, "allowPrivilegeEscalation": None})
FILES = {"pod.yaml"}


def found(text: str, rules: Rules = RULES, config: Config = DEFAULT) -> tuple[Finding, ...]:
    return check(load("pod.yaml", text.encode())[0], rules, config)


def accepted(text: str, rules: Rules = RULES, config: Config = DEFAULT) -> bytes:
    return to_baseline(found(text, rules, config), rules, config, "0.1.0").encode()


def test_what_is_accepted_stands_and_the_rest_is_new() -> None:
    baseline = parse_baseline(accepted(SOFT), "b.json")
    now = found(SOFT + "---\n" + pod("other", context={"privileged": True}))
    standings = against(baseline, now, RULES, DEFAULT, FILES).standings
    said = {(f.name, standings.get(f.fingerprint, "new")) for f in now}
    assert said == {("shop", "existing"), ("other", "new")}


def test_what_is_gone_is_credited_where_its_file_was_judged() -> None:
    baseline = parse_baseline(accepted(SOFT), "b.json")
    fixed = against(baseline, found(pod()), RULES, DEFAULT, FILES).fixed
    assert {credit.rule for credit in fixed} == {"privileged-container", "privilege-escalation"}
    assert against(baseline, (), RULES, DEFAULT, {"other.yaml"}).fixed == ()


def test_a_rule_that_arrived_since_is_announced_and_does_not_count() -> None:
    older = Rules(tuple(rule for rule in RULES if rule.id != "privileged-container"))
    baseline = parse_baseline(accepted(SOFT, older), "b.json")
    now = found(SOFT)
    comparison = against(baseline, now, RULES, DEFAULT, FILES)
    assert comparison.arrived == ("privileged-container",)
    assert set(comparison.standings.values()) == {"existing"}
    again = parse_baseline(accepted(SOFT), "b.json")
    assert against(again, now, RULES, DEFAULT, FILES).arrived == ()


def test_a_finding_that_became_more_severe_is_worsened() -> None:
    baseline = parse_baseline(accepted(SOFT), "b.json")
    worse = tuple(replace(finding, severity="critical") for finding in found(SOFT))
    standings = against(baseline, worse, RULES, DEFAULT, FILES).standings
    assert set(standings.values()) == {"worsened"}


@pytest.mark.parametrize(
    "config",
    [
        replace(DEFAULT, profile="restricted"),
        replace(DEFAULT, rules={"privilege-escalation": "critical"}),
    ],
    ids=["another profile", "another severity of the rule"],
)
def test_a_rule_that_became_more_severe_worsens_nothing(config: Config) -> None:
    baseline = parse_baseline(accepted(SOFT), "b.json")
    now = found(SOFT, config=config)
    standings = against(baseline, now, RULES, config, FILES).standings
    assert set(standings.values()) == {"existing"}


def test_a_baseline_is_the_same_for_the_same_findings() -> None:
    findings = found(SOFT)
    text = to_baseline(findings, RULES, DEFAULT, "0.1.0")
    assert to_baseline(findings[::-1], RULES, DEFAULT, "0.1.0") == text
    assert set(json.loads(text)["rules"]) == {rule.id for rule in RULES}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{}", "'version' is missing"),
        ("[]", "is no baseline"),
        ("not json", "is no baseline"),
        ('{"version": 2}', "version 2 is not known"),
        ('{"version": 1, "rules": {"a": "worst"}, "findings": []}', "is no baseline"),
        ('{"version": 1, "rules": {}, "findings": [{}]}', "'fingerprint' is missing"),
        ('{"version": 1, "rules": {}, "findings": 5}', "is no baseline"),
    ],
)
def test_what_is_no_baseline_is_said_with_the_remedy(text: str, why: str) -> None:
    with pytest.raises(UserError, match=why) as raised:
        parse_baseline(text.encode(), "b.json")
    assert "podsec baseline" in str(raised.value)
