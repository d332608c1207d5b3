"""What an operator does: poll, catch up, observe, try out, set up, look, and take podsec out."""

from __future__ import annotations

import html
import json
import re
import stat
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.cli import cleanup, doctor, preview, replay, report, setup
from bot.sandbox import Sandbox
from bot.service import Service
from bot.settings import Settings
from tests.e2e.conftest import (
    POD,
    SECRET,
    Contract,
    Lines,
    Shop,
    World,
    environment,
    eventually,
    playing,
)


@pytest.fixture
def contract(contract: Contract) -> Contract:
    """A test does not answer for the one before it."""
    return contract.fresh()


@pytest.fixture
def sandbox(tmp_path: Path, contract: Contract) -> Iterator[tuple[Sandbox, str]]:
    """A GitHub that reaches no bot."""
    found = Sandbox(tmp_path / "github", webhook_secret=SECRET, webhook_url=None)
    contract.watch(found)
    with found.running() as url:
        yield found, url
    assert contract.violations == []


def set_environment(
    monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, url: str, folder: Path
) -> None:
    for name, value in environment(sandbox, url, folder).items():
        monkeypatch.setenv(name, value)


def shop_of(sandbox: Sandbox, service: Service | None, name: str = "acme/shop") -> Shop:
    made = sandbox.create_repository(name, {"README.md": "# shop\n"})
    made.set_permission("octo-dev", "write")
    assert service is None or service.jobs.ready()
    return Shop(World(sandbox, service, Path(), Lines()), made)  # type: ignore[arg-type]  # unused


def test_without_a_public_address_podsec_reads_what_github_would_have_sent(
    sandbox: tuple[Sandbox, str], tmp_path: Path
) -> None:
    github, url = sandbox
    service = Service(Settings.from_environment(environment(github, url, tmp_path)), 0.2)
    service.start()
    try:
        shop = shop_of(github, service)
        number = shop.open({"pod.yaml": POD.format(name="polled")}, wait=False)
        eventually(lambda: shop.repository.reviews(number), "the review")
        comment = shop.repository.comment(number, "/podsec fix safe")
        eventually(lambda: "rocket" in shop.repository.reactions(comment), "the command")
        assert len(shop.followups(number)) == 1
        payloads = [c for c in github.requests if "/app/hook/deliveries/" in c[1]]
        assert len(payloads) == len({path for _, path, _ in payloads})  # each is read once
    finally:
        service.stop()


def test_what_came_while_podsec_was_down_is_done_when_it_is_back(
    sandbox: tuple[Sandbox, str], tmp_path: Path
) -> None:
    github, url = sandbox
    settings = Settings.from_environment(environment(github, url, tmp_path))
    shop = shop_of(github, None)
    number = shop.open({"pod.yaml": POD.format(name="down")}, wait=False)
    eventually(github.delivered, "the delivery failed")
    service = Service(settings)
    service.start()
    try:
        eventually(lambda: shop.repository.reviews(number), "the review")
        assert service.jobs.drain_until_idle(30)
        assert shop.check(number)["conclusion"] == "neutral"
        service.watch.turn()
        assert service.jobs.drain_until_idle(30)
        assert len(shop.repository.reviews(number)) == 1
    finally:
        service.stop()


def test_after_a_long_pause_open_pull_requests_without_a_check_are_checked(
    sandbox: tuple[Sandbox, str], tmp_path: Path
) -> None:
    from bot.adapters.records import RecordTable

    github, url = sandbox
    found = environment(github, url, tmp_path)
    shop = shop_of(github, None)
    number = shop.open({"pod.yaml": POD.format(name="gap")}, wait=False)
    eventually(github.delivered, "the delivery failed")
    github.deliveries.clear()  # GitHub keeps them for three days
    records = RecordTable(found["PODSEC_DATABASE_URL"])
    records.keep("log", "alive", "2026-01-01T00:00:00Z")
    records.close()
    service = Service(Settings.from_environment(found))
    service.start()
    try:
        eventually(lambda: shop.repository.reviews(number), "the review")
        assert service.jobs.drain_until_idle(30)
        records.keep("log", "alive", "2026-01-02T00:00:00Z")
        before = len(shop.repository.check_runs(shop.head(number)))
        service.watch.turn()
        assert service.jobs.drain_until_idle(30)
        assert len(shop.repository.check_runs(shop.head(number))) == before
    finally:
        service.stop()


