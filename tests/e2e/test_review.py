"""What a review says, and where: on the lines of the diff, once, and never more than was found."""

from __future__ import annotations

import re

from bot.engine.fix import fix_file
from bot.engine.read import load
from bot.rule.load import load_rules
from tests.e2e.conftest import POD, Shop, World


def many(count: int) -> str:
    return "---\n".join(POD.format(name=f"pod-{index}") for index in range(count))


def test_a_modified_file_is_spoken_of_on_lines_of_the_diff_alone(world: World) -> None:
    before = POD.format(name="old").replace("myapp:latest", "myapp:1.2.3")
    shop = world.shop({"pod.yaml": before})
    changed = before.replace("    image: myapp:1.2.3\n", "    image: myapp:latest\n")
    number = shop.open({"pod.yaml": changed})
    (comment,) = shop.comments(number)
    line = changed.split("\n").index("    image: myapp:latest") + 1
    assert (comment["line"], comment["start_line"]) == (line, None)
    assert "mutable-image-tag" in comment["body"]
    assert "privilege-escalation" not in comment["body"]
    check = shop.check(number)
    assert check["title"] == "1 finding introduced"
    assert re.search(r"\d+ findings stood before and are not counted\.", check["summary"])


def test_findings_that_stood_before_leave_the_check_green(world: World) -> None:
    shop = world.shop({"pod.yaml": POD.format(name="old")})
    number = shop.open({"pod.yaml": POD.format(name="old") + "    - containerPort: 81\n"})
    assert shop.comments(number) == []
    check = shop.check(number)
    assert check["conclusion"] == "success"
    assert "stood before" in check["summary"]


def test_a_renamed_file_brings_nothing_new(world: World) -> None:
    shop = world.shop({"old.yaml": POD.format(name="moved")})
    number = shop.open({"old.yaml": None, "new.yaml": POD.format(name="moved")})
    assert shop.repository.pull(number)["changed_files"] == 1
    assert shop.comments(number) == []
    check = shop.check(number)
    assert check["conclusion"] == "success"
    assert "stood before" in check["summary"]


def test_a_renamed_and_changed_file_is_compared_with_what_it_was(world: World) -> None:
    before = POD.format(name="moved") + "# kept\n" * 20
    shop = world.shop({"old.yaml": before.replace("latest", "1.0.0")})
    number = shop.open({"old.yaml": None, "new.yaml": before})
    (comment,) = shop.comments(number)
    assert comment["path"] == "new.yaml"
    assert "mutable-image-tag" in comment["body"]
    assert shop.check(number)["title"] == "1 finding introduced"


def test_a_deleted_file_needs_no_word(world: World) -> None:
    shop = world.shop({"pod.yaml": POD.format(name="gone")})
    number = shop.open({"pod.yaml": None})
    assert shop.comments(number) == []
    assert shop.check(number)["conclusion"] == "success"


def test_a_file_with_carriage_returns_gets_a_comment_without_a_suggestion(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="crlf").replace("\n", "\r\n")})
    (comment,) = shop.comments(number)
    assert "```suggestion" not in comment["body"]
    assert "`/podsec fix`" in comment["body"]


def test_a_suggestion_applied_by_the_button_is_the_fix(shop: Shop) -> None:
    before = POD.format(name="applied").encode()
    number = shop.open({"pod.yaml": before})
    (comment,) = shop.comments(number)
    shop.repository.apply_suggestion(number, comment["id"])
    shop.world.settle()
    rules = load_rules()
    from bot.config import DEFAULT
    from bot.engine.check import check

    manifests, _ = load("pod.yaml", before)
    fixed = fix_file(
        "pod.yaml", before, check(manifests, rules, DEFAULT), rules, DEFAULT, unsafe=False
    )
    assert fixed.applied
    assert shop.repository.read("feature", "pod.yaml") == fixed.data
    assert len(shop.comments(number)) == 1


def test_the_suggestions_of_a_file_can_all_be_applied_one_after_the_other(shop: Shop) -> None:
    number = shop.open({"pods.yaml": many(4)})
    comments = shop.comments(number)
    assert len(comments) == 4
    for comment in reversed(comments):  # from below, so that the lines above stay
        shop.repository.apply_suggestion(number, comment["id"])
    shop.world.settle()
    text = (shop.repository.read("feature", "pods.yaml") or b"").decode()
    assert text.count("allowPrivilegeEscalation: false") == 4


def test_more_than_ten_containers_fill_the_summary_and_the_annotations(shop: Shop) -> None:
    number = shop.open({"pods.yaml": many(14)})
    comments = shop.comments(number)
    assert len(comments) == 10
    (review,) = shop.repository.reviews(number)
    assert "Without a comment on a line" in review["body"]
    commented = sum(comment["body"].count("/rules/") for comment in comments)
    found = int(shop.check(number)["title"].split()[0])
    assert len(shop.check(number)["annotations"]) == found - commented > 0


def test_annotations_stay_for_what_has_no_comment_after_another_push(shop: Shop) -> None:
    number = shop.open({"pods.yaml": many(12)})
    first = shop.check(number)["annotations"]
    shop.push({"NOTES.md": "nothing new\n"})
    assert len(first) > 0
    assert shop.check(number)["annotations"] == first
    assert len(shop.repository.reviews(number)) == 1


def test_more_than_fifty_annotations_come_in_slices(shop: Shop) -> None:
    number = shop.open({"pods.yaml": many(40)})
    annotations = shop.check(number)["annotations"]
    assert len(annotations) > 50
    assert len({str(note) for note in annotations}) == len(annotations)


