"""What in a comment is a command, and what is not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.workflows.read_comment import commands


def verbs(body: str) -> list[str]:
    return [" ".join((command.verb, *command.arguments)) for command in commands(body)]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("/podsec fix", ["fix"]),
        ("/PodSec FIX Safe", ["fix Safe"]),
        ("  /podsec fix  ", ["fix"]),
        ("/podsec", ["help"]),
        ("/podsec   ", ["help"]),
        ("/podsec `fix`", ["fix"]),
        ("Please:\r\n/podsec fix\r\nThank you", ["fix"]),
        ("/podsec fix\n/podsec check", ["fix", "check"]),
        ("```\nkubectl\n```\n/podsec fix", ["fix"]),
        ("~~~~\n~~~\n/podsec check\n~~~~\n/podsec fix", ["fix"]),
        ("<!-- hidden -->\n/podsec fix", ["fix"]),
        ("`` ` ``\n/podsec fix", ["fix"]),
        ("> quoted\n\n/podsec fix", ["fix"]),
        (">\n/podsec fix", ["fix"]),
        ("<pre>/podsec check</pre>\n/podsec fix", ["fix"]),
        ("/podsec fix\n/podsec fix", ["fix"]),
        ("/podsec ignore host-port a Reason", ["ignore host-port a Reason"]),
        ("```` `not a fence`\n/podsec fix", ["fix"]),
    ],
)
def test_a_line_that_begins_with_podsec_is_a_command(body: str, found: list[str]) -> None:
    assert verbs(body) == found


@pytest.mark.parametrize(
    "body",
    [
        "",
        "see /podsec fix",
        "/podsecfix",
        "/podsec-like",
        "> /podsec fix",
        "    /podsec fix",
        "\t/podsec fix",
        "`/podsec fix`",
        "```\n/podsec fix\n```",
        "```yaml\n/podsec fix",
        "```\n/podsec fix\n~~~\n/podsec fix",
        "````\n```\n/podsec fix\n````",
        "   ```\n/podsec fix\n   ```",
        "<!--\n/podsec fix\n-->",
        "<!-- say\n/podsec fix",
        "> quoted\n/podsec fix",
        "<pre>\n/podsec fix\n</pre>",
    ],
)
def test_what_is_quoted_coded_hidden_or_in_a_sentence_is_none(body: str) -> None:
    assert verbs(body) == []


@given(st.text(st.sampled_from("/podsec fix`~<!->\n\r\t "), max_size=200))
def test_no_comment_breaks_the_reader(body: str) -> None:
    for command in commands(body):
        assert command.verb
        assert "\n" not in command.verb


@pytest.mark.parametrize("unit", ["`", "~", "```x\n", "`\n", "<!--", "/podsec ", " ", "<!-- -->\n"])
def test_the_longest_comment_is_read_in_no_time(unit: str) -> None:
    body = (unit * 70_000)[:65_536]
    began = time.monotonic()
    commands(body)
    assert time.monotonic() - began < 1
