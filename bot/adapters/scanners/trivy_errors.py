"""Trivy's last words, as what to do next. It ends with 1 for every error; only its log tells them.

The words are those of version 0.59.1, read from its output; newer ones keep most of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from bot.errors import (
    Gone,
    NotPermitted,
    PodsecError,
    RateLimited,
    Unavailable,
    UserError,
)

Words: TypeAlias = tuple[re.Pattern[str], Callable[[str], PodsecError], str]
_FETCH = "let it download one (trivy image --download-db-only), or name a cache that holds one"


def _words(pattern: str, error: Callable[[str], PodsecError], message: str) -> Words:
    return re.compile(pattern), error, message


# the first that fits; {0} is the image's path, {1} its registry
_KNOWN: tuple[Words, ...] = (
    _words(
        r"--skip-(?:db-)?update cannot be specified on the first run",
        UserError,
        f"Trivy has no vulnerability database: {_FETCH}",
    ),
    _words(
        r"cannot be specified with the old DB schema",
        UserError,
        f"Trivy's vulnerability database is of another version of Trivy: {_FETCH}",
    ),
    _words(
        r"failed to download (?:vulnerability|Java) DB",
        Unavailable,
        "Trivy cannot download its vulnerability database",
    ),
    _words(
        r"twirp error unauthenticated",
        NotPermitted,
        "the Trivy server does not take the token",
    ),
    _words(
        r"twirp error .*(?:connection refused|no such host|timeout|EOF)",
        Unavailable,
        "the Trivy server cannot be reached",
    ),
    _words(r"could not parse reference", UserError, "Trivy cannot read the name of {0}"),
    _words(r"no child with platform", Gone, "{0} is not made for this platform"),
    _words(r"TOOMANYREQUESTS|status code 429", RateLimited, "{1} asked for a pause"),
    _words(
        r"MANIFEST_UNKNOWN|NAME_UNKNOWN|BLOB_UNKNOWN|status code 404",
        Gone,
        "{1} does not have {0}, or not this version of it",
    ),
    _words(
        r"UNAUTHORIZED|DENIED|status code 40[13]",
        NotPermitted,
        "{1} does not let Trivy read {0}",
    ),
    _words(r"x509:|tls: ", Unavailable, "the certificate of {1} is not trusted"),
    _words(
        r"context deadline exceeded",
        Unavailable,
        "Trivy took longer than it may",
    ),
    _words(
        r"connection refused|no such host|i/o timeout|no route to host|status code 5\d\d|: EOF",
        Unavailable,
        "{1} cannot be reached",
    ),
    _words(r"no space left on device", Unavailable, "the disk that Trivy works on is full"),
)
_JAVA = re.compile(r"Unable to initialize the Java DB")
_STAMP = re.compile(r"^\S+\s+FATAL\s+(?:Fatal error\s+)?")
_LONGEST = 300


def classified(log: bytes, repository: str) -> PodsecError:
    """What a failed run means, by its log."""
    words = log.decode("utf-8", "replace")
    registry, _, path = repository.partition("/")
    for pattern, error, message in _KNOWN:
        if pattern.search(words):
            return error(message.format(path, registry))
    lines = [line for line in words.splitlines() if "FATAL" in line] or words.splitlines()[-1:]
    last = _STAMP.sub("", lines[-1]).strip() if lines else "it said nothing"
    return Unavailable(f"Trivy failed: {last[:_LONGEST]}")


def lacks_java_database(log: bytes) -> bool:
    """Whether it failed for want of the database of Java archives alone."""
    return _JAVA.search(log.decode("utf-8", "replace")) is not None
