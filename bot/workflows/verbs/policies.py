"""`policies`: NetworkPolicies for the workloads of a pull request, as a follow-up."""

from __future__ import annotations

from bot.workflows.propose_policies import propose_policies
from bot.workflows.verbs.verb import Asking, Verb


def _policies(asking: Asking) -> None:
    asking.demand_nothing_more(f"usage: `{POLICIES.usage}`")
    propose_policies(asking.job, asking.forge, asking.operator, asking.author)


POLICIES = Verb(
    name="policies",
    usage="/podsec policies",
    does="open a follow-up pull request with NetworkPolicies for the workloads of this one",
    writers_only=True,
    run=_policies,
)
