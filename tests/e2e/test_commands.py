"""`/podsec VERB`: who may, what happens, and what is said where nothing happens."""

from __future__ import annotations

import re

from bot.engine.fix import fix_file
from bot.engine.read import load
from bot.rule.load import load_rules
from tests.e2e.conftest import POD, README, Shop, World


def test_fix_opens_a_ready_and_a_draft_pull_request_into_the_branch(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="fixed")})
    assert shop.say(number, "/podsec fix") == ["eyes", "rocket"]
    ready, draft = sorted(shop.followups(number), key=lambda pull: pull["draft"])
    assert [pull["draft"] for pull in (ready, draft)] == [False, True]
    assert {pull["base"]["ref"] for pull in (ready, draft)} == {"feature"}
    assert {pull["head"]["ref"] for pull in (ready, draft)} == {
        f"podsec/fix/{number}-safe",
        f"podsec/fix/{number}-test-first",
    }
    assert shop.replies(number) == []
    assert "**Test first.**" in draft["body"]
    for pull in (ready, draft):
        assert f"for #{number}" in pull["body"]
        assert "### What changes and why" in pull["body"]
        assert "### How to undo it" in pull["body"]
        assert "Not fixed here" in pull["body"] or pull is draft


def test_a_follow_up_holds_one_commit_on_the_head_and_the_proved_text(shop: Shop) -> None:
    from bot.config import DEFAULT
    from bot.engine.check import check

    before = POD.format(name="proved").encode()
    number = shop.open({"pod.yaml": before})
    shop.say(number, "/podsec fix safe")
    (pull,) = shop.followups(number)
    assert pull["base"]["sha"] == shop.head(number)
    assert shop.repository.pull(pull["number"])["commits"] == 1
    rules = load_rules()
    manifests, _ = load("pod.yaml", before)
    found = check(manifests, rules, DEFAULT)
    fixed = fix_file("pod.yaml", before, found, rules, DEFAULT, unsafe=False)
    assert shop.repository.read(pull["head"]["ref"], "pod.yaml") == fixed.data


def test_fix_safe_proposes_the_safe_fixes_alone(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="safe")})
    shop.say(number, "/podsec fix safe")
    (pull,) = shop.followups(number)
    assert (pull["draft"], pull["head"]["ref"]) == (False, f"podsec/fix/{number}-safe")


def test_fix_twice_is_fix_once(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="twice")})
    shop.say(number, "/podsec fix")
    branches, pulls = shop.repository.branches(), shop.repository.pulls()
    assert shop.say(number, "/podsec fix") == ["eyes", "rocket"]
    assert shop.repository.branches() == branches
    assert shop.repository.pulls() == pulls


def test_after_a_push_fix_renews_its_own_branches_and_opens_nothing(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="renewed")})
    shop.say(number, "/podsec fix")
    before = shop.repository.branches()
    shop.push({"pod.yaml": "# a remark\n" + POD.format(name="renewed")})
    shop.say(number, "/podsec fix")
    after = shop.repository.branches()
    assert len(shop.followups(number)) == 2
    assert set(after) == set(before)
    for pull in shop.followups(number):
        ref = pull["head"]["ref"]
        assert after[ref] != before[ref]
        assert shop.repository.pull(pull["number"])["commits"] == 1
        assert (shop.repository.read(ref, "pod.yaml") or b"").startswith(b"# a remark\n")


def test_after_the_safe_merge_fix_renews_the_draft_alone(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="merged")})
    shop.say(number, "/podsec fix")
    safe = next(pull for pull in shop.followups(number) if not pull["draft"])
    shop.repository.merge(safe["number"])
    shop.world.settle()
    assert shop.say(number, "/podsec fix") == ["eyes", "rocket"]
    (draft,) = [pull for pull in shop.followups(number) if pull["state"] == "open"]
    assert draft["draft"]
    text = shop.repository.read(draft["head"]["ref"], "pod.yaml") or b""
    assert b"allowPrivilegeEscalation: false" in text
    assert b"runAsNonRoot: true" in text


def test_a_commit_of_somebody_else_on_podsecs_branch_stays(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="edited")})
    shop.say(number, "/podsec fix")
    mine = shop.repository.commit(f"podsec/fix/{number}-safe", {"mine.txt": "mine\n"}, "My own")
    shop.push({"pod.yaml": "# a remark\n" + POD.format(name="edited")})
    before = shop.repository.branches()
    assert shop.say(number, "/podsec fix") == ["eyes", "confused"]
    after = shop.repository.branches()
    assert after[f"podsec/fix/{number}-safe"] == mine
    assert after[f"podsec/fix/{number}-test-first"] != before[f"podsec/fix/{number}-test-first"]
    (reply,) = shop.replies(number)
    assert f"`podsec/fix/{number}-safe` holds commits that are not podsec's" in reply


def test_a_branch_of_somebody_else_without_a_pull_request_stays(shop: Shop) -> None:
    mine = shop.repository.commit("podsec/fix/1-safe", {"mine.txt": "mine\n"}, "My own")
    number = shop.open({"pod.yaml": POD.format(name="squatted")})
    assert number == 1
    assert shop.say(number, "/podsec fix safe") == ["eyes", "confused"]
    assert shop.repository.branches()["podsec/fix/1-safe"] == mine
    assert shop.followups(number) == []


