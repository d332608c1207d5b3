"""Literal secrets in `env`: passwords, tokens, keys, addresses with a password. Never the value."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Container, Context, MoveToSecret, RuleFix, Violation, secret, secret_pieces


def check(container: Container, context: Context) -> Iterator[Violation]:
    """By the form of the value, or by a name that promises a secret and a value that may be one."""
    for found in secret.in_env(container.spec.get("env"), context.options.get("allow", ())):
        yield Violation(
            f"env.{found.index}.value",
            f"container {container.name!r} holds a secret in clear text in {found.name!r}: "
            f"{found.verdict.reason}",
            severity="medium" if found.verdict.kind == "likely" else None,
        )


def fix(container: Container, violation: Violation, context: Context) -> RuleFix | None:
    """The value moves to a Secret: all of it, or what is secret in a row of options."""
    index = int(violation.field.split(".")[1])
    entry = container.own("env")[index]
    name = str(entry.get("name") or "")
    pieces = secret_pieces.of_value(name, str(entry.get("value")))
    if pieces is None or not name:
        return None
    return RuleFix(move=MoveToSecret(field=violation.field, name=name, pieces=pieces))
