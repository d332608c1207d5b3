"""Where names and values stand in free text: URLs, connection strings, configuration lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.frozen import frozen
from bot.kubernetes.secret import mentions
from bot.kubernetes.secret_form import MAX_LENGTH


@frozen(kw_only=False)
class Assignment:
    """A name, its value and where the value stands in the text."""

    name: str
    value: str
    start: int
    end: int
    quoted: bool = False
    whole: bool = False
    """Whether the line says nothing else."""


# scheme://user:password@host; the password may hold ':' but neither '@' nor '/'
_URL = re.compile(
    r"://(?P<user>[^\s:/?#@\"'<>]{0,80}):(?P<password>[^\s@/?#\"']{1,200}|\$\{[^}]*\}|<[^>]*>)@(?=[^\s])"
)
# https://token@host
_URL_TOKEN = re.compile(
    r"https?://(?P<user>[^\s:/?#@\"'<>]{16,255})@(?P<host>[^\s/:]+)(?P<path>\S*)"
)
# Go's MySQL driver: user:password@tcp(host)/db; and user:password@host/db without a scheme
_BARE = re.compile(
    r"(?:^|[\s\"'=,])(?P<user>[\w.\-]{1,80}):(?P<password>[^\s:@/\"']{1,200})"
    r"@(?:(?:tcp|unix)?\(|[\w.\-]+(?::\d+)?/)"
)
# a configuration file's line: `key: value`, `export KEY=value`, `"key" = "value"`, `- key: value`
_LINE = re.compile(
    r"^\s*(?:(?:export|set|env|ENV|setenv)\s+|-\s+|--?|\$Env:)?[\"']?(?P<name>[A-Za-z_][\w.\-\[\]]{1,100})"
    r"[\"']?\s*(?::=|=>|=|:(?=\s|[\"'\d]))\s*(?P<value>\S.*?)\s*$"
)
# the same within a line: `;Password=x;`, `"password": "x"`, `-Dx.password=x`, `?token=x&`
_INLINE = re.compile(
    r"(?<![\w.$%{/])(?:-D|--?)?[\"']?(?P<name>[A-Za-z_][\w.\-]{1,80})[\"']?(?:\s{1,3}[=:]\s{1,3}|=|:\s{0,3})(?!//)"
    r"(?P<value>\"(?:[^\"\\]|\\.){0,400}\"|'[^']{0,400}'|[^\s\"';,&|<>{}()\[\]]{1,400})"
)
# words of configuration that take their value without a sign: redis, haproxy, ssh
_SPACED = re.compile(
    r"^\s*(?P<name>requirepass|masterauth|password|secret)\s+(?P<value>\S+)\s*$", re.IGNORECASE
)
# IDENTIFIED BY 'x' of MySQL and Oracle, PASSWORD 'x' of PostgreSQL
_SQL = re.compile(
    r"(?:IDENTIFIED\s+(?:WITH\s+\S+\s+)?BY|(?:USER|ROLE)\s+\S+\s+(?:WITH\s+)?(?:[A-Z]+\s+){0,4}?"
    r"(?:ENCRYPTED\s+)?PASSWORD)\s+(?P<value>'[^']{1,200}')",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"\s+(?:#|//).*$")


def credentials(text: str) -> Iterator[Assignment]:
    """The passwords in the addresses of a text, named by their user."""
    for pattern in (_URL, _BARE):
        for found in pattern.finditer(text[:MAX_LENGTH]):
            start, end = found.span("password")
            yield Assignment(found["user"], found["password"], start, end)


def tokens_of_urls(text: str) -> Iterator[Assignment]:
    """What stands alone before the host of an address: a token, or the public key of Sentry."""
    for found in _URL_TOKEN.finditer(text[:MAX_LENGTH]):
        if "sentry" not in found["host"] and not re.fullmatch(r"/\d+", found["path"]):
            yield Assignment("token", found["user"], *found.span("user"))


def assignments(line: str) -> Iterator[Assignment]:
    """The names and values of one line; a line of configuration has one that takes its rest."""
    if len(line) > MAX_LENGTH or not mentions(line):
        return
    whole = _assignment(line)
    if whole is not None:
        yield replace(whole, whole=True)
        return
    for pattern in (_INLINE, _SQL):
        for found in pattern.finditer(line):
            name = found.groupdict().get("name", "password")
            if mentions(name):
                yield _unquoted(name, found["value"], found.start("value"))


def _assignment(line: str) -> Assignment | None:
    """What a line of configuration sets, if its name could be a secret's."""
    whole = _LINE.match(line) or _SPACED.match(line)
    if whole is None or not mentions(whole["name"]):
        return None
    return _unquoted(whole["name"], whole["value"], whole.start("value"))


def _unquoted(name: str, value: str, start: int) -> Assignment:
    """Without quotes, a final comma or semicolon, and a comment."""
    quote = value[0]
    closing = value.find(quote, 1) if quote in "\"'" else -1
    if closing > 0:
        return Assignment(name, value[1:closing], start + 1, start + closing, quoted=True)
    plain = _COMMENT.sub("", value).rstrip(" \t,;")
    return Assignment(name, plain, start, start + len(plain))
