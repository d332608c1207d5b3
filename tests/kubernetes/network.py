"""A small cluster for the tests of network policies, and policies written as in manifests."""

from __future__ import annotations

from typing import Any

import yaml

from bot.kubernetes.namespace import Namespaces, Place
from bot.kubernetes.network_parts import ContainerPort, Policy, Workload, policy_of
from bot.kubernetes.network_policy import Network
from bot.kubernetes.selector import ALL_KEYS

WEB = Workload(
    name="web",
    place=Place("shop"),
    labels={"app": "web", "tier": "front", "version": "v2"},
    ports=(ContainerPort("http", 8080),),
)
CART = Workload(
    name="cart",
    place=Place("shop"),
    labels={"app": "cart", "tier": "back"},
    ports=(
        ContainerPort("grpc", 7070),
        ContainerPort("metrics", 9090),
        ContainerPort("gossip", 7071, "UDP"),
    ),
)
DB = Workload(
    name="db",
    place=Place("shop"),
    labels={"app": "db"},
    ports=(ContainerPort("sql", 5432), ContainerPort("metrics", 9187)),
)
PROBE = Workload(name="probe", place=Place("ops"), labels={"app": "probe"})
GUEST = Workload(name="guest", place=Place("guests"), labels={"app": "web"})
AGENT = Workload(name="agent", place=Place("shop"), labels={"app": "web"}, host_network=True)
SHADOW = Workload(name="shadow", place=Place("shop"), labels={"app": "web"}, unsure=ALL_KEYS)
UNPLACED = Workload(name="unplaced", place=Place(None, "deploy"), labels={"app": "web"})

WORLD = {w.name: w for w in (WEB, CART, DB, PROBE, GUEST, AGENT, SHADOW, UNPLACED)}
NAMESPACES = Namespaces({"shop": {"team": "store"}, "ops": {"team": "ops", "env": "prod"}})


def policies(text: str) -> tuple[Policy, ...]:
    """Policies from YAML: each `{name, in, spec...}`; `in` is the namespace, "shop" if absent."""
    listed = [data for data in yaml.load_all(text, Loader=yaml.CSafeLoader) if data is not None]
    return tuple(_policy(data, number) for number, data in enumerate(listed))


def _policy(data: dict[str, Any], number: int) -> Policy:
    namespace = data.pop("in", "shop")
    folder = data.pop("folder", "deploy")
    name = data.pop("name", f"policy-{number}")
    return policy_of({"metadata": {"name": name}, "spec": data}, Place(namespace, folder))


def network(text: str, **more: Any) -> Network:
    return Network(policies(text), NAMESPACES, **more)