def test_a_follow_up_that_was_closed_is_opened_anew_when_asked_for(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="closed")})
    shop.say(number, "/podsec fix safe")
    shop.repository.close(shop.followups(number)[0]["number"])
    shop.say(number, "/podsec fix safe")
    assert [pull["state"] for pull in shop.followups(number)] == ["closed", "open"]


def test_an_executable_stays_one(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="mode")})
    shop.repository.chmod("feature", "pod.yaml", "100755")
    shop.world.settle()
    shop.say(number, "/podsec fix safe")
    assert shop.repository.mode(f"podsec/fix/{number}-safe", "pod.yaml") == "100755"


def test_fix_needs_write_permission(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="refused")})
    shop.repository.set_permission("stranger", "read")
    assert shop.say(number, "/podsec fix", "stranger") == ["eyes", "confused"]
    (reply,) = shop.replies(number)
    assert "`/podsec fix` needs write permission" in reply
    assert shop.followups(number) == []


def test_a_permission_that_the_app_lacks_is_said(world: World) -> None:
    shop = world.shop()
    number = shop.open({"pod.yaml": POD.format(name="denied")})
    world.sandbox.grant(contents="read", pull_requests="write", issues="write", checks="write")
    world.sandbox.expire_tokens()
    try:
        assert shop.say(number, "/podsec fix") == ["eyes", "confused"]
    finally:
        world.sandbox.grant(contents="write", pull_requests="write", issues="write", checks="write")
        world.sandbox.expire_tokens()
    (reply,) = shop.replies(number)
    assert "403 Resource not accessible by integration" in reply
    assert shop.followups(number) == []


def test_a_review_that_the_app_may_not_write_is_said_by_the_check(world: World) -> None:
    world.sandbox.grant(contents="write", pull_requests="read", issues="write", checks="write")
    world.sandbox.expire_tokens()
    shop = world.shop()
    try:
        number = shop.open({"pod.yaml": POD.format(name="denied")})
    finally:
        world.sandbox.grant(contents="write", pull_requests="write", issues="write", checks="write")
        world.sandbox.expire_tokens()
    check = shop.check(number)
    assert check["conclusion"] == "neutral"
    assert "could not check" in check["title"]
    assert "403" in check["summary"]


def test_fix_on_a_closed_pull_request_says_so(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="closed")})
    shop.repository.close(number)
    for verb in ("fix", "check"):
        assert shop.say(number, f"/podsec {verb}") == ["eyes", "confused"]
    assert len(shop.replies(number)) == 2
    assert all("closed: reopen it" in reply for reply in shop.replies(number))


def test_fix_with_nothing_to_fix_says_so(shop: Shop) -> None:
    number = shop.open({"main.go": "package main\n"})
    assert shop.say(number, "/podsec fix") == ["eyes", "confused"]
    (reply,) = shop.replies(number)
    assert "there is nothing to fix" in reply


def test_an_unknown_verb_gets_one_reply_with_a_guess(shop: Shop) -> None:
    number = shop.open(README | {"README.md": "# more\n"})
    assert shop.say(number, "/podsec fixx") == ["eyes", "confused"]
    (reply,) = shop.replies(number)
    assert "knows no verb `fixx`; did you mean `/podsec fix`?" in reply
    assert shop.say(number, "/podsec fix everything") == ["eyes", "confused"]
    assert "knows no rule `everything`; a folder is written" in shop.replies(number)[1]
    assert shop.say(number, "/podsec check everything") == ["eyes", "confused"]
    assert "`/podsec check` takes no `everything`" in shop.replies(number)[2]


def test_help_lists_the_verbs_to_anybody(shop: Shop) -> None:
    number = shop.open({"README.md": "# more\n"})
    assert shop.say(number, "/podsec", "stranger") == ["eyes", "rocket"]
    (reply,) = shop.replies(number)
    assert "`/podsec fix [safe] [RULE… PATH…] [here]`" in reply
    assert "`/podsec check`" in reply


def test_check_judges_again_and_says_nothing_twice(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="again")})
    assert shop.say(number, "/podsec check") == ["eyes", "rocket"]
    assert len(shop.repository.reviews(number)) == 1
    assert shop.check(number)["conclusion"] == "neutral"
    assert shop.replies(number) == []


def test_commands_in_code_and_quotes_are_not_read(shop: Shop) -> None:
    number = shop.open({"README.md": "# more\n"})
    for body in (
        "```\n/podsec help\n```",
        "> /podsec help",
        "    /podsec help",
        "say `/podsec help`",
        "<!--\n/podsec help\n-->",
        "/podsec-like tools",
    ):
        assert shop.say(number, body) == []
    assert shop.replies(number) == []


def test_what_podsec_itself_says_is_no_command(shop: Shop) -> None:
    number = shop.open({"README.md": "# more\n"})
    shop.say(number, "/podsec help")
    assert len(shop.replies(number)) == 1
    deliveries = [d for d in shop.world.sandbox.deliveries if d.event == "issue_comment"]
    assert re.search("podsec", deliveries[-1].payload["comment"]["user"]["login"])


def test_expired_tokens_are_asked_for_anew(world: World) -> None:
    shop = world.shop()
    number = shop.open({"pod.yaml": POD.format(name="expired")})
    world.sandbox.expire_tokens()
    assert shop.say(number, "/podsec fix safe") == ["eyes", "rocket"]
    assert len(shop.followups(number)) == 1
