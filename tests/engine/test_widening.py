"""A NetworkPolicy that lets more through than before is a regression by name."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.engine.objects import changed, compare, pod


def policy(**spec: Any) -> str:
    body = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "shop"},
        "spec": {"podSelector": {"matchLabels": {"app": "shop"}}, **spec},
    }
    return yaml.safe_dump(body, sort_keys=False)


def losses(before: str, after: str) -> list[str]:
    report = compare(changed(before, after))
    return [lost.message for lost in report.regressions] + [
        label.regression for label in report.labels if label.regression
    ]


def peer(name: str) -> dict[str, Any]:
    return {"podSelector": {"matchLabels": {"app": name}}}


def block(cidr: str, *holes: str) -> dict[str, Any]:
    return {"ipBlock": {"cidr": cidr, **({"except": list(holes)} if holes else {})}}


def port(number: object, **more: Any) -> dict[str, Any]:
    return {"port": number, **more}


BASE = [{"from": [peer("web")], "ports": [port(80)]}]
WIDER = {
    "another peer": [{"from": [peer("web"), peer("cron")], "ports": [port(80)]}],
    "another port": [{"from": [peer("web")], "ports": [port(80), port(81)]}],
    "any port": [{"from": [peer("web")]}],
    "any peer": [{"ports": [port(80)]}],
    "anything": [{}],
    "another rule": [*BASE, {"from": [peer("cron")], "ports": [port(80)]}],
    "another protocol": [{"from": [peer("web")], "ports": [port(80, protocol="UDP")]}],
    "a range of ports": [{"from": [peer("web")], "ports": [port(80, endPort=90)]}],
}
SAME = {
    "the same": BASE,
    "nothing any more": [],
    "the same in two rules": [*BASE, *BASE],
    "the protocol spelled out": [{"from": [peer("web")], "ports": [port(80, protocol="TCP")]}],
}


@pytest.mark.parametrize("case", WIDER)
def test_more_ingress_is_said(case: str) -> None:
    assert losses(policy(ingress=BASE), policy(ingress=WIDER[case])) == [
        "the policy allows ingress that it did not allow before"
    ]


@pytest.mark.parametrize("case", SAME)
def test_as_much_or_less_is_not(case: str) -> None:
    assert losses(policy(ingress=BASE), policy(ingress=SAME[case])) == []
    assert losses(policy(ingress=WIDER["anything"]), policy(ingress=SAME[case])) == []


@pytest.mark.parametrize(
    ("before", "after", "wider"),
    [
        (block("10.0.0.0/8"), block("10.1.0.0/16"), False),
        (block("10.1.0.0/16"), block("10.0.0.0/8"), True),
        (block("10.0.0.0/8", "10.9.0.0/16"), block("10.0.0.0/8"), True),
        (block("10.0.0.0/8"), block("10.0.0.0/8", "10.9.0.0/16"), False),
        (block("10.0.0.0/8", "10.9.0.0/16"), block("10.1.0.0/16"), False),
        (block("10.0.0.0/8", "10.9.0.0/16"), block("10.0.0.0/8", "10.0.0.0/9"), False),
        (block("10.0.0.0/8"), block("fd00::/8"), True),
        (block("10.0.0.0/8"), block("nonsense"), True),
        (block("10.0.0.0/8"), peer("web"), True),
    ],
)
def test_blocks_of_addresses_are_compared_as_sets(
    before: dict[str, Any], after: dict[str, Any], wider: bool
) -> None:
    found = losses(policy(ingress=[{"from": [before]}]), policy(ingress=[{"from": [after]}]))
    assert bool(found) == wider


def test_ranges_of_ports_are_compared_as_ranges() -> None:
    wide = policy(ingress=[{"ports": [port(80, endPort=90)]}])
    assert losses(wide, policy(ingress=[{"ports": [port(85)]}])) == []
    assert losses(wide, policy(ingress=[{"ports": [port(91)]}])) != []
    assert losses(wide, policy(ingress=[{"ports": [port("http")]}])) != []


def test_egress_is_compared_where_it_was_isolated() -> None:
    open_ = policy(policyTypes=["Ingress"], ingress=[])
    closed = policy(policyTypes=["Ingress", "Egress"], ingress=[])
    some = policy(policyTypes=["Ingress", "Egress"], ingress=[], egress=[{"to": [peer("db")]}])
    assert losses(open_, some) == []
    assert losses(closed, some) == ["the policy allows egress that it did not allow before"]
    assert losses(some, open_) == ["the policy no longer isolates egress"]
    assert losses(policy(egress=[{"to": [peer("db")]}]), policy()) == [
        "the policy no longer isolates egress"
    ]


def test_a_policy_for_fewer_pods_is_said() -> None:
    narrower = {"matchLabels": {"app": "shop", "tier": "web"}}
    assert losses(policy(), policy(podSelector=narrower)) == [
        "the policy isolates fewer pods than before"
    ]
    assert losses(policy(podSelector=narrower), policy()) == []
    assert losses(policy(podSelector={}), policy()) != []


def test_a_policy_that_goes_while_its_workloads_stay_is_said() -> None:
    report = compare(changed(policy(), None, "policy.yaml"), changed(pod(), pod(), "pod.yaml"))
    assert [lost.message for lost in report.regressions] == [
        "the NetworkPolicy 'shop' is gone, the workloads of its namespace are not"
    ]


def test_a_policy_that_goes_with_its_workloads_or_moves_is_not() -> None:
    gone = compare(changed(policy(), None, "policy.yaml"), changed(pod(), None, "pod.yaml"))
    assert gone.regressions == ()
    moved = compare(
        changed(policy(), None, "policy.yaml"), changed(pod(), f"{pod()}---\n{policy()}")
    )
    assert moved.regressions == ()
