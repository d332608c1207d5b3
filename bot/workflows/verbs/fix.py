"""`fix` and `rebase`: follow-up pull requests, of all or of some findings."""

from __future__ import annotations

import re

from bot.config.globs import matches
from bot.engine.narrow import Narrow, Spot
from bot.errors import CommandError
from bot.model.delivery import OWN_BRANCHES
from bot.model.sweep import SWEEP_BRANCHES
from bot.workflows.base_branch import asked_by_base
from bot.workflows.fix_pull_request import Followups, fix_pull_request, open_pull
from bot.workflows.verbs.verb import Asking, Verb, demand_rule, shown

_BRANCH = re.compile(
    re.escape(OWN_BRANCHES) + r"(\d+)-(?:safe|test-first|secrets)(?:-([a-z0-9+-]+))?"
)
_LONGEST_PATH = 200
_KEY = re.compile(r"[0-9a-f]{10}")


def _fix(asking: Asking) -> None:
    words = list(asking.command.arguments)
    followups = Followups(asked_by=asking.author)
    if words and words[0].lower() == "safe":
        followups = Followups(asked_by=asking.author, only_safe=True)
        words = words[1:]
    if not words:
        fix_pull_request(asking.job, asking.forge, asking.operator, followups)
        return
    narrow = Narrow(spot=spot(asking)) if _is_here(words) else _narrow(asking, words)
    fix_pull_request(asking.job, asking.forge, asking.operator, followups.only(narrow))


def _is_here(words: list[str]) -> bool:
    return len(words) == 1 and words[0].lower() == "here"


def _narrow(asking: Asking, words: list[str]) -> Narrow:
    """What the words name: what looks like a path is one, the rest are rules."""
    paths = tuple(word.strip("`") for word in words if any(sign in word for sign in "/.*"))
    for path in paths:
        _demand_glob(path)
    named = [word for word in words if word.strip("`") not in paths]
    if not named:
        return Narrow(paths=paths)
    pull = open_pull(asking.job, asking.forge)
    terms, _ = asked_by_base(asking.forge, pull, asking.operator)
    rules = dict.fromkeys(demand_rule(word, terms.rules) for word in named)
    return Narrow(rules=tuple(rules), paths=paths)


def _demand_glob(path: str) -> None:
    """Raises CommandError where a path is too long, or its classes of characters are none."""
    try:
        fits = len(path) <= _LONGEST_PATH
        matches(path, "", is_path=True)
    except re.error:
        fits = False
    if not fits:
        raise CommandError(f"`{shown(path)}` is no path, and no glob such as `deploy/**`")


def spot(asking: Asking) -> Spot:
    """Where an inline comment points. Raises CommandError where it points nowhere."""
    comment = asking.job.comment
    if comment is None or comment.path is None:
        raise CommandError(
            f"`/podsec {asking.command.verb} here` is understood in a comment on a line: reply "
            "to one of podsec's, or comment on a line of the container"
        )
    prints: frozenset[str] = frozenset()
    if comment.reply_to is not None:
        prints = asking.forge.spoken_of(asking.job.repository, comment.reply_to)
    if not prints and comment.lines is None:
        raise CommandError("the line of this comment is no longer there: comment on one that is")
    return Spot(path=comment.path, lines=comment.lines, fingerprints=prints)


def _rebase(asking: Asking) -> None:
    """On a follow-up: renew it, and its like. On another pull request: renew its follow-ups."""
    asking.demand_nothing_more(f"usage: `{REBASE.usage}`")
    job, forge = asking.job, asking.forge
    pull = open_pull(job, forge)
    followups = Followups(asked_by=asking.author, only_standing=True)
    if not pull.is_own:
        fix_pull_request(job, forge, asking.operator, followups)
        return
    if pull.head_ref.startswith(SWEEP_BRANCHES):
        raise CommandError(
            "the next sweep makes this pull request anew by itself; where others pushed to its "
            "branch it holds back, and says so with a box to tick"
        )
    found = _BRANCH.fullmatch(pull.head_ref)
    if found is None or _KEY.fullmatch(found[2] or ""):
        raise CommandError(
            "podsec cannot tell from the branch what this pull request is to hold: give the "
            "command that made it again, and it is renewed"
        )
    narrow = Narrow(rules=tuple(found[2].split("+"))) if found[2] else Narrow()
    target = job.about(int(found[1]))
    fix_pull_request(target, forge, asking.operator, followups.only(narrow))


FIX = Verb(
    name="fix",
    usage="/podsec fix [safe] [RULE… PATH…] [here]",
    does="open follow-up pull requests with the fixes; `safe`: without those to test first; with "
    "rules or paths: of these alone; `here`, in a comment on a line: of this container alone",
    writers_only=True,
    run=_fix,
)
REBASE = Verb(
    name="rebase",
    usage="/podsec rebase",
    does="renew podsec's open follow-up pull requests from the present head",
    writers_only=True,
    run=_rebase,
)
