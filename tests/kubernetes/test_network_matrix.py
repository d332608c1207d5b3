"""Many connections at once are the same as each alone; two sets of policies are compared by them."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.kubernetes.namespace import Place
from bot.kubernetes.network_matrix import OUTSIDE, Change, Matrix, difference
from bot.kubernetes.network_parts import Address, policy_of
from bot.kubernetes.network_policy import Network
from tests.kubernetes.network import NAMESPACES, WORLD, network

ENDS = tuple(WORLD.values())
PORTS = [(7070, "TCP"), (9090, "TCP"), (9187, "TCP"), (7071, "UDP"), (53, "UDP"), (53, "TCP")]

labels = st.dictionaries(
    st.sampled_from(["app", "tier", "zone"]), st.sampled_from(["web", "cart", "db", "back"]), max_size=2
)  # fmt: skip
expressions = st.fixed_dictionaries(
    {
        "key": st.sampled_from(["app", "tier", "zone"]),
        "operator": st.sampled_from(["In", "NotIn"]),
        "values": st.lists(st.sampled_from(["web", "cart", "db"]), min_size=1, max_size=2),
    }
)
selectors = st.fixed_dictionaries(
    {}, optional={"matchLabels": labels, "matchExpressions": st.lists(expressions, max_size=1)}
)
namespaces = st.sampled_from(
    [
        {},
        {"matchLabels": {"kubernetes.io/metadata.name": "ops"}},
        {"matchLabels": {"team": "store"}},
        {"matchExpressions": [{"key": "env", "operator": "DoesNotExist"}]},
    ]
)
peers = st.one_of(
    st.fixed_dictionaries({}, optional={"podSelector": selectors, "namespaceSelector": namespaces}),
    st.sampled_from(
        [
            {"ipBlock": {"cidr": "0.0.0.0/0"}},
            {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}},
            {"ipBlock": {"cidr": "198.51.100.0/24"}},
        ]
    ),
)
ports = st.sampled_from(
    [
        {"port": 7070},
        {"port": "metrics"},
        {"port": 7000, "endPort": 9100},
        {"port": 53, "protocol": "UDP"},
        {"protocol": "UDP"},
    ]
)


def rules(side: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {},
        optional={
            side: st.lists(peers, max_size=2),
            "ports": st.lists(ports, max_size=2),
        },
    )


specs = st.fixed_dictionaries(
    {"podSelector": selectors},
    optional={
        "policyTypes": st.lists(st.sampled_from(["Ingress", "Egress"]), max_size=2, unique=True),
        "ingress": st.lists(rules("from"), max_size=2),
        "egress": st.lists(rules("to"), max_size=2),
    },
)
places = st.sampled_from(
    [Place("shop"), Place("ops"), Place("guests"), Place(None, "deploy"), Place(None, "other")]
)
sets = st.builds(
    lambda found, foreign: Network(
        [
            policy_of({"metadata": {"name": f"p{i}"}, "spec": spec}, place)
            for i, (spec, place) in enumerate(found)
        ],
        NAMESPACES,
        foreign,
    ),
    st.lists(st.tuples(specs, places), max_size=5),
    st.lists(st.sampled_from([Place("ops"), Place(None, "deploy/cilium")]), max_size=1),
)


@settings(max_examples=150, deadline=None)
@given(sets)
def test_a_matrix_answers_as_each_connection_alone(asked: Network) -> None:
    matrix = Matrix(asked, ENDS)
    ends = (*ENDS, OUTSIDE)
    for (port, protocol), (index, target) in itertools.product(PORTS, enumerate(ends)):
        found = matrix.sources(index, port, protocol)
        for number, source in enumerate(ends):
            alone = asked.connection(source, target, port, protocol).allowed
            assert found.answer(number) is alone, (source, target, port, protocol)


@settings(max_examples=100, deadline=None)
@given(sets, sets)
def test_a_difference_holds_what_the_connections_say(before: Network, after: Network) -> None:
    for change in difference(before, after, ENDS):
        assert change.before is not change.after
        if change.port is not None:
            ends = (change.source, change.target, change.port, change.protocol)
            assert before.connection(*ends).allowed is change.before
            assert after.connection(*ends).allowed is change.after


@settings(max_examples=50, deadline=None)
@given(sets)
def test_a_set_does_not_differ_from_itself(asked: Network) -> None:
    assert list(difference(asked, asked, ENDS)) == []


def told(changes: list[Change]) -> list[tuple[str, str, int | None, str, bool | None, bool | None]]:
    def name(end: object) -> str:
        return "outside" if isinstance(end, Address) else end.name  # type: ignore[attr-defined]

    return [
        (name(c.source), name(c.target), c.port, c.protocol, c.before, c.after) for c in changes
    ]


def test_a_policy_that_is_added_closes_what_it_does_not_allow() -> None:
    after = network(
        "{podSelector: {matchLabels: {app: cart}},"
        " ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 7070}]}]}"
    )
    found = told(list(difference(network(""), after, [WORLD["web"], WORLD["cart"], WORLD["db"]])))
    assert ("db", "cart", 7070, "TCP", True, False) in found
    assert ("web", "cart", 9090, "TCP", True, False) in found
    assert ("outside", "cart", None, "TCP", True, False) in found
    assert not [one for one in found if one[:3] == ("web", "cart", 7070)]
    assert {one[1] for one in found} == {"cart"}


def test_a_policy_that_is_widened_opens() -> None:
    rule = "{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{{from: [{peer}]}}]}}"
    before = network(rule.format(peer="{podSelector: {matchLabels: {app: cart}}}"))
    after = network(rule.format(peer="{podSelector: {}}"))
    found = told(list(difference(before, after, [WORLD["web"], WORLD["cart"], WORLD["db"]])))
    assert ("web", "db", 5432, "TCP", False, True) in found
    assert {one[0] for one in found} == {"web", "db"}


def test_egress_to_the_outside_is_compared_too() -> None:
    after = network(
        "{podSelector: {matchLabels: {app: web}},"
        " egress: [{to: [{podSelector: {}}]}, {ports: [{port: 443}]}]}"
    )
    found = told(list(difference(network(""), after, [WORLD["web"]])))
    assert ("web", "outside", None, "TCP", True, False) in found
    assert not [one for one in found if one[2] == 443]


@pytest.mark.parametrize("end", [60000, 65535])
def test_the_port_that_stands_for_all_others_is_in_no_range(end: int) -> None:
    after = network(
        "{podSelector: {matchLabels: {app: db}},"
        f" ingress: [{{ports: [{{port: 1024, endPort: {end}}}]}}]}}"
    )
    found = told(list(difference(network(""), after, [WORLD["db"]])))
    assert ("outside", "db", None, "TCP", True, False) in found
