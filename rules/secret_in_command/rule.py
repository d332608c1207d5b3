"""Secrets on command lines: of containers, of their exec probes and hooks, in probes' headers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.rule import (
    Advice,
    Container,
    Context,
    MoveToSecret,
    RuleFix,
    Violation,
    secret,
    secret_pieces,
)

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HOOKS = ("lifecycle.postStart", "lifecycle.preStop")
_REPLACE = "; then replace the value, since the git history keeps it"
_OF_HEADER = (
    "a header can hold no reference: let the health check need no secret, or run it by exec"
)
_OF_PROBE = (
    'read it from a Secret into a variable by valueFrom.secretKeyRef, and write "$NAME" here in a '
    "script that sh -c runs, since Kubernetes expands nothing in probes and hooks"
)


def check(container: Container, context: Context) -> Iterator[Violation]:
    """A command and its arguments are one line: a flag in the one may take a value in the other."""
    spec = container.spec
    command, args = _words(spec.get("command")), _words(spec.get("args"))
    if command or args:
        yield from _found(container, ("command", command), ("args", args))
    for holder in _PROBES:
        if holder in spec:
            yield from _of_handler(container, holder)
    if "lifecycle" in spec:
        for holder in _HOOKS:
            yield from _of_handler(container, holder)


def fix(container: Container, violation: Violation, context: Context) -> RuleFix | Advice | None:
    """A word of the command reads a variable from then on; elsewhere, what may stand there."""
    if ".httpHeaders." in violation.field:
        return Advice(_OF_HEADER + _REPLACE)
    if ".exec." in violation.field:
        return Advice(_OF_PROBE + _REPLACE)
    return _moved(container, violation.field)


def _moved(container: Container, field: str) -> RuleFix | None:
    """Kubernetes expands `$(NAME)` in `command` and `args`, but in no shell script's quotes."""
    command, args = (_words(container.spec.get(name)) for name in ("command", "args"))
    which, _, index = field.partition(".")
    at = int(index) + (len(command) if which == "args" else 0)
    pieces = secret_pieces.of_word([*command, *args], at)
    if not pieces:
        return None
    return RuleFix(move=MoveToSecret(field=field, name=pieces[0].name, pieces=pieces))


def _of_handler(container: Container, holder: str) -> Iterator[Violation]:
    field = f"{holder}.exec.command"
    yield from _found(container, (field, _words(container.own(field))))
    headers = container.own(f"{holder}.httpGet.httpHeaders")
    for index, header in enumerate(headers if isinstance(headers, list) else ()):
        if isinstance(header, dict) and isinstance(header.get("value"), str):
            verdict = secret.classify(str(header.get("name") or ""), header["value"])
            if verdict:
                field = f"{holder}.httpGet.httpHeaders.{index}.value"
                yield _violation(container, field, verdict)


def _found(container: Container, *lists: tuple[str, list[str]]) -> Iterator[Violation]:
    places = [f"{field}.{index}" for field, words in lists for index in range(len(words))]
    for found in secret.in_command([word for _, words in lists for word in words]):
        yield _violation(container, places[found.at], found.verdict)


def _violation(container: Container, field: str, verdict: secret.Verdict) -> Violation:
    place = field.partition(".")[0]
    return Violation(
        field,
        f"container {container.name!r} has a secret in clear text in its {place}: {verdict.reason}",
        severity="medium" if verdict.kind == "likely" else None,
    )


def _words(listed: Any) -> list[str]:
    """Every item counts, so that indices hold; what is no text is an empty word."""
    if not isinstance(listed, list):
        return []
    return [word if isinstance(word, str) else "" for word in listed]
