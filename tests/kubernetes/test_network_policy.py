"""The semantics of NetworkPolicy, line by line, in cases written by hand.

Each line of a table is a sentence about policies (their `spec`, in namespace shop unless `in` says
otherwise), a question about the cluster of `network.py`, and the answer.
"""

from __future__ import annotations

import ipaddress

import pytest

from bot.kubernetes.namespace import Place
from bot.kubernetes.network_parts import Address, Direction
from bot.kubernetes.network_policy import Network, Verdict
from bot.kubernetes.selector import Answer
from tests.kubernetes.network import CART, UNPLACED, WEB, WORLD, network

VERDICTS: list[tuple[str, str, str, Direction, Verdict]] = [
    # a pod is isolated in a direction if a policy of its namespace selects it and has that type
    ("no policy at all", "", "web", "Ingress", "none"),
    ("one that selects it", "{podSelector: {matchLabels: {app: web}}}", "web", "Ingress", "covered"),
    ("one that selects others", "{podSelector: {matchLabels: {app: db}}}", "web", "Ingress", "none"),
    ("the same labels in another namespace", "{in: ops, podSelector: {}}", "web", "Ingress", "none"),
    ("its own namespace", "{in: ops, podSelector: {}}", "probe", "Ingress", "covered"),
    ("another direction", "{podSelector: {}, policyTypes: [Egress]}", "web", "Ingress", "none"),
    # policyTypes and their defaults
    ("without types: ingress", "{podSelector: {}}", "web", "Ingress", "covered"),
    ("without types and egress rules", "{podSelector: {}}", "web", "Egress", "none"),
    ("an empty egress does not isolate", "{podSelector: {}, egress: []}", "web", "Egress", "none"),
    ("an egress rule does", "{podSelector: {}, egress: [{ports: [{port: 53}]}]}", "web", "Egress", "covered"),
    ("an egress rule leaves ingress isolated", "{podSelector: {}, egress: [{ports: [{port: 53}]}]}", "web", "Ingress", "covered"),
    ("empty types are absent types", "{podSelector: {}, policyTypes: []}", "web", "Ingress", "covered"),
    ("types win over egress rules", "{podSelector: {}, policyTypes: [Ingress], egress: [{}]}", "web", "Egress", "none"),
    ("types win over ingress rules", "{podSelector: {}, policyTypes: [Egress], ingress: [{}]}", "web", "Ingress", "none"),
    ("both types", "{podSelector: {}, policyTypes: [Ingress, Egress]}", "web", "Egress", "covered"),
    # which pods
    ("an empty selector: all pods", "{podSelector: {}}", "db", "Ingress", "covered"),
    ("an absent selector: all pods", "{policyTypes: [Ingress]}", "db", "Ingress", "covered"),
    ("all pairs must match", "{podSelector: {matchLabels: {app: web, tier: back}}}", "web", "Ingress", "none"),
    ("In with its value", "{podSelector: {matchExpressions: [{key: app, operator: In, values: [web, api]}]}}", "web", "Ingress", "covered"),
    ("In with another value", "{podSelector: {matchExpressions: [{key: app, operator: In, values: [api]}]}}", "web", "Ingress", "none"),
    ("In needs the key", "{podSelector: {matchExpressions: [{key: zone, operator: In, values: [a]}]}}", "web", "Ingress", "none"),
    ("NotIn with its value", "{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [web]}]}}", "web", "Ingress", "none"),
    ("NotIn matches where the key is absent", "{podSelector: {matchExpressions: [{key: zone, operator: NotIn, values: [a]}]}}", "web", "Ingress", "covered"),
    ("DoesNotExist matches where it is absent", "{podSelector: {matchExpressions: [{key: zone, operator: DoesNotExist}]}}", "web", "Ingress", "covered"),
    ("DoesNotExist where it is there", "{podSelector: {matchExpressions: [{key: app, operator: DoesNotExist}]}}", "web", "Ingress", "none"),
    ("Exists", "{podSelector: {matchExpressions: [{key: tier, operator: Exists}]}}", "web", "Ingress", "covered"),
    ("Exists without the key", "{podSelector: {matchExpressions: [{key: tier, operator: Exists}]}}", "db", "Ingress", "none"),
    ("pairs and expressions: both must match", "{podSelector: {matchLabels: {app: web}, matchExpressions: [{key: tier, operator: In, values: [back]}]}}", "web", "Ingress", "none"),
    ("an operator that does not exist", "{podSelector: {matchExpressions: [{key: app, operator: Is, values: [web]}]}}", "web", "Ingress", "none"),
    ("In without values is invalid", "{podSelector: {matchExpressions: [{key: app, operator: In, values: []}]}}", "web", "Ingress", "none"),
    # verdicts
    ("no rule: everything is denied", "{podSelector: {}, ingress: []}", "web", "Ingress", "covered"),
    ("a rule with peers and ports", "{podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}]}", "web", "Ingress", "covered"),
    ("the empty rule opens", "{podSelector: {}, ingress: [{}]}", "web", "Ingress", "open"),
    ("an empty from with empty ports opens", "{podSelector: {}, ingress: [{from: [], ports: []}]}", "web", "Ingress", "open"),
    ("any peer on one port does not", "{podSelector: {}, ingress: [{ports: [{port: 8080}]}]}", "web", "Ingress", "covered"),
    ("all addresses on all ports open", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}", "web", "Ingress", "open"),
    ("all addresses but some do not", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]}", "web", "Ingress", "covered"),
    ("all pods of the cluster are not everybody", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}", "web", "Ingress", "covered"),
    ("one that opens undoes one that denies", "{podSelector: {}}\n---\n{podSelector: {}, ingress: [{}]}", "web", "Ingress", "open"),
    ("in whatever order", "{podSelector: {}, ingress: [{}]}\n---\n{podSelector: {}}", "web", "Ingress", "open"),
    ("the host network is undefined", "{podSelector: {}}", "agent", "Ingress", "unknown"),
    ("labels that a controller may add", "{podSelector: {matchLabels: {zone: a}}}", "shadow", "Ingress", "unknown"),
    # a namespace that is not written is decided elsewhere
    ("none is not the same as one that is written", "{in: shop, podSelector: {}}", "unplaced", "Ingress", "none"),
    ("none in the same folder", "{in: null, podSelector: {}}", "unplaced", "Ingress", "covered"),
    ("none in a folder below", "{in: null, folder: deploy/policies, podSelector: {}}", "unplaced", "Ingress", "covered"),
    ("none in a folder above", "{in: null, folder: '', podSelector: {}}", "unplaced", "Ingress", "covered"),
    ("none in another tree, for everybody", "{in: null, folder: other, podSelector: {}}", "unplaced", "Ingress", "none"),
    ("none in another tree, for such labels", "{in: null, folder: other, podSelector: {matchLabels: {app: web}}}", "unplaced", "Ingress", "unknown"),
    ("one without, for a workload with one", "{in: null, podSelector: {}}", "web", "Ingress", "none"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "name", "direction", "verdict"),
    [case[1:] for case in VERDICTS],
    ids=[case[0] for case in VERDICTS],
)
def test_the_verdict_on_a_workload(
    text: str, name: str, direction: Direction, verdict: Verdict
) -> None:
    assert network(text).verdict(WORLD[name], direction) == verdict


