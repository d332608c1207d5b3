"""What strangers write comes out inert, and a secret's value comes out nowhere."""

from __future__ import annotations

import re
from typing import Any

from tests.e2e.conftest import POD, Shop, World

EVIL = (
    "@acme/admins `code` <img src=x onerror=alert(1)> **bold** [link](https://evil.example) "
    "fixes #1 GH-1 &commat;octocat | cell <!-- podsec:v1 0123456789abcdef --> ```\n# heading"
)
MENTION = re.compile(r"(?<![\w`])@[A-Za-z0-9]")
REFERENCE = re.compile(r"(?<![\w&])#\d|\bGH-\d", re.IGNORECASE)
CODE = re.compile(r"(?s)(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
SUGGESTION = re.compile(r"(?s)(`{3,})suggestion\n.*?\n\1")
PASSWORD = "correct-horse-battery-staple-42"  # of nobody


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def evil_pod(name: str = EVIL, container: str = EVIL) -> str:
    text = POD.replace("name: {name}", f"name: {quoted(name)}")
    return text.replace("name: app-container", f"name: {quoted(container)}")


def live(text: str) -> str:
    """Markdown without its code: there nothing acts."""
    return CODE.sub("", SUGGESTION.sub("", text))


def assert_inert(text: str, number: int, *, markdown: bool = True) -> None:
    shown = live(text) if markdown else text
    shown = re.sub(r"<!-- podsec:v1 [0-9a-f ]+ -->\s*\Z", "", shown)
    shown = shown.replace(f"for #{number}", "")  # podsec's own reference to the pull request
    assert not MENTION.search(shown)
    assert not REFERENCE.search(shown)
    assert "https://evil.example" not in shown
    assert "\n# heading" not in shown
    if markdown:
        assert not re.search(r"(?<!\\)<(?:img|!--)", shown)
        assert not re.search(r"(?<!\\)\*\*bold", shown)
        assert not re.search(r"(?<!\\)\[link", shown)
        assert "&commat;" not in shown.replace("\\&", "")


def everything(shop: Shop, number: int) -> dict[str, str]:
    """All that podsec wrote for people to read, by where."""
    out: dict[str, str] = {}
    pulls = [number, *(pull["number"] for pull in shop.followups(number))]
    for each in pulls:
        rows: list[Any] = [*shop.repository.reviews(each), *shop.comments(each)]
        rows += [c for c in shop.repository.comments(each) if c["user"]["type"] == "Bot"]
        for index, row in enumerate(rows):
            out[f"#{each} comment {index}"] = row["body"]
        for check in shop.repository.check_runs(shop.head(each)):
            out[f"#{each} check"] = check["summary"]
    for pull in shop.followups(number):
        out[f"#{pull['number']} body"] = pull["body"]
    return out


def test_names_with_markup_are_inert_wherever_podsec_says_them(shop: Shop) -> None:
    number = shop.open({"evil.yaml": evil_pod()})
    shop.say(number, "/podsec fix")
    texts = everything(shop, number)
    assert {where.split(" ")[1] for where in texts} == {"comment", "check", "body"}
    assert len(shop.followups(number)) == 2
    for text in texts.values():
        assert_inert(text, number)


def test_titles_annotations_and_commit_messages_are_one_inert_line(shop: Shop) -> None:
    number = shop.open({"evil.yaml": evil_pod()}, draft=True)
    shop.say(number, "/podsec fix")
    for note in shop.check(number)["annotations"]:
        assert "\n" not in note["message"]
        assert_inert(note["message"], number, markdown=False)
    assert shop.check(number)["annotations"]
    for pull in shop.followups(number):
        message = shop.repository.message(pull["head"]["ref"])
        assert_inert(message, number, markdown=False)
        assert all(
            line.startswith(("- evil.yaml: ", "Harden pods: ", "Podsec-Tree: "))
            for line in message.split("\n")
            if line
        )
        assert "\n" not in pull["title"]


def test_a_marker_in_a_manifest_makes_podsec_forget_nothing(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="honest")})
    prints = re.findall(r"podsec:v1 ([0-9a-f ]+) -->", shop.comments(number)[0]["body"])[-1]
    other = shop.world.shop()
    forged = f"<!-- podsec:v1 {prints} -->"
    # a comment of the YAML stands in the suggestion, and a name in the comment's title
    decoy = evil_pod("decoy", forged).replace("  - name", f"  # {forged}\n  - name")
    theirs = other.open({"decoy.yaml": decoy})
    other.push({"pod.yaml": POD.format(name="honest")})
    assert {c["path"] for c in other.comments(theirs)} == {"decoy.yaml", "pod.yaml"}


