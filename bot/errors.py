"""The error tree, classed by what the caller does next."""

from __future__ import annotations


class PodsecError(Exception):
    """Anything podsec raises on purpose."""


class UserError(PodsecError):
    """Say it, as it is, to the user; do not retry. Exit 2, or a comment."""


class ConfigError(UserError):
    """`.podsec.yaml` or a setting is wrong; the message names file, line and remedy."""


class CommandError(UserError):
    """An unknown `/podsec` verb, or one that this person may not use."""


class RuleError(UserError):
    """A rule folder is wrong; the message names the file and the field."""


class NotInstalled(UserError):
    """A program that is needed is not there; the message names it."""


class TransientError(PodsecError):
    """Try the job again later. Exit 75, or back to the queue after `retry_after` seconds.

    None lets the worker choose: longer after each failure.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        """Keep how many seconds to wait."""
        super().__init__(message)
        self.retry_after = retry_after


class RateLimited(TransientError):
    """GitHub asked for a pause."""


class OutOfBudget(RateLimited):
    """podsec keeps to a limit of its own before GitHub has to ask."""


class Unavailable(TransientError):
    """The other side failed; whether a write happened is unknown."""


class StaleToken(TransientError):
    """GitHub no longer takes the token: ask for a new one, then try again."""


class PermanentError(PodsecError):
    """Give up and report once. Exit 4, or a buried job."""


class NotPermitted(PermanentError):
    """The token may not do this."""


class Gone(PermanentError):
    """The thing no longer exists."""


class Rejected(PermanentError):
    """GitHub answered 422: the request itself is wrong for the present state."""


class Edited(PermanentError):
    """Somebody else has changed podsec's own branch: it is theirs now."""


class Unlisted(PermanentError):
    """The address is one that podsec may not speak to: nobody listed it."""


class Malformed(PermanentError):
    """The other side said what podsec cannot read, or far too much of it."""