def test_in_the_mode_observe_nothing_is_written_and_one_report_tells_all(
    tmp_path: Path,
    contract: Contract,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rollout = "rollout:\n- {repositories: acme/*, mode: observe}\n"
    loud = "- {repositories: [ACME/Loud], mode: enforce, failOn: low}\n"
    (tmp_path / "operator.yaml").write_text(rollout + loud)
    more = {"PODSEC_OPERATOR_CONFIG": str(tmp_path / "operator.yaml")}
    with playing(tmp_path, contract, more) as world:
        shop = world.shop()
        number = shop.open({"pod.yaml": POD.format(name="seen")})
        assert shop.say(number, "/podsec fix") == []
        assert shop.repository.reviews(number) == []
        assert shop.repository.check_runs(shop.head(number)) == []
        assert set(shop.repository.branches()) == {"main", "feature"}
        loud_shop = Shop(world, world.sandbox.create_repository("acme/loud", {"a": "b"}))
        heard = loud_shop.open({"pod.yaml": POD.format(name="heard")})
        assert loud_shop.check(heard)["conclusion"] == "failure"
    monkeypatch.setenv("PODSEC_DATABASE_URL", f"sqlite:///{tmp_path / 'podsec.db'}")
    report.run("acme", "text")
    said = capsys.readouterr().out
    assert said.startswith("Observed of acme: 1 pull request in 1 repository\n")
    assert re.search(r"\d+  mutable-image-tag", said)
    report.run("acme", "json")
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["repository"], row["number"]) == (shop.repository.full_name, number)
    report.run("nobody", "text")
    assert "was observed yet" in capsys.readouterr().out
    assert contract.violations == []