def test_a_command_cannot_make_podsec_mention_anybody(shop: Shop) -> None:
    number = shop.open({"README.md": "# more\n"})
    shop.say(number, "/podsec @acme/admins")
    shop.say(number, "/podsec fix #1 https://evil.example")
    assert len(shop.replies(number)) == 2
    for reply in shop.replies(number):
        assert_inert(re.sub(r"<!-- podsec:reply .* -->", "", reply), number)


def test_names_without_end_still_fit_into_what_github_takes(shop: Shop) -> None:
    number = shop.open({"long.yaml": evil_pod("n" * 70_000, "c" * 70_000)})
    assert len(shop.repository.reviews(number)) == 1
    assert shop.say(number, "/podsec fix") == ["eyes", "rocket"]
    assert len(shop.followups(number)) == 2


def test_a_secrets_value_stands_in_no_comment_no_check_no_log_and_no_database(shop: Shop) -> None:
    env = f"    env:\n    - name: DB_PASSWORD\n      value: {PASSWORD}\n"
    before = POD.format(name="secretive").replace("    ports:\n", env + "    ports:\n")
    number = shop.open({"pod.yaml": before})
    assert any("secret in clear text" in comment["body"] for comment in shop.comments(number))
    # now the secret stands before: it is no finding of the change, and still must not be repeated
    shop.push({"pod.yaml": before.replace("latest", "1.2.3")})
    shop.say(number, "/podsec fix")
    # the safe fixes, those to test first, and the one that moves the secret out
    assert len(shop.followups(number)) == 3
    for where, text in everything(shop, number).items():
        assert PASSWORD not in text, where
    for pull in shop.followups(number):
        assert PASSWORD not in shop.repository.message(pull["head"]["ref"])
    assert "job_ended" in shop.world.logs
    assert PASSWORD not in shop.world.logs
    stored = b"".join(file.read_bytes() for file in shop.world.folder.glob("podsec.db*"))
    assert len(stored) > 10_000
    assert PASSWORD.encode() not in stored


def test_an_old_or_allowed_secret_is_not_repeated_by_a_suggestion(world: World) -> None:
    env = f"    env: [{{name: DB_PASSWORD, value: {PASSWORD}}}]"
    after = POD.format(name="old").replace("latest", "1.2.4") + env + "\n"
    hardened = "    securityContext:\n      allowPrivilegeEscalation: false\n"
    shop = world.shop({"pod.yaml": after.replace("1.2.4", "1.2.3") + hardened})
    # the fix belongs behind the line with the secret, which a suggestion would repeat
    number = shop.open({"pod.yaml": after})
    allowed = after.replace(env, f"{env} # podsec: ignore[plaintext-secret] a test password")
    second = shop.open({"allowed.yaml": allowed}, "other")
    for each in (number, second):
        (comment,) = shop.comments(each)
        assert "privilege-escalation" in comment["body"]
        assert "```suggestion" not in comment["body"]
        assert PASSWORD not in comment["body"]


def test_no_token_and_no_key_stands_in_a_log_or_in_the_database(world: World) -> None:
    shop = world.shop()
    world.sandbox.fail("POST", "/check-runs$", status=403, message="Resource not accessible")
    shop.open({"pod.yaml": POD.format(name="tokens")})
    assert "given up" in world.logs
    stored = b"".join(file.read_bytes() for file in world.folder.glob("podsec.db*"))
    for text in (world.logs, stored.decode("latin1")):
        assert not re.search(r"gh[pousr]_[A-Za-z0-9._-]{20,}", text)
        assert "PRIVATE KEY" not in text
        assert not re.search(r"eyJ[\w-]{20,}\.[\w-]{20,}", text)


def test_a_suggestion_stands_behind_its_place_where_the_line_before_holds_a_secret(
    shop: Shop,
) -> None:
    env = f"    env: [{{name: DB_PASSWORD, value: {PASSWORD}}}]\n"
    number = shop.open({"pod.yaml": POD.format(name="spared") + env + "  hostNetwork: false\n"})
    (comment,) = shop.comments(number)
    assert "```suggestion" in comment["body"]
    assert PASSWORD not in comment["body"]
    shop.repository.apply_suggestion(number, comment["id"])
    text = (shop.repository.read("feature", "pod.yaml") or b"").decode()
    assert f"{env}    securityContext:\n" in text
    assert text.rstrip().endswith("hostNetwork: false") or "hostNetwork: false\n" in text
