"""Literal secrets in `env`. The value itself is never part of a message."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.rule import Container, Context, Violation

NAME = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|"
    r"CREDENTIALS?|SECRET_?KEY|AUTH_?KEY|ENCRYPTION_?KEY|CLIENT_?SECRET)$",
    re.IGNORECASE,
)
# a name that ends so points at a secret, or describes one
POINTER = re.compile(
    r"_(?:FILE|PATH|DIR|NAME|URL|URI|HOST|ENABLED|TTL|LENGTH|HEADER|ID)$", re.IGNORECASE
)
VALUE = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{20,}|"
    r"\bxox[abprs]-[A-Za-z0-9-]{10,}|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]+|"
    r"\b[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s:@$({<]+@"
)
HARMLESS = re.compile(
    r"^(?:|\$\(.*\)|\$\{.*\}|\{\{.*\}\}|<.*>|/.*|true|false|yes|no|none|null|\d{1,3}|"
    r"x+|\*+|change-?me.*|todo|example|placeholder|your[-_].*)$",
    re.IGNORECASE,
)


def check(container: Container, context: Context) -> Iterator[Violation]:
    """By what the value is, or by a name that promises a secret and a value that may be one."""
    entries = container.own("env")
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if not isinstance(entry, dict) or not isinstance(entry.get("value"), str):
            continue
        name, value = str(entry.get("name") or ""), entry["value"].strip()
        named = NAME.search(name) and not POINTER.search(name) and not HARMLESS.match(value)
        if VALUE.search(value) or named:
            message = f"container {container.name!r} holds a secret in clear text: {name!r}"
            yield Violation(f"env.{index}.value", message)