def test_a_draft_gets_its_check_alone_and_the_review_once_it_is_ready(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="draft")}, draft=True)
    assert shop.repository.reviews(number) == []
    check = shop.check(number)
    assert check["conclusion"] == "neutral"
    assert len(check["annotations"]) == int(check["title"].split()[0])
    shop.repository.ready(number)
    shop.world.settle()
    assert len(shop.repository.reviews(number)) == 1
    assert len(shop.comments(number)) == 1
    assert shop.check(number)["conclusion"] == "neutral"


def test_a_reopened_pull_request_is_not_told_twice(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="reopened")})
    shop.repository.close(number)
    shop.repository.reopen(number)
    shop.world.settle()
    assert len(shop.repository.reviews(number)) == 1
    assert shop.check(number)["conclusion"] == "neutral"


def test_podsecs_own_pull_requests_are_checked_but_not_reviewed(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="own")})
    shop.say(number, "/podsec fix")
    for pull in shop.followups(number):
        assert shop.repository.reviews(pull["number"]) == []
        assert shop.check(pull["number"])["status"] == "completed"


def test_a_persons_branch_that_looks_like_podsecs_is_reviewed(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="mask")}, "podsec/fix/99-safe")
    assert len(shop.repository.reviews(number)) == 1


def test_a_comment_that_somebody_resolved_is_not_repeated(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="resolved")})
    shop.repository.resolve(number, shop.comments(number)[0]["id"])
    shop.push({"pod.yaml": "# moved\n# down\n" + POD.format(name="resolved")})
    assert len(shop.comments(number)) == 1
    assert len(shop.repository.reviews(number)) == 1


def test_what_cannot_be_judged_is_named_and_the_rest_is_checked(shop: Shop) -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n"
    for one, other in zip("abcdefgh", "bcdefghi", strict=True):
        bomb += f"{other}: &{other} [{','.join([f'*{one}'] * 9)}]\n"
    number = shop.open(
        {
            "good.yaml": POD.format(name="good"),
            "broken.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: [\n",
            "bomb.yaml": "apiVersion: v1\nkind: ConfigMap\n" + bomb,
            "large.yaml": "apiVersion: v1\nkind: ConfigMap\ndata:\n  x: " + "y" * 5_100_000 + "\n",
            "chart/templates/web.yaml": "apiVersion: v1\nkind: Pod\nname: {{ .Values.name }}\n",
            "compose.yaml": "services:\n  web:\n    image: nginx\n",
        }
    )
    check = shop.check(number)
    assert check["conclusion"] == "neutral"
    assert check["title"].endswith("introduced, 4 files not judged")
    for file, why in {
        "broken.yaml": "expected",
        "bomb.yaml": "alias",
        "large.yaml": "5 MB",
        "chart/templates/web.yaml": "Helm template",
        "compose.yaml": "no Kubernetes object",
    }.items():
        (row,) = [row for row in check["summary"].split("\n") if file in row]
        assert why in row
    (comment,) = shop.comments(number)
    assert comment["path"] == "good.yaml"


def test_a_pull_request_of_which_nothing_can_be_judged_is_not_called_clean(shop: Shop) -> None:
    number = shop.open({"broken.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: [\n"})
    assert shop.check(number)["title"] == "Nothing judged, 1 file not judged"


def test_the_config_is_read_from_the_base(world: World) -> None:
    shop = world.shop({".podsec.yaml": "rules:\n  mutable-image-tag: 'off'\n"})
    number = shop.open(
        {"pod.yaml": POD.format(name="config"), ".podsec.yaml": "rules:\n  root-user: 'off'\n"}
    )
    (comment,) = shop.comments(number)
    assert "mutable-image-tag" not in comment["body"]
    assert "root-user" in comment["body"]


def test_a_config_that_does_not_read_is_a_neutral_check_with_file_and_line(world: World) -> None:
    shop = world.shop({".podsec.yaml": "# podsec\n\nprofile: strictest\n"})
    number = shop.open({"pod.yaml": POD.format(name="config")})
    check = shop.check(number)
    assert check["conclusion"] == "neutral"
    assert ".podsec.yaml:3" in check["summary"]
    assert "the defaults hold meanwhile" in check["summary"]
    assert len(shop.comments(number)) == 1
    (reply,) = (shop.say(number, "/podsec fix"), shop.replies(number))[1]
    assert ".podsec.yaml:3" in reply


def test_of_two_configs_one_wins_and_the_other_is_named(world: World) -> None:
    shop = world.shop(
        {".podsec.yaml": "maxComments: 3\n", ".github/podsec.yaml": "profile: baseline\n"}
    )
    number = shop.open({"pod.yaml": POD.format(name="config")})
    check = shop.check(number)
    (row,) = [row for row in check["summary"].split("\n") if ".github/podsec.yaml" in row]
    assert "wins" in row
    assert "root-user" in check["summary"]


def test_a_finding_that_is_allowed_with_a_reason_is_not_spoken_of(shop: Shop) -> None:
    text = POD.format(name="allowed").replace(
        "image: myapp:latest", "image: myapp:latest # podsec: ignore[mutable-image-tag] a mirror"
    )
    number = shop.open({"pod.yaml": text})
    (comment,) = shop.comments(number)
    assert "mutable-image-tag]" not in comment["body"]
    assert "1 finding allowed with a reason." in shop.check(number)["summary"]
