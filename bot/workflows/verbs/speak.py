"""`check` and `help`."""

from __future__ import annotations

from collections.abc import Sequence

from bot.workflows.fix_pull_request import open_pull
from bot.workflows.verbs.verb import Asking, Verb

_HELP = "/podsec help"


def _check(asking: Asking) -> None:
    asking.demand_nothing_more(f"usage: `{CHECK.usage}`")
    open_pull(asking.job, asking.forge)
    asking.check(asking.job, asking.forge)


CHECK = Verb(
    name="check",
    usage="/podsec check",
    does="check this pull request again",
    writers_only=False,
    run=_check,
)


def helping(verbs: Sequence[Verb]) -> Verb:
    """The verb that lists the others, and itself."""
    does = "list what podsec understands"

    def run(asking: Asking) -> None:
        lines = [f"- `{verb.usage}`: {verb.does}" for verb in verbs]
        asking.answer("\n".join([*lines, f"- `{_HELP}`: {does}"]))

    return Verb(name="help", usage=_HELP, does=does, writers_only=False, run=run)
