"""Google's microservices-demo: what podsec infers beside the policies that its authors wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.kubernetes.namespace import Place
from bot.kubernetes.network_change import difference
from bot.kubernetes.network_grants import Planned
from bot.kubernetes.network_parts import Workload, policy_of
from bot.kubernetes.network_policy import Network
from tests.network.world import corpus, manifests, planned

_HOME = "GoogleCloudPlatform_microservices-demo/kustomize"


@pytest.fixture(scope="module")
def ours(shared: Path) -> Planned:
    return planned(corpus(shared, f"{_HOME}/base"))


@pytest.fixture(scope="module")
def theirs(shared: Path) -> Network:
    """The project's own policies, all of which go where the workloads go."""
    found = manifests(corpus(shared, f"{_HOME}/components/network-policies"))
    return Network(policy_of(one.data, Place(None)) for one in found if one.kind == "NetworkPolicy")


def _grants(network: Network, workloads: list[Workload]) -> set[tuple[str, str, int]]:
    """Which workload reaches which declared port of which other."""
    return {
        (source.name, target.name, port.number)
        for target in workloads
        for port in target.ports or ()
        for source in workloads
        if source is not target and target.name != "frontend"
        if network.connection(source, target, port.number).allowed
    }


def test_all_grants_of_the_project_are_inferred(ours: Planned, theirs: Network) -> None:
    workloads = [actor.workload for actor in ours.survey.inferred.actors]
    wanted = _grants(theirs, workloads) | {("loadgenerator", "frontend", 8080)}
    inferred = {
        (edge.source.name, edge.target.name, edge.endpoint.port)
        for edge in ours.survey.inferred.edges
    }
    assert len(wanted) == 16
    assert inferred == wanted
    assert _grants(ours.after, workloads) == wanted - {("loadgenerator", "frontend", 8080)}


def test_the_only_difference_is_that_the_frontend_is_open_on_its_port_alone(
    ours: Planned, theirs: Network
) -> None:
    workloads = [actor.workload for actor in ours.survey.inferred.actors]
    assert (len(ours.drafts), ours.declined, ours.cut) == (12, (), ())
    changes = list(difference(theirs, ours.after, workloads))
    assert all(not change.opened and not change.doubtful for change in changes)
    closed = {
        (change.target.name if isinstance(change.target, Workload) else "outside", change.port)
        for change in changes
        if change.closed
    }
    assert closed == {("frontend", None)}
