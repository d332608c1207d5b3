"""What a change does to who may talk to whom: told once, where it is certain."""

from __future__ import annotations

from datetime import date

import pytest

from bot.config import DEFAULT
from bot.model.change import ChangedFile, ChangeSet, Hunk
from bot.model.network_review import NetworkReview
from bot.rule.load import load_rules
from bot.workflows.check_path import Asked
from bot.workflows.review_network import network_review
from tests.network.world import pair, service, workload

ASKED = Asked(rules=load_rules(), config=DEFAULT, today=date(2026, 11, 25))
API = workload("api", ports={"main": 9000})
FRONT = service("api", 80, 9000)
WEB = workload("web", env={"API_URL": "http://api:80/"})
ALLOWS = """---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api}
spec: {podSelector: {matchLabels: {app: api}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 9000}]}]}
"""
DENIES = ALLOWS.partition(", ingress")[0] + "}\n"
BOTH = API + FRONT + WEB


def review(before: str | None, after: str | None, rest: str = "") -> NetworkReview:
    """A change of one file, beside another that stays."""
    new, old = (text.encode() if text is not None else None for text in (after, before))
    lines = frozenset(range(1, (new or b"").count(b"\n") + 2))
    hunk = Hunk(start=1, end=len(lines), added=lines)
    changed = ChangedFile(
        path="k8s/app.yaml",
        status="modified" if before is not None else "added",
        data=new,
        base_data=old,
        hunks=(hunk,),
    )
    stays = rest.encode()
    other = ChangedFile(
        path="k8s/rest.yaml", status="unchanged", data=stays, base_data=stays, hunks=()
    )
    return network_review(ChangeSet(files=(changed, other) if rest else (changed,)), ASKED)


def told(found: NetworkReview) -> set[str]:
    return {f"{one.kind} {one.source}>{one.target}:{one.port}" for one in found.news}


def test_a_workload_that_comes_without_a_policy_is_told_its_clients() -> None:
    found = review(None, API + FRONT, WEB)
    (remark,) = found.remarks
    assert (remark.kind, remark.name, remark.path, remark.line) == (
        "Deployment",
        "api",
        "k8s/app.yaml",
        4,
    )
    (client,) = remark.clients
    assert (client.name, client.port) == ("web", "9000/TCP")
    assert client.evidence == "env API_URL, k8s/rest.yaml:9"
    assert not review(BOTH, BOTH + "# more\n").remarks


def test_a_workload_of_which_too_little_is_seen_is_told_why() -> None:
    (remark,) = review(None, pair("ui", 8080), BOTH).remarks
    assert remark.clients == ()
    assert "looks like one for people" in remark.declined


@pytest.mark.parametrize(
    "text",
    [
        API + FRONT + ALLOWS,
        API.replace(
            "metadata: {name: api}",
            "metadata: {name: api, annotations: {podsec.dev/ignore.unrestricted-network: it is meant so}}",
        )
        + FRONT,
    ],
)
def test_a_workload_with_a_policy_or_with_leave_is_not_spoken_of(text: str) -> None:
    assert not review(None, text, WEB).remarks


def test_a_policy_that_cuts_an_inferred_edge_is_told() -> None:
    assert told(review(ALLOWS, DENIES, BOTH)) == {"cut web>api:9000/TCP"}
    (news,) = review(ALLOWS, DENIES, BOTH).news
    assert "env API_URL" in news.reason
    assert "blocked by api" in news.reason
    assert not review(DENIES, DENIES + "# more\n", BOTH).news


def test_a_new_policy_that_cuts_an_edge_is_told_and_one_that_does_not_is_silent() -> None:
    assert told(review(None, DENIES, BOTH)) == {"cut web>api:9000/TCP"}
    assert told(review(None, ALLOWS, BOTH)) == set()


def test_a_service_that_leads_to_another_port_than_the_policy_lets_in_is_told() -> None:
    moved = service("api", 80, 9001)
    assert told(review(FRONT, moved, API + WEB + ALLOWS)) == {"cut web>api:9001/TCP"}
    assert told(review(FRONT, moved, API + WEB)) == set()


@pytest.mark.parametrize(
    "now", ["", service("api", 8080, 9000), service("backend", 80, 9000, app="api")]
)
def test_a_service_that_no_longer_leads_where_a_client_asks_is_told(now: str) -> None:
    assert told(review(FRONT, now, API + WEB)) == {"lost web>api:9000/TCP"}


def test_a_client_that_stops_asking_loses_nothing() -> None:
    assert told(review(WEB, workload("web"), API + FRONT)) == set()


def test_a_port_that_was_closed_and_is_open_is_told_unless_somebody_is_seen_to_need_it() -> None:
    wide = ALLOWS.replace("from: [{podSelector: {matchLabels: {app: web}}}], ", "")
    assert told(review(ALLOWS, wide, BOTH)) == {"opened the outside of the cluster>api:9000/TCP"}
    job = workload("job", env={"API_URL": "http://api:80/"})
    both = ALLOWS.replace("app: web}}}", "app: web}}}, {podSelector: {matchLabels: {app: job}}}")
    assert told(review(ALLOWS, both, BOTH + job)) == set()
    assert told(review(ALLOWS, both, BOTH + workload("job"))) == {"opened job>api:9000/TCP"}
    assert "opened the outside of the cluster>api:other ports/TCP" in told(review(ALLOWS, "", BOTH))
