"""Sweeps of whole repositories: what they propose, what they leave alone, and what that costs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.adapters.git import Clones
from bot.adapters.github import GitHubForges, Limiter, Limits
from bot.adapters.records import RecordTable
from bot.errors import Edited
from bot.model.delivery import RepositoryRef
from bot.rule.load import load_rules
from bot.sandbox import Sandbox, SandboxRepository
from bot.workflows.review_images import ImageScans
from bot.workflows.sweep_repository import Errand, Sweeper, Swept, sweep_repository
from tests.e2e.conftest import README, SECRET, Contract

TODAY = datetime.now(UTC).date()
TOMORROW = TODAY + timedelta(days=1)
FIRST = [
    "POST /graphql",
    "GET /issues",
    "POST /git/trees",
    "POST /git/commits",
    "POST /graphql",
    "POST /pulls",
    "POST /pulls/1/requested_reviewers",
    "PATCH /issues/1",
    "POST /git/trees",
    "POST /git/commits",
    "POST /graphql",
    "POST /pulls",
    "POST /pulls/2/requested_reviewers",
    "PATCH /issues/2",
]
LIMITS = "sweep: {maxOpen: 9, maxNewPerDay: 9}\n"
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec:
  selector: {app: api}
  ports: [{port: 8080}]
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: {name}-ns
spec:
  selector:
    matchLabels: {{app: {name}}}
  template:
    metadata:
      labels: {{app: {name}}}
    spec:
      containers:
      - name: app
        image: nginx:1.25
        securityContext:
          privileged: true
"""


@dataclass
class Field:
    """GitHub, and everything that sweeps need but the job engine."""

    sandbox: Sandbox
    forges: GitHubForges
    sweeper: Sweeper
    names: Iterator[int] = field(default_factory=lambda: iter(range(1, 1000)))

    def repository(self, files: dict[str, str | bytes]) -> SandboxRepository:
        made = self.sandbox.create_repository(f"acme/land-{next(self.names)}", {**README, **files})
        made.set_permission("octo-dev", "write")
        return made

    def sweep(self, home: SandboxRepository, day: date = TODAY, **more: bool) -> Swept:
        ref = RepositoryRef(id=home.id, full_name=home.full_name, installation=77)
        with self.forges.open(ref) as forge:
            errand = Errand(repository=ref, today=day, **more)
            return sweep_repository(errand, forge.own(), self.sweeper)

    def calls(self) -> list[str]:
        found = [f"{m} {re.sub(r'[?].*', '', path)}" for m, path, _ in self.sandbox.requests]
        self.sandbox.requests.clear()
        short = (re.sub(r"/repos/acme/[^/]+", "", call) for call in found)
        return [call for call in short if "/app" not in call]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Iterator[Field]:
    folder = tmp_path_factory.mktemp("sweeps")
    sandbox = Sandbox(folder / "github", webhook_secret=SECRET, webhook_url=None)
    contract = Contract(shared)
    contract.watch(sandbox)
    with sandbox.running() as url:
        forges = GitHubForges(
            1,
            sandbox.private_key_pem,
            url,
            pause=0,
            limiter=Limiter(Limits(minute=9999, hour=9999)),
        )
        records = RecordTable(f"sqlite:///{folder / 'podsec.db'}")
        sweeper = Sweeper(
            clones=Clones(folder / "clones", url, forges.token),
            records=records,
            rules=load_rules(),
            stamp="as of the test",
            scans=ImageScans(scanning=None, web_url=url),
        )
        yield Field(sandbox, forges, sweeper)
        records.close()
    contract.check_webhooks(sandbox)
    assert contract.violations == []


@pytest.fixture
def land(played: Field) -> Iterator[Field]:
    played.sandbox.requests.clear()
    yield played
    played.sandbox.forgive()


def one(home: SandboxRepository, kind: str, state: str = "open") -> dict[str, object]:
    (found,) = [
        p
        for p in home.pulls()
        if p["head"]["ref"].startswith(f"podsec/fix/sweep-{kind}-") and p["state"] == state
    ]
    return found


def test_a_repository_without_a_config_is_asked_first_and_its_answer_holds(land: Field) -> None:
    home = land.repository({"deploy/shop.yaml": DEPLOYMENT.format(name="shop")})
    assert land.sweep(home).state == "not set up"
    (pull,) = home.pulls()
    assert (pull["title"], pull["draft"]) == ("Set up podsec", False)
    assert "safe fix" in pull["body"]
    assert "maxOpen: 3" in (home.read("podsec/fix/onboarding", ".podsec.yaml") or b"").decode()
    assert land.sweep(home).state == "unchanged"
    home.close(pull["number"])
    assert "closed unmerged" in land.sweep(home, forced=True).lines[0]
    assert len(home.pulls()) == 1


def test_what_is_merged_from_the_first_pull_request_lets_the_first_sweep_begin(
    land: Field,
) -> None:
    home = land.repository({"deploy/shop.yaml": DEPLOYMENT.format(name="shop")})
    land.sweep(home)
    home.merge(1)
    assert land.sweep(home).state == "swept"
    assert one(home, "safe")["draft"] is False