INGRESS = "{{podSelector: {{matchLabels: {{app: cart}}}}, ingress: [{rule}]}}"
EGRESS = "{{podSelector: {{matchLabels: {{app: web}}}}, policyTypes: [Egress], egress: [{rule}]}}"

# to cart from web, probe and guest on TCP 7070 unless the port says otherwise
PEERS: list[tuple[str, str, str, Answer]] = [
    ("no peers: any pod", "{}", "web", True),
    ("no peers: any pod of any namespace", "{}", "guest", True),
    ("pods of its own namespace", "{from: [{podSelector: {matchLabels: {app: web}}}]}", "web", True),
    ("by label", "{from: [{podSelector: {matchLabels: {app: db}}}]}", "web", False),
    ("a podSelector alone stays at home", "{from: [{podSelector: {matchLabels: {app: web}}}]}", "guest", False),
    ("an empty podSelector too", "{from: [{podSelector: {}}]}", "probe", False),
    ("an empty podSelector: all at home", "{from: [{podSelector: {}}]}", "db", True),
    ("an empty namespaceSelector: all pods", "{from: [{namespaceSelector: {}}]}", "guest", True),
    ("a namespace by the name that every one has", "{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: guests}}}]}", "guest", True),
    ("another name", "{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}}]}", "guest", False),
    ("by name in an expression", "{from: [{namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [guests]}]}}]}", "guest", False),
    ("a label that its manifest shows", "{from: [{namespaceSelector: {matchLabels: {team: ops}}}]}", "probe", True),
    ("a label that its manifest does not show", "{from: [{namespaceSelector: {matchLabels: {team: sales}}}]}", "probe", False),
    ("a label of a namespace not in view", "{from: [{namespaceSelector: {matchLabels: {team: ops}}}]}", "guest", None),
    ("no label of a namespace not in view", "{from: [{namespaceSelector: {matchExpressions: [{key: team, operator: DoesNotExist}]}}]}", "guest", None),
    ("both in one item: and", "{from: [{namespaceSelector: {matchLabels: {team: ops}}, podSelector: {matchLabels: {app: web}}}]}", "probe", False),
    ("both in one item: and, met", "{from: [{namespaceSelector: {matchLabels: {team: ops}}, podSelector: {matchLabels: {app: probe}}}]}", "probe", True),
    ("two items: or", "{from: [{namespaceSelector: {matchLabels: {team: ops}}}, {podSelector: {matchLabels: {app: web}}}]}", "probe", True),
    ("two items: or, the other", "{from: [{namespaceSelector: {matchLabels: {team: ops}}}, {podSelector: {matchLabels: {app: web}}}]}", "web", True),
    ("unsure namespace, wrong pod: no", "{from: [{namespaceSelector: {matchLabels: {team: ops}}, podSelector: {matchLabels: {app: db}}}]}", "guest", False),
    ("a public block is no pod", "{from: [{ipBlock: {cidr: 203.0.113.0/24}}]}", "web", False),
    ("a private block may be one", "{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}", "web", None),
    ("the world without private blocks is no pod", "{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10]}}]}", "web", False),
    ("a block and a selector in one item are invalid", "{from: [{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]}", "web", False),
    ("an item that says nothing is invalid", "{from: [{}]}", "web", False),
    ("pods on the host network are their node", "{from: [{podSelector: {}}]}", "agent", False),
    ("and come in where anybody may", "{ports: [{port: 7070}]}", "agent", True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "source", "answer"), [case[1:] for case in PEERS], ids=[case[0] for case in PEERS]
)
def test_peers_of_an_ingress_rule(rule: str, source: str, answer: Answer) -> None:
    asked = network(INGRESS.format(rule=rule)).connection(WORLD[source], CART, 7070)
    assert asked.allowed is answer