def test_preview_prints_the_very_review_and_diffs_and_writes_nothing(
    tmp_path: Path,
    contract: Contract,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with playing(tmp_path, contract) as world:
        shop = world.shop()
        number = shop.open({"pod.yaml": POD.format(name="tried")})
        shop.say(number, "/podsec fix")
        review, comment = shop.repository.reviews(number)[0], shop.comments(number)[0]
        bodies = [pull["body"] for pull in shop.followups(number)]
        monkeypatch.setenv("GITHUB_TOKEN", world.sandbox.person("octo-dev"))
        world.sandbox.requests.clear()
        home = f"{world.sandbox.url}/{shop.repository.full_name}"
        preview.run(f"{home}/pull/{number}", None, None)
        said = capsys.readouterr().out
        assert {method for method, _, _ in world.sandbox.requests} == {"GET"}
        for text in (review["body"], comment["body"]):
            assert re.sub(r"\s*<!-- podsec:v1 [0-9a-f ]+ -->$", "", text) in said
        for body in bodies:
            assert body.replace("`octo-dev`", "`preview`").split("<!--")[0].strip() in said
        assert "--- a/pod.yaml\n+++ b/pod.yaml\n" in said
        assert "+      allowPrivilegeEscalation: false" in said
        preview.run(home, 2, None)
        assert capsys.readouterr().out.count("# acme/shop-1#") == 2
    assert contract.violations == []


def test_replay_rehearses_a_delivery_or_does_it_once(
    sandbox: tuple[Sandbox, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    github, url = sandbox
    set_environment(monkeypatch, github, url, tmp_path)
    shop = shop_of(github, None)
    number = shop.open({"pod.yaml": POD.format(name="again")}, wait=False)
    sent = next(d for d in github.deliveries if d.event == "pull_request")
    file = tmp_path / "delivery.json"
    file.write_text(json.dumps({"guid": sent.id, "event": sent.event, "payload": sent.payload}))
    assert replay.run(file, None, dry_run=True) == 0
    plan = capsys.readouterr().out
    assert "1. publish a review with 1 comment\n2. conclude the check run: neutral" in plan
    assert shop.repository.reviews(number) == []
    assert replay.run(file, None, dry_run=False) == 0
    assert capsys.readouterr().out.endswith(f"#{number}: done\n")
    assert len(shop.repository.reviews(number)) == 1
    file.write_text(json.dumps(sent.payload))
    assert replay.run(file, "ping", dry_run=False) == 0


def test_cleanup_closes_and_deletes_what_is_podsecs_own(
    tmp_path: Path,
    contract: Contract,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with playing(tmp_path, contract) as world:
        shop = world.shop()
        number = shop.open({"pod.yaml": POD.format(name="left")})
        shop.say(number, "/podsec fix")
        edited = f"podsec/fix/{number}-safe"
        mine = shop.repository.commit(edited, {"mine.txt": "mine\n"}, "My own")
        world.settle()
        set_environment(monkeypatch, world.sandbox, world.sandbox.url, tmp_path)
        before = shop.repository.branches()
        assert cleanup.run(shop.repository.full_name, dry_run=True) == 0
        assert shop.repository.branches() == before
        assert cleanup.run("ACME", dry_run=False) == 0
        said = capsys.readouterr().out
        assert {pull["state"] for pull in shop.followups(number)} == {"closed"}
        assert shop.repository.branches() == {
            name: sha for name, sha in before.items() if "test-first" not in name
        }
        assert shop.repository.branches()[edited] == mine
        assert f"branch {edited} stays: others pushed to it" in said
        assert shop.repository.pull(number)["state"] == "open"
    assert contract.violations == []


def test_doctor_says_what_is_wrong_and_how_to_mend_it(
    sandbox: tuple[Sandbox, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    github, url = sandbox

    def look() -> dict[str, Any]:
        doctor.run("json")
        return {one["about"]: one for one in json.loads(capsys.readouterr().out)}

    assert look()["settings"]["health"] == "wrong"
    set_environment(monkeypatch, github, url, tmp_path)
    found = look()
    healthy = ("settings", "database", "credentials", "permissions", "events", "installation acme")
    assert {found[about]["health"] for about in healthy} == {"well"}
    assert found["webhook"]["health"] == "advice"
    github.grant(contents="read", pull_requests="write", issues="write", checks="write")
    found = look()
    assert found["installation acme"]["says"] == "lacks contents: write, merge_queues: read"
    monkeypatch.setenv("PODSEC_APP_ID", "2")
    assert look()["credentials"]["health"] == "wrong"
    assert doctor.run("text") == 1
    said = capsys.readouterr().out
    assert re.search("^WRONG   credentials: .*404 Integration not found$", said, re.MULTILINE)
    assert "compare PODSEC_APP_ID and the private key" in said


def test_setup_makes_the_app_with_one_click_and_keeps_its_secrets_to_itself(
    sandbox: tuple[Sandbox, str], tmp_path: Path
) -> None:
    import socket
    import threading

    _, url = sandbox
    options = setup.SetupOptions(
        organisation="acme",
        name="podsec of acme",
        webhook_url=None,
        folder=tmp_path,
        host="127.0.0.1",
        port=0,
    )
    flow = setup.flow_of(options, url)
    listener = socket.create_server(("127.0.0.1", 0))
    here = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = threading.Thread(target=setup.serve, args=(flow, "token", listener), daemon=True)
    server.start()
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{here}/setup?token=guess", timeout=10)
    with urllib.request.urlopen(f"{here}/setup?token=token", timeout=10) as answer:
        page = answer.read().decode()
    action = html.unescape(re.search('action="([^"]+)"', page)[1])  # type: ignore[index]  # it is there
    manifest = html.unescape(re.search('name="manifest" value="([^"]+)"', page)[1])  # type: ignore[index]  # too
    assert action.startswith(f"{url}/organizations/acme/settings/apps/new?state=")
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(f"{here}/setup/done?code=a&state=forged", timeout=10)
    form = urllib.parse.urlencode({"manifest": manifest}).encode()
    with urllib.request.urlopen(action, form, timeout=10) as answer:
        done = answer.read().decode()
    assert "podsec-of-acme" in done
    assert "PRIVATE KEY" not in done
    server.join(10)
    assert flow.made is not None
    for name in ("podsec.env", "podsec.pem"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    pairs = (line.split("=", 1) for line in (tmp_path / "podsec.env").read_text().splitlines())
    read = Settings.from_environment(dict(pairs))
    assert read.webhook_secrets == (flow.made.webhook_secret,)
    assert "PRIVATE KEY" in read.private_key
    assert "podsec serve --poll" in setup.next_steps(options, flow.made, url)
    assert flow.made.private_key not in repr(flow.made)