def test_each_risk_is_apart_and_limits_are_kept_and_said(land: Field) -> None:
    home = land.repository(
        {
            ".podsec.yaml": "sweep: {maxOpen: 2, maxNewPerDay: 1, dashboard: true}\n",
            "a/shop.yaml": DEPLOYMENT.format(name="shop"),
            "b/cart.yaml": DEPLOYMENT.format(name="cart"),
        }
    )
    assert land.sweep(home).state == "swept"
    assert len(home.pulls()) == 1
    assert "1 may be opened in a day" in home.issues()[0]["body"]
    assert land.sweep(home).state == "unchanged"
    assert land.sweep(home, TOMORROW).state == "swept"
    assert [p["head"]["ref"].split("-")[1] for p in home.pulls()] == ["safe", "safe"]
    assert "2 of podsec's pull requests may be open at once" in home.issues()[0]["body"]
    assert land.sweep(home, TOMORROW).state == "unchanged"


def test_a_group_is_one_commit_that_says_what_restarts_and_wears_what_is_asked(
    land: Field,
) -> None:
    wears = "labels: [security], assignees: [octo-dev], reviewers: [octo-dev, acme/platform]"
    home = land.repository(
        {
            ".podsec.yaml": f"sweep: {{maxOpen: 9, maxNewPerDay: 9, kinds: [safe, test-first], {wears}}}\n",
            "a/shop.yaml": DEPLOYMENT.format(name="shop"),
        }
    )
    land.sweep(home)
    pull = one(home, "safe")
    assert [label["name"] for label in pull["labels"]] == ["security"]
    assert [person["login"] for person in pull["assignees"]] == ["octo-dev"]
    assert [person["login"] for person in pull["requested_reviewers"]] == ["octo-dev"]
    assert [team["slug"] for team in pull["requested_teams"]] == ["platform"]
    assert "**Merging changes 1 workload** (1 Deployment)" in pull["body"]
    assert home.message(pull["head"]["ref"]).startswith("Harden a: ")
    draft = one(home, "test-first")
    assert draft["draft"]
    assert "- [ ] Deploy this branch to a test namespace" in draft["body"]
    assert land.calls() == FIRST
    assert land.sweep(home).state == "unchanged"
    assert land.calls() == ["POST /graphql"]


def test_a_push_to_the_base_rebuilds_what_it_touches_and_closes_what_it_mends(
    land: Field,
) -> None:
    home = land.repository(
        {
            ".podsec.yaml": LIMITS,
            "a/shop.yaml": DEPLOYMENT.format(name="shop"),
            "b/cart.yaml": DEPLOYMENT.format(name="cart"),
        }
    )
    land.sweep(home)
    before = home.branches()
    (a,) = [ref for ref in before if "safe-a-" in ref]
    (b,) = [ref for ref in before if "safe-b-" in ref]
    home.commit("main", {"a/shop.yaml": "# shop\n" + DEPLOYMENT.format(name="shop")}, "Say more")
    home.commit("main", {"b/cart.yaml": None}, "Cart is gone")
    land.sweep(home)
    after = home.branches()
    assert after[a] != before[a]
    assert (home.read(a, "a/shop.yaml") or b"").startswith(b"# shop\n")
    assert b not in after
    (gone,) = [p for p in home.pulls() if p["head"]["ref"] == b]
    assert gone["state"] == "closed"
    assert "needs none of these fixes any more" in home.comments(gone["number"])[0]["body"]
    home.commit("main", {"b/cart.yaml": DEPLOYMENT.format(name="cart")}, "Cart is back")
    land.sweep(home)
    assert b in home.branches(), "closing by podsec itself is nobody's refusal"


def test_what_others_pushed_stays_until_the_box_is_ticked(land: Field) -> None:
    home = land.repository({".podsec.yaml": LIMITS, "a/shop.yaml": DEPLOYMENT.format(name="shop")})
    land.sweep(home)
    pull = one(home, "safe")
    branch, number = pull["head"]["ref"], pull["number"]
    home.commit(branch, {"a/notes.txt": "mine\n"}, "A commit of a person")
    home.commit("main", {"a/shop.yaml": "# moved\n" + DEPLOYMENT.format(name="shop")}, "Move")
    land.sweep(home)
    land.sweep(home, forced=True)
    assert home.read(branch, "a/notes.txt") == b"mine\n"
    assert len(home.comments(number)) == 1
    assert "Somebody else has pushed" in home.comments(number)[0]["body"]
    body = home.pull(number)["body"]
    home.edit_pull(number, body.replace("- [ ] <!-- podsec:again", "- [x] <!-- podsec:again"))
    land.sweep(home, forced=True)
    assert home.read(branch, "a/notes.txt") is None
    assert (home.read(branch, "a/shop.yaml") or b"").startswith(b"# moved\n")
    assert "- [ ] <!-- podsec:again" in home.pull(number)["body"]


