"""When a request may be repeated, and what an error means for the job.

PyGithub's own default repeats a POST on every 5xx without a pause and sleeps through rate limits
in the worker; here only reads are repeated, and long waits go back to the queue.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
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

_LONGEST_WAIT = 20.0
_SECONDARY_PAUSE = 60.0
_TOO_FAST = ("abuse", "submitted too quickly", "secondary rate limit")


class SafeRetry(GithubRetry):
    """Repeats reads only; a wait over 20 s is the queue's business."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("total", 3)
        options.setdefault("backoff_factor", 0.5)
        options.setdefault("allowed_methods", frozenset({"GET", "HEAD"}))
        options.setdefault("status_forcelist", [429, 500, 502, 503, 504])
        options.setdefault("max_rate_limit_wait", _LONGEST_WAIT)
        super().__init__(**options)

    def increment(
        self, method: Any = None, url: Any = None, response: Any = None, *rest: Any, **more: Any
    ) -> Any:
        """Count a repetition. Raises RateLimited where GitHub asks for a long pause."""
        if response is not None:
            pause = self.get_retry_after(response)
            if pause is not None and pause > _LONGEST_WAIT:
                raise RateLimited("GitHub asked for a pause", pause)
        return super().increment(method, url, response, *rest, **more)


@contextmanager
def classified(what: str) -> Iterator[None]:
    """Turn GitHub's answers into errors named for what to do next."""
    try:
        yield
    except GithubException as error:
        raise _meaning(error, what) from error
    except requests.RequestException as error:
        raise Unavailable(f"{what}: GitHub does not answer ({type(error).__name__})") from error


def _meaning(error: GithubException, what: str) -> PodsecError:
    text = f"{error.message} {error.data}".lower()
    headers = {key.lower(): value for key, value in (error.headers or {}).items()}
    if (pause := _pause(error.status, text, headers)) is not None:
        return RateLimited(f"{what}: GitHub asked for a pause", pause)
    message = f"{what}: GitHub answered {error.status} {error.message or ''}".rstrip()
    if error.status == 401:
        return StaleToken(message, 1.0)
    if error.status in (404, 410):
        return Gone(message)
    if error.status == 422:
        return Rejected(f"{message} {_details(error)}".rstrip())
    if error.status in (403, 451):
        return NotPermitted(message)
    if error.status >= 500 or error.status == 408:
        return Unavailable(message)
    return Rejected(message)


def _pause(status: int, text: str, headers: dict[str, str]) -> float | None:
    """How long to wait, in seconds, if the answer is one of GitHub's three rate limits."""
    hurried = any(sign in text for sign in _TOO_FAST)
    if status not in (403, 429) and not (status == 422 and hurried):
        return None
    if headers.get("retry-after", "").isdigit():
        return float(headers["retry-after"])
    if headers.get("x-ratelimit-remaining") == "0" and "x-ratelimit-reset" in headers:
        return max(1.0, float(headers["x-ratelimit-reset"]) - time.time())
    return _SECONDARY_PAUSE if status == 429 or hurried else None


def _details(error: GithubException) -> str:
    data = error.data if isinstance(error.data, dict) else {}
    return "; ".join(str(reason) for reason in data.get("errors") or ())[:500]
