"""For random applications: what is inferred is let through, and nothing else is."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.kubernetes.network_grants import Planned
from bot.kubernetes.network_parts import Address
from tests.network.applications import App, applications, text_of
from tests.network.world import planned


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(apps=applications(), egress=st.sampled_from(("open", "restrict")))
def test_no_policy_blocks_an_edge_and_all_else_is_blocked(
    apps: tuple[App, ...], egress: str
) -> None:
    plan = planned(text_of(apps), egress=egress)
    truth = {(app.name, other) for app in apps for other, _ in app.calls}
    inferred = {(edge.source.name, edge.target.name) for edge in plan.survey.inferred.edges}
    assert inferred - {(app.name, app.name) for app in apps} == truth
    called = {other for _, other in truth}
    drafted = {draft.actor.name for draft in plan.drafts}
    for source in apps:
        for target in apps:
            if source is not target:
                _check(plan, source, target, truth, called, drafted, egress)


def _check(
    plan: Planned,
    source: App,
    target: App,
    truth: set[tuple[str, str]],
    called: set[str],
    drafted: set[str],
    egress: str,
) -> None:
    """One pair: whether each side allows what it should, and no more."""
    ends = {actor.name: actor.workload for actor in plan.survey.inferred.actors}
    found = plan.after.connection(ends[source.name], ends[target.name], target.port)
    near = source.namespace == target.namespace
    if (source.name, target.name) in truth:
        assert found.allowed is True
    elif target.name in drafted:
        # what nobody is seen to use is for its namespace
        assert found.ingress.allowed is (near and target.name not in called)
    if target.name in drafted:
        other = plan.after.connection(ends[source.name], ends[target.name], target.port + 1)
        assert other.ingress.allowed is False
        outside = plan.after.connection(Address(), ends[target.name], target.port)
        assert outside.ingress.allowed is False
    if egress == "restrict" and source.name in drafted and (source.name, target.name) not in truth:
        hidden = near and target.name in drafted and target.name not in called
        assert found.egress.allowed is hidden
