"""Commands that speak of some findings, of one container, of a rule; and those that keep quiet."""

from __future__ import annotations

import re

from tests.e2e.conftest import POD, Shop, World

TWO = """\
apiVersion: v1
kind: Pod
metadata:
  name: pair
spec:
  containers:
  - name: one
    image: myapp:latest
  - name: two
    image: myapp:latest
"""


def branches(shop: Shop, number: int) -> list[str]:
    return sorted(pull["head"]["ref"] for pull in shop.followups(number))


def text_on(shop: Shop, branch: str, path: str = "pod.yaml") -> str:
    return (shop.repository.read(branch, path) or b"").decode()


def reply(shop: Shop, number: int, about: str, body: str) -> list[str]:
    """Answer podsec's comment that speaks of a container; the reactions."""
    comment = next(c for c in shop.comments(number) if f"Container `{about}`" in c["body"])
    made = shop.repository.reply(number, comment["id"], body)
    shop.world.settle()
    return shop.repository.reactions(made)


def thread(shop: Shop, number: int) -> list[str]:
    """What podsec answered in threads."""
    return [c["body"] for c in shop.comments(number) if "podsec:reply" in c["body"]]


def test_fix_of_a_rule_or_a_path_mends_that_alone(shop: Shop) -> None:
    number = shop.open({"a/pod.yaml": POD.format(name="a"), "b/pod.yaml": POD.format(name="b")})
    assert shop.say(number, "/podsec fix safe privilege-escalation") == ["eyes", "rocket"]
    branch = f"podsec/fix/{number}-safe-privilege-escalation"
    assert branches(shop, number) == [branch]
    assert "allowPrivilegeEscalation: false" in text_on(shop, branch, "a/pod.yaml")
    assert "seccompProfile" not in text_on(shop, branch, "a/pod.yaml")
    assert shop.say(number, "/podsec fix safe b/ Privilege_Escalation") == ["eyes", "rocket"]
    (other,) = set(branches(shop, number)) - {branch}
    assert text_on(shop, other, "a/pod.yaml") == POD.format(name="a")
    assert text_on(shop, other, "b/pod.yaml") != POD.format(name="b")
    assert shop.say(number, "/podsec fix privilege-escalatoin") == ["eyes", "confused"]
    assert "did you mean `privilege-escalation`?" in shop.replies(number)[0]
    assert shop.say(number, "/podsec fix [z-a].yaml") == ["eyes", "confused"]


def test_fix_here_mends_the_container_of_the_comment_alone(shop: Shop) -> None:
    number = shop.open({"pod.yaml": TWO})
    assert reply(shop, number, "two", "/podsec fix safe\n/podsec fix here") == ["eyes", "rocket"]
    (here,) = [b for b in branches(shop, number) if re.search("-safe-[0-9a-f]{10}$", b)]
    one, two = text_on(shop, here).split("- name: two")
    assert "allowPrivilegeEscalation" not in one
    assert "allowPrivilegeEscalation: false" in two
    assert shop.say(number, "/podsec fix here") == ["eyes", "confused"]
    assert "is understood in a comment on a line" in shop.replies(number)[0]


def test_rebase_renews_what_stands_and_opens_nothing(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="rebased")})
    assert shop.say(number, "/podsec rebase") == ["eyes", "confused"]
    shop.say(number, "/podsec fix safe")
    (pull,) = shop.followups(number)
    before = shop.repository.branches()[pull["head"]["ref"]]
    shop.push({"pod.yaml": "# a remark\n" + POD.format(name="rebased")})
    assert shop.say(pull["number"], "/podsec rebase") == ["eyes", "rocket"]
    assert branches(shop, number) == [f"podsec/fix/{number}-safe"]
    assert shop.repository.branches()[pull["head"]["ref"]] != before
    assert text_on(shop, pull["head"]["ref"]).startswith("# a remark\n")


def test_explain_answers_with_the_rules_page(shop: Shop) -> None:
    number = shop.open({"README.md": "# more\n"})
    assert shop.say(number, "/podsec explain host-port", "stranger") == ["eyes", "rocket"]
    (said,) = shop.replies(number)
    assert said.startswith("## host-port\n")
    assert "### Why it matters" in said
    assert shop.say(number, "/podsec explain") == ["eyes", "confused"]