PORTS: list[tuple[str, str, int, str, Answer]] = [
    ("no ports: all", "{}", 1, "UDP", True),
    ("an empty list of ports: all", "{ports: []}", 1, "SCTP", True),
    ("a number", "{ports: [{port: 7070}]}", 7070, "TCP", True),
    ("another number", "{ports: [{port: 7070}]}", 7071, "TCP", False),
    ("the protocol is TCP by default", "{ports: [{port: 7071}]}", 7071, "UDP", False),
    ("the protocol counts", "{ports: [{port: 7071, protocol: UDP}]}", 7071, "UDP", True),
    ("a protocol alone: all its ports", "{ports: [{protocol: UDP}]}", 9, "UDP", True),
    ("a protocol alone: none of others", "{ports: [{protocol: UDP}]}", 9, "TCP", False),
    ("a name is the target's", "{ports: [{port: grpc}]}", 7070, "TCP", True),
    ("a name of another port", "{ports: [{port: metrics}]}", 7070, "TCP", False),
    ("a name that the target lacks", "{ports: [{port: http}]}", 8080, "TCP", False),
    ("a name goes with its protocol", "{ports: [{port: gossip}]}", 7071, "TCP", False),
    ("a name with its own protocol", "{ports: [{port: gossip, protocol: UDP}]}", 7071, "UDP", True),
    ("a range: its first", "{ports: [{port: 7000, endPort: 7070}]}", 7000, "TCP", True),
    ("a range: its last", "{ports: [{port: 7000, endPort: 7070}]}", 7070, "TCP", True),
    ("a range: beyond", "{ports: [{port: 7000, endPort: 7070}]}", 7071, "TCP", False),
    ("a range that runs backwards", "{ports: [{port: 7070, endPort: 7000}]}", 7070, "TCP", False),
    ("a range that begins with a name", "{ports: [{port: grpc, endPort: 8000}]}", 7070, "TCP", False),
    ("one of several", "{ports: [{port: 1}, {port: 7070}]}", 7070, "TCP", True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "port", "protocol", "answer"),
    [case[1:] for case in PORTS],
    ids=[case[0] for case in PORTS],
)
def test_ports_of_an_ingress_rule(rule: str, port: int, protocol: str, answer: Answer) -> None:
    asked = network(INGRESS.format(rule=rule)).connection(WEB, CART, port, protocol)
    assert asked.allowed is answer


