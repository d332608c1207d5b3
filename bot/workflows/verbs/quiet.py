"""`pause` and `resume`: a label keeps the state, where everybody sees it and may take it away.

The label comes with every payload of the pull request, so that no call asks for it.
"""

from __future__ import annotations

from bot.model.delivery import PAUSED
from bot.workflows.verbs.verb import Asking, Verb


def _pause(asking: Asking) -> None:
    asking.demand_nothing_more(f"usage: `{PAUSE.usage}`")
    asking.forge.label(asking.job.number, PAUSED)


def _resume(asking: Asking) -> None:
    asking.demand_nothing_more(f"usage: `{RESUME.usage}`")
    asking.forge.unlabel(asking.job.number, PAUSED)
    if asking.forge.pull(asking.job.repository, asking.job.number).state == "open":
        asking.check(asking.job, asking.forge)


PAUSE = Verb(
    name="pause",
    usage="/podsec pause",
    does=f"no reviews on this pull request, by the label `{PAUSED}`; the check run goes on",
    writers_only=True,
    run=_pause,
)
RESUME = Verb(
    name="resume",
    usage="/podsec resume",
    does="end that, and check now",
    writers_only=True,
    run=_resume,
)
