"""What podsec hears beside opened and pushed: buttons, queues, drafts, bases, closing, bad names."""

from __future__ import annotations

from tests.e2e.conftest import POD, Shop, World


def ended(world: World) -> list[str]:
    return [line for line in world.logs.split("\n") if line.startswith("job_ended")]


def test_the_button_of_the_check_run_does_what_the_command_does(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="pressed")})
    shop.repository.buttons.press(shop.check(number)["id"], "fix")
    shop.world.settle()
    assert len(shop.followups(number)) == 2
    assert shop.replies(number) == []


def test_the_button_obeys_writers_alone(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="pressed")})
    shop.repository.set_permission("stranger", "read")
    shop.repository.buttons.press(shop.check(number)["id"], "fix", "stranger")
    shop.world.settle()
    assert shop.followups(number) == []
    (reply,) = shop.replies(number)
    assert "needs write permission" in reply


def test_a_check_run_without_fixable_findings_has_no_button(shop: Shop) -> None:
    number = shop.open({"main.go": "package main\n"})
    (run,) = shop.repository._home.checks
    assert (run.id, run.actions) == (shop.check(number)["id"], [])


def test_a_rerun_of_the_check_or_of_all_checks_judges_again_and_says_nothing_twice(
    shop: Shop,
) -> None:
    number = shop.open({"pod.yaml": POD.format(name="again")})
    run = shop.check(number)
    for press in (
        lambda: shop.repository.buttons.rerun(run["id"]),
        lambda: shop.repository.buttons.rerun_all(shop.head(number)),
    ):
        before = len(ended(shop.world))
        press()
        shop.world.settle()
        assert len(ended(shop.world)) == before + 1
        assert shop.check(number) == run
        assert len(shop.repository.reviews(number)) == 1


def test_a_rerun_reaches_a_pull_request_from_a_fork(shop: Shop) -> None:
    fork = shop.repository.fork("stranger")
    fork.commit("feature", {"pod.yaml": POD.format(name="forked")}, "Add", "stranger")
    number = shop.repository.open_pull(
        head="stranger:feature", base="main", title="Add", author="stranger"
    )
    shop.world.settle()
    shop.repository._home.checks[0].title = "lost"
    shop.repository.buttons.rerun_all(shop.head(number))
    shop.world.settle()
    assert "introduced" in shop.check(number)["title"]


def test_a_merge_group_is_not_held_up(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="queued")})
    head = shop.repository.buttons.queue(number)
    shop.world.settle()
    (run,) = shop.repository.check_runs(head)
    assert (run["name"], run["conclusion"]) == ("podsec", "success")
    shop.repository.buttons.rerun(run["id"])
    shop.world.settle()
    assert len(shop.repository.check_runs(head)) == 1


def test_a_pull_request_that_becomes_a_draft_is_checked_and_not_reviewed(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="draft")})
    shop.repository.buttons.draft(number)
    shop.push({"other.yaml": POD.format(name="more")})
    assert len(shop.repository.reviews(number)) == 1
    assert {note["path"] for note in shop.check(number)["annotations"]} == {"other.yaml"}


def test_another_base_is_judged_anew_and_another_title_is_not(world: World) -> None:
    shop = world.shop()
    shop.repository.commit("calm", {".podsec.yaml": "paths:\n  exclude: [pod.yaml]\n"}, "Calm")
    number = shop.open({"pod.yaml": POD.format(name="moved")})
    assert "introduced" in shop.check(number)["title"]
    before = len(ended(world))
    shop.repository.buttons.change_title(number, "Another title")
    world.settle()
    assert len(ended(world)) == before
    shop.repository.buttons.change_base(number, "calm")
    world.settle()
    assert shop.check(number)["title"] == "Nothing judged, 1 file excluded"
    assert len(shop.repository.reviews(number)) == 1


def test_follow_ups_into_a_branch_that_was_given_up_are_closed_with_a_reason(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="abandoned")})
    shop.say(number, "/podsec fix")
    safe = next(pull for pull in shop.followups(number) if not pull["draft"])
    mine = shop.repository.commit(safe["head"]["ref"], {"mine.txt": "mine\n"}, "My own")
    shop.world.settle()
    shop.repository.close(number)
    shop.world.settle()
    assert {pull["state"] for pull in shop.followups(number)} == {"closed"}
    for pull in shop.followups(number):
        (reply,) = shop.replies(pull["number"])
        assert f"#{number} was closed without a merge" in reply
    assert set(shop.repository.branches()) == {"main", "feature", safe["head"]["ref"]}
    assert shop.repository.branches()[safe["head"]["ref"]] == mine


def test_a_closed_pull_request_is_not_judged_again(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="closed")}, draft=True)
    run = shop.check(number)
    shop.repository._home.pulls[number].draft = False
    shop.repository.close(number)
    shop.repository.buttons.rerun(run["id"])
    shop.world.settle()
    assert shop.repository.reviews(number) == []


def test_follow_ups_outlive_the_merge_of_what_they_fix(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="merged")})
    shop.say(number, "/podsec fix safe")
    shop.repository.merge(number)
    shop.world.settle()
    assert [pull["state"] for pull in shop.followups(number)] == ["open"]
