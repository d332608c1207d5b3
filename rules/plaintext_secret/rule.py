"""Literal secrets in `env`: passwords, tokens, keys, addresses with a password. Never the value."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Advice, Container, Context, Violation, secret

_ADDRESS = "; move the address as a whole, since its parts are percent-encoded"


def check(container: Container, context: Context) -> Iterator[Violation]:
    """By the form of the value, or by a name that promises a secret and a value that may be one."""
    for found in secret.in_env(container.spec.get("env"), context.options.get("allow", ())):
        yield Violation(
            f"env.{found.index}.value",
            f"container {container.name!r} holds a secret in clear text in {found.name!r}: "
            f"{found.verdict.reason}",
            severity="medium" if found.verdict.kind == "likely" else None,
        )


def fix(container: Container, violation: Violation, context: Context) -> Advice | None:
    """Where to put it: the Secret is for a person to create, so podsec names it and its key."""
    index = int(violation.field.split(".")[1])
    entry = container.own("env")[index]
    name = str(entry.get("name") or "")
    verdict = secret.classify(name, str(entry.get("value")))
    if verdict.part == "part":
        return None
    return Advice(
        f"keep it in a Secret, such as {container.pod.name}-secrets with the key "
        f"{secret.key_of(name)}, and read it by valueFrom.secretKeyRef"
        f"{_ADDRESS if verdict.part == 'address' else ''}; then replace the value, since the git "
        "history keeps it"
    )
