"""The table of verbs, in the order in which help lists them."""

from bot.workflows.verbs.explain import EXPLAIN
from bot.workflows.verbs.fix import FIX, REBASE
from bot.workflows.verbs.ignore import IGNORE
from bot.workflows.verbs.policies import POLICIES
from bot.workflows.verbs.quiet import PAUSE, RESUME
from bot.workflows.verbs.speak import CHECK, helping
from bot.workflows.verbs.verb import Verb

_SPOKEN = (CHECK, FIX, EXPLAIN, IGNORE, POLICIES, REBASE, PAUSE, RESUME)
VERBS: dict[str, Verb] = {verb.name: verb for verb in (*_SPOKEN, helping(_SPOKEN))}

__all__ = ["VERBS"]
