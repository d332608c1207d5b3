"""Do what the commands of a comment ask: each for itself, with one answer for what was refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from bot.errors import CommandError, Edited, UserError
from bot.formats.markdown import code, inert
from bot.model.delivery import Job
from bot.ports import WRITERS, Forge
from bot.workflows.operator import Operator
from bot.workflows.read_comment import Command, commands
from bot.workflows.verbs import VERBS
from bot.workflows.verbs.verb import Asking, Check, Verb, did_you_mean, shown

__all__ = ["VERBS", "commands", "refuse", "run_command"]
_LONGEST_REASON = 1_500
_MOST = 10


def run_command(job: Job, forge: Forge, operator: Operator, check: Check) -> None:
    """Do what a comment asks: 👀 at first, then 🚀; or 😕 with one reply that says why.

    What one command is refused does not hold up the others. Raises PodsecError where the reason
    is not the user's; `report_failure` then says so.
    """
    if job.comment is None:
        return
    forge.react(job.repository, job.comment, "eyes")
    refused = list(_refusals(job, forge, operator, check))
    if refused:
        refuse(forge, job, "; ".join(refused))
    else:
        forge.react(job.repository, job.comment, "rocket")


def _refusals(job: Job, forge: Forge, operator: Operator, check: Check) -> Iterator[str]:
    """Do the commands; why some were not done."""
    assert job.comment is not None
    asked = commands(job.comment.body)
    author = job.comment.author
    may_write = cache(lambda: forge.permission(job.repository, author) in WRITERS)
    for index, command in enumerate(asked[:_MOST]):
        key = f"{job.id}/{index}" if index else job.id
        try:
            verb = _verb(command)
            _demand_permission(verb, may_write)
            verb.run(
                Asking(
                    job=job, forge=forge, operator=operator, command=command, check=check, key=key
                )
            )
        except (UserError, Edited) as error:
            yield str(error)
    if len(asked) > _MOST:
        yield f"one comment gives {len(asked)} commands: the first {_MOST} were read"


def refuse(forge: Forge, job: Job, reason: str) -> None:
    """😕 and one reply; where they stand already, nothing more."""
    if job.comment is None:
        return
    forge.answer(job.number, job.comment, f"{job.id}/refused", f"{_inert_but_code(reason)}.")
    forge.react(job.repository, job.comment, "confused")


def _inert_but_code(text: str) -> str:
    """An error's text, where only podsec's own code spans stay."""
    parts = text.split("`")
    return "".join(
        code(part) if index % 2 else inert(part, _LONGEST_REASON)
        for index, part in enumerate(parts)
    )


def _verb(command: Command) -> Verb:
    verb = VERBS.get(command.verb)
    if verb is None:
        guess = did_you_mean(command.verb, list(VERBS), "/podsec ")
        hint = guess or "; `/podsec help` lists the verbs"
        raise CommandError(f"podsec knows no verb `{shown(command.verb)}`{hint}")
    return verb


def _demand_permission(verb: Verb, may_write: Callable[[], bool]) -> None:
    if verb.writers_only and not may_write():
        raise CommandError(f"`/podsec {verb.name}` needs write permission in this repository")
