"""Plans, scenario by scenario, as a dry run prints them: nothing is asked and nothing is written."""

from __future__ import annotations

from dataclasses import replace
from difflib import SequenceMatcher
from textwrap import dedent

import pytest

from bot.config import parse
from bot.formats.actions import describe
from bot.model.action import React, Reply, Retire
from bot.model.change import ChangedFile, ChangeSet, Hunk
from bot.model.delivery import CommentRef, PullRef, RepositoryRef
from bot.model.review import Answer, Standing, Thread
from bot.rule.load import load_rules
from bot.workflows.base_branch import asked
from bot.workflows.converse import Facts, converse, declined
from bot.workflows.judge_pull_request import judge
from tests.workflows.desk import POD

RULES = load_rules()
BAD = POD.format(name="shop")
GOOD_IMAGE = BAD.replace("myapp:latest", "registry.example.com/myapp:1.2.3")
PULL = PullRef(
    repository=RepositoryRef(id=42, full_name="acme/shop", installation=77),
    number=7,
    head_sha="a" * 40,
    head_ref="feature",
    base_sha="b" * 40,
    base_ref="main",
    fork=False,
    draft=False,
)


def changed(path: str, before: str | None, after: str | None) -> ChangedFile:
    """A file as GitHub's diff shows it, with three lines around each change."""
    old, new = (before or "").splitlines(), (after or "").splitlines()
    hunks = []
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(3):
        added = {
            line + 1
            for kind, _, _, start, end in group
            if kind in ("insert", "replace")
            for line in range(start, end)
        }
        hunks.append(Hunk(start=group[0][3] + 1, end=group[-1][4], added=frozenset(added)))
    return ChangedFile(
        path=path,
        status="added" if before is None else "removed" if after is None else "modified",
        data=None if after is None else after.encode(),
        base_data=None if before is None else before.encode(),
        hunks=tuple(hunks),
    )


def facts(*files: ChangedFile, config: str = "", **more: object) -> Facts:
    changes = ChangeSet(files=files, head=PULL.head_sha)
    terms = asked(RULES, parse(config.encode(), ".podsec.yaml"))
    report, view = judge(changes, terms)
    found = Facts(
        pull=PULL, report=report, changes=changes, view=view, rules=RULES, config=terms.config
    )
    return replace(found, **more)  # type: ignore[arg-type]  # fields of Facts


def planned(found: Facts) -> str:
    return describe(converse(found).actions)


def said(*files: ChangedFile, resolved: bool = False, answer: str | None = None) -> Standing:
    """What stands after podsec reviewed these files: one thread that speaks of all."""
    prints = frozenset(f.fingerprint for f in facts(*files).report.introduced)
    thread = Thread(
        id="T_1",
        path="pod.yaml",
        lead="**Container `app` of Pod `shop`**",
        fingerprints=prints,
        resolved=resolved,
        is_silent=answer is None,
        answers=() if answer is None else (Answer(author="octo-dev", body=answer),),
    )
    return Standing(commented=prints, threads=(thread,), head=PULL.head_sha)


ADDED = changed("pod.yaml", None, BAD)
MENDED = changed("pod.yaml", None, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n")
PLANS = {
    "nothing judged": (
        facts(changed("main.go", None, "package main\n")),
        """\
        conclude the check run of aaaaaaa: success, 0 annotations
          No Kubernetes manifests changed
        """,
    ),
    "added": (
        facts(ADDED),
        """\
        publish a review of aaaaaaa with 1 comment
          pod.yaml:8 (suggestion): **Container `app` of Pod `shop`**
        conclude the check run of aaaaaaa: neutral, 0 annotations
          N findings introduced
        """,
    ),
    "a draft": (
        facts(ADDED, pull=replace(PULL, draft=True)),
        """\
        conclude the check run of aaaaaaa: neutral, N annotations
          N findings introduced
        """,
    ),
    "the summary alone": (
        facts(ADDED, config="review: {mode: summary}\n"),
        """\
        publish a review of aaaaaaa with 0 comments
          podsec found N findings that this pull request introduces.
        conclude the check run of aaaaaaa: neutral, N annotations
          N findings introduced
        """,
    ),
    "the check alone": (
        facts(ADDED, config="review: {mode: check-only}\n", listens=False),
        """\
        conclude the check run of aaaaaaa: neutral, N annotations
          N findings introduced
        """,
    ),
    "said before": (
        facts(ADDED, known=said(ADDED)),
        """\
        conclude the check run of aaaaaaa: neutral, 0 annotations
          N findings introduced
        """,
    ),
    "mended": (
        facts(MENDED, known=said(ADDED)),
        """\
        resolve 1 thread of podsec's own
        conclude the check run of aaaaaaa: success, 0 annotations
          No finding introduced in 0 workloads
        """,
    ),
    "mended, and somebody answered": (
        facts(MENDED, known=said(ADDED, answer="on it")),
        """\
        conclude the check run of aaaaaaa: success, 0 annotations
          No finding introduced in 0 workloads
        """,
    ),
    "stood before": (
        facts(changed("pod.yaml", BAD, BAD + "    ports: []\n")),
        """\
        conclude the check run of aaaaaaa: success, 0 annotations
          No finding introduced in 1 workload
        """,
    ),
    "worsened": (
        facts(changed("pod.yaml", GOOD_IMAGE, BAD)),
        """\
        publish a review of aaaaaaa with 1 comment
          pod.yaml:8: **Container `app` of Pod `shop`**
        conclude the check run of aaaaaaa: neutral, 0 annotations
          1 finding introduced
        """,
    ),
    "enforced": (
        facts(ADDED, config="failOn: low\n", enforce=True, known=said(ADDED)),
        """\
        conclude the check run of aaaaaaa: failure, 0 annotations
          N findings introduced
        """,
    ),
}


@pytest.mark.parametrize("name", PLANS)
def test_the_plan_of_each_scenario_reads_as_recorded(name: str) -> None:
    found, expected = PLANS[name]
    count = len(found.report.introduced)
    text = dedent(expected)
    if count > 1:
        text = text.replace("N findings", f"{count} findings")
        text = text.replace("N annotations", f"{count} annotations")
    assert planned(found) == text
    assert planned(found) == text  # the same facts, the same plan


def test_what_is_declined_by_a_writer_counts_no_more_and_by_another_does() -> None:
    known = said(ADDED, answer="won't fix: a toy")
    (reason,) = set(declined(known, lambda login: login == "octo-dev").values())
    assert reason == "declined by octo-dev: won't fix: a toy"
    assert declined(known, lambda _login: False) == {}


def test_the_other_actions_are_described_too() -> None:
    button = CommentRef(id=0, author="octo-dev", body="/podsec fix")
    actions = [
        React(comment=replace(button, id=3), reaction="eyes"),
        React(comment=button, reaction="eyes"),
        Reply(key="command/1", body="\nno verb `x`\nmore"),
        Retire(key="retire/1", body="#1 was closed"),
    ]
    assert describe(actions).splitlines() == [
        "react to comment 3 with eyes",
        "react to a button with eyes",
        "reply once (command/1): no verb `x`",
        "close podsec's own pull request, delete its branch: #1 was closed",
    ]
    assert describe([]) == "nothing to do\n"


def test_a_file_name_of_a_stranger_controls_no_terminal() -> None:
    name = "a\x1b[2J\npublish a review.yaml"
    text = planned(facts(changed(name, None, BAD)))
    assert "\x1b" not in text
    assert [line for line in text.splitlines() if line.startswith("publish")] == [
        "publish a review of aaaaaaa with 1 comment"
    ]
