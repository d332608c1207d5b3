"""`/podsec policies`: from a comment to a follow-up pull request with NetworkPolicies."""

from __future__ import annotations

from tests.e2e.conftest import World
from tests.network.world import pair, service, workload

WEB = workload("web", env={"API_URL": "http://api:80/"})
API = workload("api", ports={"main": 9000}) + service("api", 80, 9000)


def test_policies_open_a_draft_of_their_own(world: World) -> None:
    shop = world.shop({"k8s/web.yaml": WEB})
    number = shop.open({"k8s/api.yaml": API})
    assert shop.say(number, "/podsec policies") == ["eyes", "rocket"]
    (pull,) = [one for one in shop.repository.pulls() if one["head"]["ref"].startswith("podsec/")]
    assert (pull["draft"], pull["base"]["ref"]) == (True, "feature")
    assert "web: 9000" in pull["body"]
    files = shop.repository.diff("feature", pull["head"]["ref"])
    assert "+++ b/k8s/api.networkpolicy.yaml" in files
    assert "+++ b/k8s/web" not in files


def test_where_too_little_is_seen_the_reason_is_the_reply(world: World) -> None:
    shop = world.shop({"k8s/web.yaml": WEB})
    number = shop.open({"k8s/ui.yaml": pair("ui", 8080)})
    assert shop.say(number, "/podsec policies") == ["eyes", "confused"]
    (reply,) = shop.replies(number)
    assert "Deployment ui" in reply
