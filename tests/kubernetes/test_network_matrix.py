"""Many connections at once are the same as each alone; two sets of policies are compared by them."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.kubernetes.namespace import Place
from bot.kubernetes.network_change import difference
from bot.kubernetes.network_matrix import OUTSIDE, Matrix
from bot.kubernetes.network_parts import Address, ContainerPort, Workload, policy_of
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
        if change.port is None:
            continue
        for source in ENDS if change.target is OUTSIDE else (*ENDS, OUTSIDE):
            asked = (source, change.target, change.port, change.protocol)
            old, new = before.connection(*asked).allowed, after.connection(*asked).allowed
            assert (source in change.opened) is (old is False and new is True)
            assert (source in change.closed) is (old is True and new is False)
            assert (source in change.doubtful) is (old is not new and None in (old, new))


@settings(max_examples=100, deadline=None)
@given(sets, sets)
def test_a_difference_leaves_nothing_out(before: Network, after: Network) -> None:
    found = {
        (id(source), id(change.target), change.port, change.protocol)
        for change in difference(before, after, ENDS)
        for source in (*change.opened, *change.closed, *change.doubtful)
    }
    for source, target in itertools.product((*ENDS, OUTSIDE), ENDS):
        for port in target.ports or ():
            asked = (source, target, port.number, port.protocol)
            differs = before.connection(*asked).allowed is not after.connection(*asked).allowed
            key = (id(source), id(target), port.number, port.protocol)
            assert differs is (key in found)


@settings(max_examples=50, deadline=None)
@given(sets)
def test_a_set_does_not_differ_from_itself(asked: Network) -> None:
    assert list(difference(asked, asked, ENDS)) == []


Told = tuple[str, str, str, int | None, str]


def told(before: Network, after: Network, *names: str) -> set[Told]:
    """What opened and closed: verb, source, target, port, protocol."""

    def name(end: object) -> str:
        return "outside" if isinstance(end, Address) else end.name  # type: ignore[attr-defined]

    return {
        (verb, name(source), name(change.target), change.port, change.protocol)
        for change in difference(before, after, [WORLD[known] for known in names])
        for verb, sources in (("opened", change.opened), ("closed", change.closed))
        for source in sources
    }


def test_a_policy_that_is_added_closes_what_it_does_not_allow() -> None:
    after = network(
        "{podSelector: {matchLabels: {app: cart}},"
        " ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 7070}]}]}"
    )
    found = told(network(""), after, "web", "cart", "db")
    assert ("closed", "db", "cart", 7070, "TCP") in found
    assert ("closed", "web", "cart", 9090, "TCP") in found
    assert ("closed", "outside", "cart", None, "TCP") in found
    assert not [one for one in found if one[1:4] == ("web", "cart", 7070)]
    assert {one[2] for one in found} == {"cart"}


def test_a_policy_that_is_widened_opens() -> None:
    rule = "{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{{from: [{peer}]}}]}}"
    before = network(rule.format(peer="{podSelector: {matchLabels: {app: cart}}}"))
    after = network(rule.format(peer="{podSelector: {}}"))
    found = told(before, after, "web", "cart", "db")
    assert ("opened", "web", "db", 5432, "TCP") in found
    assert {one[1] for one in found} == {"web", "db"}


def test_egress_to_the_outside_is_compared_too() -> None:
    after = network(
        "{podSelector: {matchLabels: {app: web}},"
        " egress: [{to: [{podSelector: {}}]}, {ports: [{port: 443}]}]}"
    )
    found = told(network(""), after, "web")
    assert ("closed", "web", "outside", None, "TCP") in found
    assert not [one for one in found if one[3] == 443]


@pytest.mark.parametrize("end", [60000, 65535])
def test_the_port_that_stands_for_all_others_is_in_no_range(end: int) -> None:
    after = network(
        "{podSelector: {matchLabels: {app: db}},"
        f" ingress: [{{ports: [{{port: 1024, endPort: {end}}}]}}]}}"
    )
    found = told(network(""), after, "db")
    assert ("closed", "outside", "db", None, "TCP") in found
    assert not [one for one in found if one[3] == 5432]


def test_every_pair_of_many_workloads_is_compared() -> None:
    count = 200
    pods = [
        Workload(
            name=f"w{i}",
            place=Place("shop"),
            labels={"app": f"w{i}"},
            ports=(ContainerPort("http", 8080),),
        )
        for i in range(count)
    ]
    peer = "{{podSelector: {{matchLabels: {{app: w{0}}}}}}}"
    after = network(
        "\n---\n".join(
            f"{{podSelector: {{matchLabels: {{app: w{i}}}}}, policyTypes: [Ingress, Egress],"
            f" ingress: [{{from: [{peer.format((i + 1) % count)}], ports: [{{port: http}}]}}],"
            f" egress: [{{to: [{peer.format((i - 1) % count)}]}}]}}"
            for i in range(count)
        )
    )
    closed = sum(len(change.closed) for change in difference(network(""), after, pods))
    # of 8080: all but one client; of any other port, TCP and UDP: everybody; and the way outside
    assert closed == count * count + 2 * count * (count + 1) + 2 * count