TOGETHER: list[tuple[str, str, tuple[str, str, int], Answer]] = [
    ("nothing is isolated", "", ("web", "cart", 7070), True),
    ("the target denies", "{podSelector: {matchLabels: {app: cart}}}", ("web", "cart", 7070), False),
    ("the source denies", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]}", ("web", "cart", 7070), False),
    ("a policy on the source says nothing of what comes to it", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]}", ("cart", "web", 8080), True),
    ("both must allow: the target does not", EGRESS.format(rule="{}") + "\n---\n{podSelector: {matchLabels: {app: cart}}}", ("web", "cart", 7070), False),
    ("both must allow: the source does not", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]}\n---\n" + INGRESS.format(rule="{}"), ("web", "cart", 7070), False),
    ("both allow", EGRESS.format(rule="{to: [{podSelector: {matchLabels: {app: cart}}}]}") + "\n---\n" + INGRESS.format(rule="{}"), ("web", "cart", 7070), True),
    ("policies add up", "{podSelector: {}}\n---\n" + INGRESS.format(rule="{from: [{podSelector: {matchLabels: {app: web}}}]}"), ("web", "cart", 7070), True),
    ("peers of one and ports of another do not", INGRESS.format(rule="{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 1}]}") + "\n---\n" + INGRESS.format(rule="{from: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: 7070}]}"), ("web", "cart", 7070), False),
    ("a named port of an egress rule is the target's", EGRESS.format(rule="{ports: [{port: metrics}]}"), ("web", "cart", 9090), True),
    ("and differs between targets", EGRESS.format(rule="{ports: [{port: metrics}]}"), ("web", "db", 9090), False),
    ("as each target has it", EGRESS.format(rule="{ports: [{port: metrics}]}"), ("web", "db", 9187), True),
    ("egress to another namespace needs its selector", EGRESS.format(rule="{to: [{podSelector: {}}]}"), ("web", "probe", 80), False),
    ("egress to a namespace by name", EGRESS.format(rule="{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}}]}"), ("web", "probe", 80), True),
    ("a target on the host network is not isolated by what does not select it", "{podSelector: {matchLabels: {app: db}}}", ("cart", "agent", 80), True),
    ("one that selects it may be ignored", "{podSelector: {matchLabels: {app: web}}}", ("cart", "agent", 80), None),
    ("a policy that may select denies perhaps", "{podSelector: {matchLabels: {zone: a}}}", ("cart", "shadow", 80), None),
    ("a policy that may select and allows is no doubt", "{podSelector: {matchLabels: {zone: a}}, ingress: [{}]}", ("cart", "shadow", 80), True),
    ("what one that may select allows is a perhaps", "{podSelector: {}}\n---\n{podSelector: {matchLabels: {zone: a}}, ingress: [{}]}", ("cart", "shadow", 80), None),
    ("replicas of one workload are under its policies too", "{podSelector: {matchLabels: {app: db}}}", ("db", "db", 5432), False),
    ("and reach each other if it says so", "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: db}}}]}]}", ("db", "db", 5432), True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "asked", "answer"),
    [case[1:] for case in TOGETHER],
    ids=[case[0] for case in TOGETHER],
)
def test_both_ends_of_a_connection(text: str, asked: tuple[str, str, int], answer: Answer) -> None:
    source, target, port = asked
    assert network(text).connection(WORLD[source], WORLD[target], port).allowed is answer


