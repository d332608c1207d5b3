"""The table: `/podsec VERB`, who may, what it does, how it is used."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator

from bot.errors import CommandError, Edited, UserError
from bot.formats.markdown import code, inert
from bot.frozen import frozen
from bot.model.delivery import Job
from bot.ports import Forge, Renderer
from bot.rule.load import Rules
from bot.workflows.fix_pull_request import fix_pull_request, open_pull
from bot.workflows.propose_policies import propose_policies
from bot.workflows.render_roots import NOTHING_RENDERS

_FENCE = re.compile(r"^ {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_LINE = re.compile(r"^ {0,3}/podsec(?:[ \t]+(\S+)(.*))?\s*$", re.IGNORECASE)
_WRITERS = ("admin", "write")
_LONGEST_REASON = 1_500


@frozen
class Command:
    """One line of a comment."""

    verb: str
    arguments: tuple[str, ...]


Check = Callable[[Job, Forge], object]
"""How a pull request is checked; its result is not needed here."""


@frozen
class Means:
    """What a command may use beside the forge: the check, and what renders."""

    check: Check
    renderer: Renderer


@frozen
class Verb:
    """What may be asked."""

    name: str
    usage: str
    does: str
    writers_only: bool
    arguments: tuple[str, ...]
    run: Callable[[Job, Forge, Rules, Command, Means], None]


def commands(body: str) -> tuple[Command, ...]:
    """The commands of a comment, one a line; code blocks, quotes and hidden text are not read."""
    found = (_LINE.match(line) for line in _spoken(body))
    return tuple(
        Command(
            verb=(match[1] or "help").lower().strip("`"),
            arguments=tuple((match[2] or "").lower().split()),
        )
        for match in found
        if match is not None
    )


def _spoken(body: str) -> Iterator[str]:
    """The lines outside fenced code blocks and HTML comments."""
    fence, hidden = "", False
    for line in body.replace("\r\n", "\n").split("\n"):
        if hidden:
            hidden = "-->" not in line
            continue
        run = _FENCE.match(line)
        if fence:
            if run and run[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
            continue
        if run:
            fence = run[1]
            continue
        hidden = "<!--" in line and "-->" not in line.rpartition("<!--")[2]
        yield line


def run_command(
    job: Job, forge: Forge, rules: Rules, check: Check, renderer: Renderer = NOTHING_RENDERS
) -> None:
    """Do what a comment asks: 👀 at first, then 🚀; or 😕 with one reply that says why.

    Raises PodsecError where the reason is not the user's; `report_failure` then says so.
    """
    if job.comment is None:
        return
    comment, repository = job.comment, job.repository
    forge.react(repository, comment, "eyes")
    try:
        for command in dict.fromkeys(commands(comment.body)):
            verb = _verb(command)
            _demand_permission(verb, job, forge)
            verb.run(job, forge, rules, command, Means(check=check, renderer=renderer))
    except (UserError, Edited) as error:
        refuse(forge, job, str(error))
    else:
        forge.react(repository, comment, "rocket")


def refuse(forge: Forge, job: Job, reason: str) -> None:
    """😕 and one reply; where they stand already, nothing more."""
    if job.comment is None:
        return
    forge.reply(job.repository, job.number, job.id, f"{_inert_but_code(reason)}.")
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
        guess = difflib.get_close_matches(command.verb, list(VERBS), 1, 0.5)
        hint = f"did you mean `/podsec {guess[0]}`?" if guess else "`/podsec help` lists the verbs"
        shown = command.verb[:40].replace("`", "") or "?"
        raise CommandError(f"podsec knows no verb `{shown}`; {hint}")
    for argument in command.arguments:
        if argument not in verb.arguments:
            shown = argument[:40].replace("`", "") or "?"
            raise CommandError(f"`/podsec {verb.name}` takes no `{shown}`; usage: `{verb.usage}`")
    return verb


def _demand_permission(verb: Verb, job: Job, forge: Forge) -> None:
    if not verb.writers_only or job.comment is None:
        return
    if forge.permission(job.repository, job.comment.author) not in _WRITERS:
        raise CommandError(f"`/podsec {verb.name}` needs write permission in this repository")


def _fix(job: Job, forge: Forge, rules: Rules, command: Command, means: Means) -> None:
    author = job.comment.author if job.comment else ""
    only_safe = "safe" in command.arguments
    given = job, forge, rules, author
    fix_pull_request(*given, only_safe=only_safe, renderer=means.renderer)


def _policies(job: Job, forge: Forge, rules: Rules, _command: Command, _means: Means) -> None:
    propose_policies(job, forge, rules, job.comment.author if job.comment else "")


def _check(job: Job, forge: Forge, _rules: Rules, _command: Command, means: Means) -> None:
    open_pull(job, forge)
    means.check(job, forge)


def _help(job: Job, forge: Forge, _rules: Rules, _command: Command, _means: Means) -> None:
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
    "policies": Verb(
        name="policies",
        usage="/podsec policies",
        does="open a follow-up pull request with NetworkPolicies for the workloads of this one",
        writers_only=True,
        arguments=(),
        run=_policies,
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
