"""What the base branch decides: own rules, paths, review.mode; and what a change did to it."""

from __future__ import annotations

import re

from tests.e2e.conftest import POD, Shop, World

OWN_RULE = """\
summary: Pod without a team
message: pod {name!r} names no team
severity: low
profile: podsec
since: 1.0.0
applies_to: container
require:
  terminationMessagePolicy: {const: FallbackToLogsOnError}
fix:
  title: Tell why the container ended
  applicability: safe
  set:
    terminationMessagePolicy: FallbackToLogsOnError
"""
OWN = {
    ".podsec/rules/silent_end/rule.yaml": OWN_RULE,
    ".podsec/rules/silent_end/examples/fail/pod.yaml": POD.format(name="soft-on-purpose"),
}
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {name}
  namespace: shop
spec:
  podSelector: {{}}
  policyTypes: [Ingress]
"""


def bare(calls: list[str]) -> list[str]:
    return [re.sub(r"[0-9a-f]{40}", "SHA", re.sub(r"\?.*", "", call)) for call in calls]


def test_the_own_rules_of_the_base_are_checked_and_fixed(world: World) -> None:
    shop = world.shop(OWN)
    number = shop.open({"pod.yaml": POD.format(name="own")})
    (comment,) = shop.comments(number)
    assert "silent-end" in comment["body"]
    suggested = re.search(r"(?s)```suggestion\n(.*?)```", comment["body"])
    assert suggested is not None
    assert "terminationMessagePolicy: FallbackToLogsOnError" in suggested[1]
    shop.say(number, "/podsec fix safe")
    (pull,) = shop.followups(number)
    fixed = shop.repository.read(pull["head"]["ref"], "pod.yaml") or b""
    assert b"terminationMessagePolicy: FallbackToLogsOnError" in fixed


def test_an_own_rule_that_a_pull_request_brings_holds_from_the_next_on(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="own"), **OWN})
    (comment,) = shop.comments(number)
    assert comment["path"] == "pod.yaml"
    assert "silent-end" not in comment["body"]


def test_a_wrong_own_rule_is_a_neutral_check_with_its_file(world: World) -> None:
    shop = world.shop({".podsec/rules/silent_end/rule.yaml": "severity: worst\n"})
    number = shop.open({"pod.yaml": POD.format(name="own")})
    check = shop.check(number)
    assert check["conclusion"] == "neutral"
    assert check["title"].startswith("The config of podsec is wrong. 9 findings introduced")
    assert ".podsec/rules/silent\\_end/rule.yaml" in check["summary"]
    assert "the repository's own rules are left out" in check["summary"]
    assert len(shop.comments(number)) == 1


def test_code_beside_an_own_rule_is_refused_unread(world: World) -> None:
    shop = world.shop({**OWN, ".podsec/rules/silent_end/rule.py": "raise SystemExit\n"})
    number = shop.open({"pod.yaml": POD.format(name="own")})
    assert "podsec runs no code of what it checks" in shop.check(number)["summary"]
    asked = [call for call in world.calls() if shop.repository.full_name in call]
    assert not any("rule.py" in call for call in asked)


def test_a_config_that_names_an_unknown_rule_is_a_neutral_check(world: World) -> None:
    shop = world.shop({".podsec.yaml": "rules:\n  root-usr: high\n"})
    number = shop.open({"pod.yaml": POD.format(name="typo")})
    check = shop.check(number)
    assert check["conclusion"] == "neutral"
    assert ".podsec.yaml:2" in check["summary"]
    assert "did you mean 'root-user'?" in check["summary"]


def test_without_a_config_one_listing_is_all_that_is_asked_of_the_base(world: World) -> None:
    shop = world.shop()
    world.sandbox.requests.clear()
    number = shop.open({"pod.yaml": POD.format(name="cold")})
    home = f"/repos/{shop.repository.full_name}"
    calls = [call for call in bare(world.calls()) if call.startswith(("GET", "POST"))]
    assert [call for call in calls if home in call] == [
        f"GET {home}/pulls/{number}/files",
        f"GET {home}/git/trees/SHA",
        f"POST {home}/pulls/{number}/reviews",
        f"POST {home}/check-runs",
    ]


def test_own_rules_cost_a_listing_and_a_call_each_once_a_base_commit(world: World) -> None:
    shop = world.shop(OWN)
    world.sandbox.requests.clear()
    shop.open({"pod.yaml": POD.format(name="cold")})
    home = f"GET /repos/{shop.repository.full_name}"
    cold = [call for call in bare(world.calls()) if "/trees/" in call or "/contents/" in call]
    assert cold == [
        f"{home}/git/trees/SHA",
        f"{home}/git/trees/SHA:.podsec",
        f"{home}/contents/.podsec/rules/silent_end/rule.yaml",
    ]
    world.sandbox.requests.clear()
    shop.open({"other.yaml": POD.format(name="warm")}, "warm")
    assert not any("/trees/" in call or "/contents/" in call for call in world.calls())


def test_excluded_files_are_counted_and_not_judged(world: World) -> None:
    shop = world.shop({".podsec.yaml": "paths:\n  include: [deploy]\n  exclude: [legacy]\n"})
    number = shop.open(
        {
            "deploy/pod.yaml": POD.format(name="judged"),
            "deploy/legacy/pod.yaml": POD.format(name="old"),
            "lab/pod.yaml": POD.format(name="lab"),
        }
    )
    # the container, and the pod that no NetworkPolicy selects
    assert [comment["path"] for comment in shop.comments(number)] == ["deploy/pod.yaml"] * 2
    assert "2 files excluded by the config, not judged." in shop.check(number)["summary"]


def test_a_change_of_excluded_files_alone_is_not_called_clean(shop: Shop) -> None:
    number = shop.open({"tests/pod.yaml": POD.format(name="fixture")})
    assert shop.comments(number) == []
    assert shop.check(number)["title"] == "Nothing judged, 1 file excluded"


def test_the_mode_summary_says_all_in_one_body(world: World) -> None:
    shop = world.shop({".podsec.yaml": "review:\n  mode: summary\n"})
    number = shop.open({"pod.yaml": POD.format(name="summed")})
    assert shop.comments(number) == []
    (review,) = shop.repository.reviews(number)
    assert "privilege-escalation" in review["body"]
    shop.push({"pod.yaml": "# a remark\n" + POD.format(name="summed")})
    assert len(shop.repository.reviews(number)) == 1


def test_the_mode_check_only_leaves_the_conversation_alone(world: World) -> None:
    shop = world.shop({".podsec.yaml": "review:\n  mode: check-only\n"})
    number = shop.open({"pod.yaml": POD.format(name="quiet")})
    assert shop.comments(number) == []
    assert shop.repository.reviews(number) == []
    check = shop.check(number)
    assert check["conclusion"] == "neutral"
    assert len(check["annotations"]) == int(check["title"].split()[0])


def test_a_removed_network_policy_is_a_regression_that_is_said_once(world: World) -> None:
    shop = world.shop({"policy.yaml": POLICY.format(name="closed")})
    number = shop.open({"policy.yaml": None})
    check = shop.check(number)
    assert (check["conclusion"], check["title"]) == ("neutral", "1 regression")
    (review,) = shop.repository.reviews(number)
    assert "the NetworkPolicy 'closed' is gone" in review["body"]
    assert review["body"].startswith("Weakened by this pull request:\n\n- `policy.yaml:1`")
    shop.push({"NOTES.md": "nothing new\n"})
    assert len(shop.repository.reviews(number)) == 1
    assert shop.check(number)["title"] == "1 regression"


def test_a_policy_that_moves_or_goes_with_its_workloads_is_no_regression(world: World) -> None:
    pod = POD.format(name="app").replace("metadata:\n", "metadata:\n  namespace: shop\n")
    before = {"policy.yaml": POLICY.format(name="closed"), "pod.yaml": pod}
    gone = world.shop(before)
    number = gone.open({"policy.yaml": None, "pod.yaml": None})
    assert gone.check(number)["conclusion"] == "success"
    named = world.shop(before)
    number = named.open({"policy.yaml": None, "new.yaml": POLICY.format(name="shut")})
    assert "regression" not in named.check(number)["title"]


def test_what_a_change_weakens_is_named_and_what_it_mends_is_credited(world: World) -> None:
    hard = POD.format(name="app") + "    securityContext:\n      allowPrivilegeEscalation: false\n"
    shop = world.shop({"a.yaml": hard, "b.yaml": POD.format(name="b")})
    number = shop.open(
        {
            "a.yaml": hard.replace("Escalation: false", "Escalation: true"),
            "b.yaml": POD.format(name="b").replace("myapp:latest", "registry.example.com/b:1.2.3"),
        }
    )
    (comment,) = shop.comments(number)
    assert "**regression:** " in comment["body"]
    mended = "Mended by this pull request: 1 finding: `mutable-image-tag`."
    (review,) = shop.repository.reviews(number)
    assert mended in review["body"]
    assert mended in shop.check(number)["summary"]


def test_suppressions_of_no_use_stand_in_the_check_run(shop: Shop) -> None:
    text = POD.format(name="app").replace(
        "metadata:\n",
        "metadata:\n  annotations:\n    podsec.dev/ignore.root-user: old image; until=2020-01-31\n",
    )
    text += "    securityContext:\n      allowPrivilegeEscalation: false"
    number = shop.open({"pod.yaml": text + " # podsec: ignore[privilege-escalation] setuid\n"})
    summary = shop.check(number)["summary"]
    assert "2 suppressions of no use" in summary
    rows = [line for line in summary.split("\n") if line.startswith("| `pod.yaml:")]
    assert any("ended on 2020-01-31" in row for row in rows)
    assert any("allows nothing: take it away" in row for row in rows)
    (review,) = shop.repository.reviews(number)
    assert "no use" not in review["body"]


def test_a_suppression_that_only_the_whole_tree_can_judge_is_not_called_unused(shop: Shop) -> None:
    text = POD.format(name="app").replace(
        "image: myapp:latest", "image: myapp:1.2.3 # podsec: ignore[mutable-image-tag] a mirror"
    )
    assert "no use" not in shop.check(shop.open({"pod.yaml": text}))["summary"]
