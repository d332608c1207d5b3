"""The table: `/podsec VERB`, who may, what it does, how it is used."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.errors import CommandError, Edited, UserError
from bot.formats.markdown import code, inert
from bot.model.delivery import Job
from bot.ports import Forge
from bot.rule.load import Rules
from bot.workflows.check_pull_request import check_pull_request
from bot.workflows.fix_pull_request import fix_pull_request

_FENCE = re.compile(
    r"^ {0,3}(`{3,}|~{3,}).*?^ {0,3}\1[`~]* *$|^ {0,3}(?:`{3,}|~{3,}).*\Z", re.MULTILINE | re.DOTALL
)
_LINE = re.compile(r"^[ \t]{0,3}/podsec(?:[ \t]+(\S+)(.*))?$", re.MULTILINE | re.IGNORECASE)
_WRITERS = ("admin", "write")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One line of a comment."""

    verb: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """What may be asked."""

    name: str
    usage: str
    does: str
    writers_only: bool
    arguments: tuple[str, ...]
    run: Callable[[Job, Forge, Rules, Command, bool], None]


def commands(body: str) -> tuple[Command, ...]:
    """The commands of a comment, one a line; code blocks and quotes are not read."""
    plain = _FENCE.sub("", body.replace("\r\n", "\n"))
    return tuple(
        Command(
            verb=(found[1] or "help").lower().strip("`"),
            arguments=tuple((found[2] or "").lower().split()),
        )
        for found in _LINE.finditer(plain)
    )


def run_command(job: Job, forge: Forge, rules: Rules, *, enforce: bool) -> None:
    """Do what a comment asks: 👀 at first, then 🚀; or 😕 with one reply that says why."""
    if job.comment is None:
        return
    comment, repository = job.comment, job.repository
    forge.react(repository, comment.id, "eyes")
    try:
        for command in dict.fromkeys(commands(comment.body)):
            verb = _verb(command)
            _demand_permission(verb, job, forge)
            verb.run(job, forge, rules, command, enforce)
    except (UserError, Edited) as error:
        forge.reply(repository, job.number, job.id, f"{inert_but_code(str(error))}.")
        forge.react(repository, comment.id, "confused")
    else:
        forge.react(repository, comment.id, "rocket")


def inert_but_code(text: str) -> str:
    """An error's text, where only podsec's own code spans stay."""
    parts = text.split("`")
    return "".join(code(p) if index % 2 else inert(p) for index, p in enumerate(parts))


def _verb(command: Command) -> Verb:
    verb = VERBS.get(command.verb)
    if verb is None:
        guess = difflib.get_close_matches(command.verb, list(VERBS), 1, 0.5)
        hint = f"did you mean `/podsec {guess[0]}`?" if guess else "`/podsec help` lists the verbs"
        shown = command.verb[:40].replace("`", "")
        raise CommandError(f"podsec knows no verb `{shown}`; {hint}")
    for argument in command.arguments:
        if argument not in verb.arguments:
            shown = argument[:40].replace("`", "")
            raise CommandError(f"`/podsec {verb.name}` takes no `{shown}`; usage: `{verb.usage}`")
    return verb


def _demand_permission(verb: Verb, job: Job, forge: Forge) -> None:
    if not verb.writers_only or job.comment is None:
        return
    if forge.permission(job.repository, job.comment.author) not in _WRITERS:
        raise CommandError(f"`/podsec {verb.name}` needs write permission in this repository")


def _fix(job: Job, forge: Forge, rules: Rules, command: Command, _enforce: bool) -> None:
    author = job.comment.author if job.comment else ""
    fix_pull_request(job, forge, rules, author, only_safe="safe" in command.arguments)


def _check(job: Job, forge: Forge, rules: Rules, _command: Command, enforce: bool) -> None:
    check_pull_request(job, forge, rules, enforce=enforce)


def _help(job: Job, forge: Forge, _rules: Rules, _command: Command, _enforce: bool) -> None:
    lines = [f"- `{verb.usage}`: {verb.does}" for verb in VERBS.values()]
    forge.reply(job.repository, job.number, job.id, "\n".join(lines))


VERBS: dict[str, Verb] = {
    "fix": Verb(
        name="fix",
        usage="/podsec fix [safe]",
        does="open follow-up pull requests with the fixes; `safe`: without those to test first",
        writers_only=True,
        arguments=("safe",),
        run=_fix,
    ),
    "check": Verb(
        name="check",
        usage="/podsec check",
        does="check this pull request again",
        writers_only=False,
        arguments=(),
        run=_check,
    ),
    "help": Verb(
        name="help",
        usage="/podsec help",
        does="list what podsec understands",
        writers_only=False,
        arguments=(),
        run=_help,
    ),
}