def test_a_push_between_the_look_and_the_write_is_not_overwritten(land: Field) -> None:
    home = land.repository({".podsec.yaml": LIMITS, "a/shop.yaml": DEPLOYMENT.format(name="shop")})
    land.sweep(home)
    branch = one(home, "safe")["head"]["ref"]
    home.commit("main", {"a/shop.yaml": "# moved\n" + DEPLOYMENT.format(name="shop")}, "Move")
    ref = RepositoryRef(id=home.id, full_name=home.full_name, installation=77)
    with land.forges.open(ref) as forge:
        own = forge.own()
        seen = own.tip()
        home.commit(branch, {"a/notes.txt": "mine\n"}, "A commit in the same moment")
        with pytest.raises(Edited):
            own.move(seen, branch, seen.own_branches[branch], seen.commit)
    assert home.read(branch, "a/notes.txt") == b"mine\n"


def test_closed_unmerged_is_ignored_until_its_content_changes_or_somebody_asks(
    land: Field,
) -> None:
    home = land.repository(
        {
            ".podsec.yaml": "sweep: {maxOpen: 9, maxNewPerDay: 9, kinds: [safe], dashboard: true}\n",
            "a/shop.yaml": DEPLOYMENT.format(name="shop"),
        }
    )
    land.sweep(home)
    first = one(home, "safe")["number"]
    home.close(first)
    land.sweep(home, forced=True)
    assert f"#{first} was closed unmerged, and nothing new came since" in home.issues()[0]["body"]
    assert [p["state"] for p in home.pulls()] == ["closed"]
    board = home.issues()[0]
    home.edit_issue(
        board["number"], board["body"].replace("- [ ] <!-- podsec:open", "- [x] <!-- podsec:open")
    )
    land.sweep(home, forced=True)
    second = one(home, "safe")["number"]
    home.close(second)
    home.commit("main", {"a/cart.yaml": DEPLOYMENT.format(name="cart")}, "Add the cart")
    land.sweep(home)
    assert one(home, "safe")["number"] not in (first, second)
    assert [p["state"] for p in home.pulls()] == ["closed", "closed", "open"]
    assert len(home.issues()) == 1


def test_ignoring_on_the_dashboard_closes_and_unticking_proposes_again(land: Field) -> None:
    home = land.repository(
        {
            ".podsec.yaml": "sweep: {maxOpen: 9, maxNewPerDay: 9, kinds: [safe], dashboard: true}\n",
            "a/shop.yaml": DEPLOYMENT.format(name="shop"),
        }
    )
    land.sweep(home)
    branch = one(home, "safe")["head"]["ref"]
    board = home.issues()[0]
    assert re.search(r"\*\*Posture: \d+ of 100\.\*\*", board["body"])
    assert "shop-ns" in board["body"]
    ignored = board["body"].replace("- [ ] <!-- podsec:ignore", "- [x] <!-- podsec:ignore")
    home.edit_issue(board["number"], ignored)
    land.sweep(home, forced=True)
    assert [p["state"] for p in home.pulls()] == ["closed"]
    assert branch not in home.branches()
    assert "- [x] <!-- podsec:ignore" in home.issues()[0]["body"]
    land.sweep(home, forced=True)
    body = home.issues()[0]["body"]
    home.edit_issue(
        board["number"], body.replace("- [x] <!-- podsec:ignore", "- [ ] <!-- podsec:ignore")
    )
    land.sweep(home, forced=True)
    assert one(home, "safe")["head"]["ref"] == branch


def test_policies_are_a_draft_of_their_own_that_says_who_may_talk_to_whom(land: Field) -> None:
    web = DEPLOYMENT.format(name="web").replace("namespace: web-ns", "namespace: shop")
    web += "        env: [{name: API, value: 'http://api:8080'}]\n"
    api = DEPLOYMENT.format(name="api").replace("namespace: api-ns", "namespace: shop")
    api += "        ports: [{containerPort: 8080}]\n"
    home = land.repository(
        {
            ".podsec.yaml": "sweep: {maxOpen: 9, maxNewPerDay: 9, kinds: [network]}\n",
            "a/web.yaml": web,
            "a/api.yaml": api,
            "a/service.yaml": SERVICE,
        }
    )
    land.sweep(home)
    pull = one(home, "network")
    assert pull["draft"]
    assert "Merging restarts nothing." in pull["body"]
    assert "### Who may talk to whom" in pull["body"]
    assert "- [ ] Compare what the policies let through with what really flows" in pull["body"]
    assert "kind: NetworkPolicy" in home.diff("main", pull["head"]["ref"])
    home.merge(pull["number"])
    assert not any(line.startswith(("open", "renew")) for line in land.sweep(home).lines)


def test_one_merge_restarts_only_so_many_and_the_rest_follows_it(land: Field) -> None:
    files = {f"a/app-{n}.yaml": DEPLOYMENT.format(name=f"app-{n}") for n in range(3)}
    limits = "sweep: {maxOpen: 9, maxNewPerDay: 9, kinds: [safe], maxRestarts: 2}\n"
    home = land.repository({".podsec.yaml": limits, **files})
    land.sweep(home)
    pull = one(home, "safe")
    assert "1 workload more waits" in pull["body"]
    home.merge(pull["number"])
    land.sweep(home)
    assert "**Merging changes 1 workload** (1 Deployment)" in one(home, "safe")["body"]