ADDRESSES: list[tuple[str, str, str | None, Answer]] = [
    ("no peers: from outside too", "{}", "198.51.100.7", True),
    ("all pods of all namespaces: not from outside", "{from: [{namespaceSelector: {}}]}", "198.51.100.7", False),
    ("in the block", "{from: [{ipBlock: {cidr: 198.51.100.0/24}}]}", "198.51.100.7", True),
    ("beside the block", "{from: [{ipBlock: {cidr: 198.51.100.0/24}}]}", "198.51.101.7", False),
    ("in what is excepted", "{from: [{ipBlock: {cidr: 198.51.0.0/16, except: [198.51.100.0/24]}}]}", "198.51.100.7", False),
    ("excepted here and allowed there", "{from: [{ipBlock: {cidr: 198.51.0.0/16, except: [198.51.100.0/24]}}, {ipBlock: {cidr: 198.51.100.7/32}}]}", "198.51.100.7", True),
    ("the other family", "{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}", "2001:db8::7", False),
    ("IPv6", "{from: [{ipBlock: {cidr: '2001:db8::/32'}}]}", "2001:db8::7", True),
    ("anybody, where anybody may", "{ports: [{port: 7070}]}", None, True),
    ("anybody, where some may", "{from: [{ipBlock: {cidr: 198.51.100.0/24}}]}", None, None),
    ("anybody, where only pods may", "{from: [{podSelector: {}}]}", None, False),
    ("a block that is none", "{from: [{ipBlock: {cidr: 198.51.100.300/24}}]}", "198.51.100.7", False),
    ("an exception that is none", "{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [x]}}]}", "198.51.100.7", False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "ip", "answer"),
    [case[1:] for case in ADDRESSES],
    ids=[case[0] for case in ADDRESSES],
)
def test_addresses_outside_the_cluster(rule: str, ip: str | None, answer: Answer) -> None:
    source = Address(ip=ipaddress.ip_address(ip) if ip else None)
    assert network(INGRESS.format(rule=rule)).connection(source, CART, 7070).allowed is answer


def test_a_named_port_is_nothing_to_an_address() -> None:
    asked = network(EGRESS.format(rule="{ports: [{port: https}]}"))
    assert asked.connection(WEB, Address(), 443).allowed is False


def test_policies_of_other_kinds_leave_the_verdict_unknown() -> None:
    here = network("{podSelector: {}}", foreign=[Place("shop")])
    assert here.verdict(WEB, "Ingress") == "unknown"
    assert here.connection(WORLD["probe"], WEB, 8080).allowed is None
    assert here.verdict(WORLD["probe"], "Ingress") == "none"
    everywhere = network("", foreign=[None])
    assert everywhere.verdict(WORLD["probe"], "Egress") == "unknown"


def test_policies_of_other_kinds_without_a_namespace_speak_of_their_tree() -> None:
    near = network("", foreign=[Place(None, "deploy/cilium")])
    far = network("", foreign=[Place(None, "other")])
    assert near.verdict(UNPLACED, "Ingress") == "unknown"
    assert far.verdict(UNPLACED, "Ingress") == "none"
    assert far.verdict(WEB, "Ingress") == "none"


def test_a_connection_names_the_policies_of_either_side() -> None:
    text = """
{name: deny, podSelector: {}}
---
{name: allow, podSelector: {matchLabels: {app: cart}}, ingress: [{from: [{podSelector: {}}]}]}
"""
    ingress = network(text).connection(WEB, CART, 7070).ingress
    assert ingress.policies == ("deny", "allow")
    assert ingress.allowing == ("allow",)
    assert ingress.isolated is True


def test_the_policy_of_the_article_cuts_the_names_of_its_own_pods() -> None:
    text = """
    in: shop
    podSelector: {matchLabels: {app: web}}
    policyTypes: [Ingress, Egress]
    ingress: [{from: [{podSelector: {matchLabels: {app: cart}}}]}]
    egress: [{to: [{podSelector: {matchLabels: {app: cart}}}]}]
    """
    article: Network = network(text)
    assert article.connection(WEB, CART, 7070).allowed is True
    assert article.connection(CART, WEB, 8080).allowed is True
    assert article.connection(WEB, WORLD["probe"], 53, "UDP").allowed is False
