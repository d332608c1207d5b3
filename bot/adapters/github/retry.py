"""When a request may be repeated, and what an error means for the job.

PyGithub's own default repeats a POST on every 5xx without a pause and sleeps through rate limits
in the worker; here only reads are repeated, and waits go back to the queue.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests
from github import GithubException, GithubRetry

from bot.errors import (
    Gone,
    NotPermitted,
    PodsecError,
    RateLimited,
    Rejected,
    StaleToken,
    Unavailable,
)

_SECONDARY_PAUSE = 60.0
# GitHub, "Rate limits for the REST API": 403 or 429; the third form, 422, was seen on comments
_LIMITED = (
    "api rate limit exceeded",
    "secondary rate limit",
    "abuse detection",
    "submitted too quickly",
    "wait a few minutes before you try again",
)


class SafeRetry(GithubRetry):
    """Repeats reads only, three times at most, and never waits for a rate limit."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("total", 3)
        options.setdefault("backoff_factor", 0.25)
        options.setdefault("allowed_methods", frozenset({"GET", "HEAD"}))
        options.setdefault("status_forcelist", [500, 502, 503, 504])
        options.setdefault("respect_retry_after_header", False)
        options.setdefault("raise_on_status", False)
        options.setdefault("max_rate_limit_wait", -1.0)
        super().__init__(**options)

    def increment(
        self, method: Any = None, url: Any = None, response: Any = None, *rest: Any, **more: Any
    ) -> Any:
        """Count a repetition. Raises RateLimited where GitHub asks for a pause."""
        if response is not None and response.status == 403:
            pause = pause_of(403, "", response.headers)
            if pause is not None:
                raise RateLimited("GitHub asked for a pause", pause)
        return super().increment(method, url, response, *rest, **more)


@contextmanager
def classified(what: str) -> Iterator[None]:
    """Turn GitHub's answers into errors named for what to do next."""
    try:
        yield
    except GithubException as error:
        raise meaning(error, what) from error
    except requests.RequestException as error:
        raise Unavailable(f"{what}: GitHub does not answer ({type(error).__name__})") from error
    except ValueError as error:
        raise Unavailable(f"{what}: GitHub's answer is cut") from error


def meaning(error: GithubException, what: str) -> PodsecError:
    """What to do after an answer of GitHub's that is no success."""
    text = f"{error.message} {error.data}".lower()
    if (pause := pause_of(error.status, text, error.headers or {})) is not None:
        return RateLimited(f"{what}: GitHub asked for a pause", pause)
    message = f"{what}: GitHub answered {error.status} {_said(error)}".rstrip()
    if error.status == 401:
        return StaleToken(message)
    if error.status in (404, 410):
        return Gone(message)
    if error.status in (403, 451):
        return NotPermitted(message)
    if error.status >= 500 or error.status in (408, 409):
        return Unavailable(message)
    return Rejected(f"{message} {_details(error)}".rstrip())


def pause_of(status: int, text: str, headers: Mapping[str, Any]) -> float | None:
    """How long to wait, in seconds, if the answer is one of GitHub's rate limits.

    `Retry-After` first, then the reset of a used-up budget, else a minute.
    """
    hurried = any(sign in text for sign in _LIMITED)
    if status not in (403, 429) and not (status == 422 and hurried):
        return None
    fields = {key.lower(): str(value) for key, value in headers.items()}
    if _is_number(fields.get("retry-after", "")):
        return float(fields["retry-after"])
    reset = fields.get("x-ratelimit-reset", "")
    if fields.get("x-ratelimit-remaining") == "0" and _is_number(reset):
        return max(1.0, float(reset) - time.time())
    return _SECONDARY_PAUSE if status == 429 or hurried else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _said(error: GithubException) -> str:
    """GitHub's own message; what is no JSON object, such as a proxy's page, has none."""
    data = error.data if isinstance(error.data, dict) else {}
    return str(data.get("message") or error.message or "")[:300]


def _details(error: GithubException) -> str:
    data = error.data if isinstance(error.data, dict) else {}
    rows = data.get("errors") or ()
    said = (row.get("message") or row.get("code") if isinstance(row, dict) else row for row in rows)
    return "; ".join(str(reason) for reason in said)[:500]
