"""What a verb is, and what it is asked."""

from __future__ import annotations

import difflib
from collections.abc import Callable

from bot.errors import CommandError
from bot.frozen import frozen
from bot.model.delivery import Job
from bot.ports import Forge
from bot.rule.load import Rules
from bot.workflows.operator import Operator
from bot.workflows.read_comment import Command

Check = Callable[[Job, Forge], object]
"""How a pull request is checked; its result is not needed here."""
_LONGEST = 40


@frozen
class Asking:
    """A command on its way: who asks, where, and by what means it is done.

    `key` is that of the one answer that it may give.
    """

    job: Job
    forge: Forge
    operator: Operator
    command: Command
    check: Check
    key: str

    @property
    def author(self) -> str:
        """Who asks."""
        return self.job.comment.author if self.job.comment else ""

    def answer(self, body: str) -> None:
        """Say something once, where the command was given."""
        if self.job.comment is not None:
            self.forge.answer(self.job.number, self.job.comment, self.key, body)

    def demand_nothing_more(self, usage: str) -> None:
        """Raises CommandError where words stand behind a verb that takes none."""
        for word in self.command.arguments:
            raise CommandError(f"`/podsec {self.command.verb}` takes no `{shown(word)}`; {usage}")


@frozen
class Verb:
    """What may be asked: one row of the table that parser, help, pages and permission share."""

    name: str
    usage: str
    does: str
    writers_only: bool
    run: Callable[[Asking], None]


def shown(word: str) -> str:
    """A stranger's word for a code span of podsec's own."""
    return word[:_LONGEST].replace("`", "") or "?"


def demand_rule(word: str, rules: Rules) -> str:
    """A rule's id. Raises CommandError, with a guess, where there is none of that name."""
    wanted = word.strip("`").lower().replace("_", "-")
    known = [rule.id for rule in rules]
    if wanted in known:
        return wanted
    guess = did_you_mean(wanted, known) or "; a folder is written `deploy/`"
    raise CommandError(f"podsec knows no rule `{shown(word)}`{guess}")


def did_you_mean(word: str, known: list[str], lead: str = "") -> str:
    """A guess at what was meant, to stand behind a message; empty without one."""
    guess = difflib.get_close_matches(word, known, 1, 0.5)
    return f"; did you mean `{lead}{guess[0]}`?" if guess else ""