def test_ignore_opens_a_pull_request_whose_merge_allows_the_findings(shop: Shop) -> None:
    number = shop.open({"pod.yaml": TWO})
    before = shop.check(number)["title"]
    body = "/podsec ignore root-user until 2099-01-31 the agent needs it; see OPS-1 @octo-dev"
    assert reply(shop, number, "two", body) == ["eyes", "rocket"]
    (pull,) = shop.followups(number)
    assert pull["head"]["ref"] == f"podsec/fix/{number}-ignore-root-user"
    assert not pull["draft"]
    assert "@octo" not in pull["body"]
    text = text_on(shop, pull["head"]["ref"])
    line = next(line for line in text.splitlines() if "podsec.dev/ignore.root-user" in line)
    assert "container=two; the agent needs it, see OPS-1 @octo-dev; until=2099-01-31" in line
    assert text.replace(f"{line}\n", "").replace("  annotations:\n", "") == TWO
    shop.repository.merge(pull["number"])
    shop.world.settle()
    check = shop.check(number)
    assert check["title"] != before
    assert "1 finding allowed with a reason." in check["summary"]


def test_ignore_without_a_reason_a_finding_or_a_day_is_refused(shop: Shop) -> None:
    number = shop.open({"pod.yaml": TWO})
    refused = {
        "/podsec ignore": "needs a rule and a reason",
        "/podsec ignore root-user": "needs a reason",
        "/podsec ignore root-user until 2020-01-01 old": "is over",
        "/podsec ignore root-user until soon it ends": "`soon` is no day",
        "/podsec ignore host-port never used": "no finding of `host-port`",
    }
    for body, why in refused.items():
        assert shop.say(number, body) == ["eyes", "confused"]
        assert why in shop.replies(number)[-1]
    shop.repository.set_permission("stranger", "read")
    shop.say(number, "/podsec ignore root-user I like it", "stranger")
    assert "needs write permission" in shop.replies(number)[-1]
    assert shop.followups(number) == []


def test_while_it_is_paused_the_check_goes_on_and_nothing_is_said(world: World) -> None:
    shop = world.shop()
    number = shop.open({"README.md": "# more\n"})
    assert shop.say(number, "/podsec pause") == ["eyes", "rocket"]
    assert [label["name"] for label in shop.repository.pull(number)["labels"]] == ["podsec-paused"]
    shop.push({"pod.yaml": POD.format(name="paused")})
    assert shop.repository.reviews(number) == []
    assert shop.check(number)["conclusion"] == "neutral"
    assert shop.say(number, "/podsec resume") == ["eyes", "rocket"]
    assert len(shop.repository.reviews(number)) == 1
    assert shop.repository.pull(number)["labels"] == []
    assert shop.say(number, "/podsec resume") == ["eyes", "rocket"]


def test_policies_says_why_it_has_none_to_propose(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="open")})
    assert shop.say(number, "/podsec policies") == ["eyes", "confused"]
    assert "podsec policies FOLDER --write" in shop.replies(number)[0]


def test_of_several_commands_one_that_is_refused_holds_up_no_other(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="several")})
    body = "/podsec nonsense\n/podsec fix safe\n/podsec help\n/podsec explain root-user"
    assert shop.say(number, body) == ["eyes", "confused"]
    assert branches(shop, number) == [f"podsec/fix/{number}-safe"]
    said = shop.replies(number)
    assert len(said) == 3
    assert "knows no verb `nonsense`" in said[-1]


def test_what_a_thread_is_answered_stands_in_the_thread(shop: Shop) -> None:
    number = shop.open({"pod.yaml": TWO})
    assert reply(shop, number, "one", "/podsec explain root-user") == ["eyes", "rocket"]
    assert shop.replies(number) == []
    (said,) = thread(shop, number)
    assert said.startswith("## root-user\n")


def test_follow_ups_fit_the_customs_of_the_repository(world: World) -> None:
    customs = "pullRequests: {signOff: true, title: 'fix(k8s): {title}', labels: [security]}\n"
    shop = world.shop({".podsec.yaml": customs})
    number = shop.open({"pod.yaml": POD.format(name="customs")})
    shop.say(
        number, "/podsec fix safe\n/podsec ignore host-port none\n/podsec ignore root-user a toy"
    )
    fix, allow = sorted(shop.followups(number), key=lambda pull: pull["number"])
    for pull in (fix, allow):
        assert pull["title"].startswith("fix(k8s): ")
        assert [label["name"] for label in pull["labels"]] == ["security"]
        message = shop.repository.message(pull["head"]["ref"])
        assert message.startswith(f"{pull['title']}\n\n")
        assert re.search(
            r"^Signed-off-by: podsec\[bot\] <\d+\+podsec\[bot\]@users\.noreply\.github\.com>$",
            message,
            re.MULTILINE,
        )
    before = shop.repository.branches()
    shop.say(number, "/podsec fix safe")
    assert shop.repository.branches() == before
