"""What a command line says of the privileges that it needs."""

from __future__ import annotations

import pytest

from bot.kubernetes import command
from bot.kubernetes.workload import Container
from tests.pods import first, pod


def container(words: list[str] | None, args: list[str] | None = None) -> Container:
    spec = {"name": "shop", "image": "x", "command": words or [], "args": args or []}
    return first(pod({"containers": [spec]}))


@pytest.mark.parametrize(
    ("words", "args", "replaces"),
    [
        (None, None, False),
        (None, ["--port=8080"], False),
        (None, ["redis-server", "--save", ""], False),
        (None, ["/bin/sh", "-c", "x"], True),
        (["x"], None, True),
    ],
)
def test_only_a_command_or_a_shell_replaces_the_entrypoint(
    words: list[str] | None, args: list[str] | None, replaces: bool
) -> None:
    assert command.replaces_entrypoint(container(words, args)) == replaces


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("chown -R 1000 /data", ("chown",)),
        ("sysctl -w vm.max_map_count=262144", ("sysctl",)),
        ("apk add curl && mount -t nfs x /y", ("apk", "mount")),
        ("serve --chown-files=false", ()),
        ("echo chowned", ()),
    ],
)
def test_words_of_root_are_found_as_whole_words(script: str, words: tuple[str, ...]) -> None:
    assert command.of_root(container(["sh", "-c", script])) == words


@pytest.mark.parametrize(
    "words",
    [
        ["sleep", "5"],
        ["/bin/sleep", "infinity"],
        ["sh", "-c", "until nslookup db; do echo waiting; sleep 2; done"],
        ["/bin/sh", "-c", "exit 1"],
        ["sh", "-ec", 'if test -n "$A"; then echo yes; fi'],
        ["bash", "-c", "while true; do\n  date\n  sleep 5\ndone"],
    ],
)
def test_what_any_user_may_run_is_harmless(words: list[str]) -> None:
    assert command.harmless(container(words)) is not None


@pytest.mark.parametrize(
    "words",
    [
        ["nginx"],
        ["sh", "script.sh"],
        ["sh", "-c", "echo hi > /etc/motd"],
        ["sh", "-c", "sleep $(cat /secret)"],
        ["sh", "-c", "sleep 1; rm -rf /"],
        ["sh", "-c", "echo a | tee /b"],
        ["sh", "-c", "sleep `id`"],
        ["sh", "-c", "for f in *; do echo $f; done"],
        ["sh", "-c", "sleep 1 && exec nginx"],
        ["env", "sleep", "1"],
        [],
    ],
)
def test_anything_else_is_not(words: list[str]) -> None:
    assert command.harmless(container(words)) is None


def test_arguments_without_a_command_go_to_the_entrypoint() -> None:
    assert command.harmless(container(None, ["sleep", "5"])) is None


def test_programs_with_the_set_user_id_bit_are_found() -> None:
    assert command.of_setuid(container(["sh", "-c", "ping -c 1 host"])) == ("ping",)
    assert command.of_setuid(container(["shopping"])) == ()
