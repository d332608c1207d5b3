"""`ignore RULE [until DATE] REASON`: an annotation, through a pull request into the branch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.engine.allow import allowed
from bot.engine.narrow import Narrow, chosen
from bot.engine.read import kinds_of
from bot.engine.suppress.terms import day
from bot.errors import CommandError
from bot.formats.ignore_proposal import to_ignore_proposal, to_ignore_reply
from bot.formats.plain import visible
from bot.formats.pull_request import dressed
from bot.model.action import Propose
from bot.model.change import ChangeSet
from bot.model.finding import Finding, Report
from bot.model.permit import Permit
from bot.workflows.apply import apply
from bot.workflows.base_branch import asked_by_base
from bot.workflows.check_path import Asked
from bot.workflows.fix_pull_request import open_pull
from bot.workflows.judge_pull_request import collect, judge
from bot.workflows.verbs.fix import spot
from bot.workflows.verbs.verb import Asking, Verb, demand_rule, shown
from bot.yamlpatch import Refused

_LONGEST = 300
_FORK = "This pull request comes from a fork, where podsec does not push."
_MANUAL = "podsec cannot edit the file safely: {}."


def _ignore(asking: Asking) -> None:
    pull, changes = collect(asking.forge, open_pull(asking.job, asking.forge))
    terms, _ = asked_by_base(asking.forge, pull, asking.operator)
    permit = _permit(asking, terms)
    report, _ = judge(changes, terms)
    findings = _wanted(asking, report, permit)
    if pull.fork:
        asking.answer(to_ignore_reply(permit, findings, _FORK))
        return
    try:
        files = _edited(changes, findings, permit, terms)
    except Refused as refusal:
        asking.answer(to_ignore_reply(permit, findings, _MANUAL.format(refusal.reason)))
        return
    proposal = to_ignore_proposal(permit, findings, files, pull, terms.rules, asking.author)
    apply(asking.forge, pull, [Propose(proposal=dressed(proposal, terms.config.pulls))])


def _permit(asking: Asking, terms: Asked) -> Permit:
    """What is to be allowed. Raises CommandError where the rule, the day or the reason is wrong."""
    words = asking.command.text.split(maxsplit=1)
    if not words:
        raise CommandError(f"`/podsec ignore` needs a rule and a reason; usage: `{IGNORE.usage}`")
    rule = demand_rule(words[0], terms.rules)
    if terms.config.is_enforced(rule):
        raise CommandError(f"the operator does not let `{rule}` be ignored")
    rest = words[1] if len(words) > 1 else ""
    until: date | None = None
    if rest.lower().split(maxsplit=1)[:1] == ["until"]:
        until, rest = _until(rest.split(maxsplit=2), terms.today)
    reason = visible(rest.strip())[:_LONGEST]
    if not reason.replace(";", "").strip():
        raise CommandError(f"`/podsec ignore` needs a reason; usage: `{IGNORE.usage}`")
    return Permit(rule=rule, reason=reason, until=until)


def _until(words: Sequence[str], today: date) -> tuple[date, str]:
    """The last day and what stands behind it."""
    said = words[1] if len(words) > 1 else ""
    until = day(said)
    if until is None:
        raise CommandError(f"`{shown(said)}` is no day such as `2027-01-31`")
    if until < today:
        raise CommandError(f"`{until}` is over: nothing would be allowed")
    return until, words[2] if len(words) > 2 else ""


def _wanted(asking: Asking, report: Report, permit: Permit) -> tuple[Finding, ...]:
    """The findings that are meant: those of the container, where the comment stands on a line."""
    comment = asking.job.comment
    place = spot(asking) if comment is not None and comment.is_inline else None
    found = chosen(report.introduced, Narrow(rules=(permit.rule,), spot=place))
    if not found:
        here = "at this place" if place else "that this pull request introduces"
        raise CommandError(f"there is no finding of `{permit.rule}` {here}: nothing to ignore")
    return found


def _edited(
    changes: ChangeSet, findings: Sequence[Finding], permit: Permit, terms: Asked
) -> dict[str, bytes]:
    """The files with their annotations. Raises Refused where one is not edited, or not proved."""
    files: dict[str, bytes] = {}
    for path in dict.fromkeys(finding.file for finding in findings):
        file = changes.file(path)
        assert file is not None  # a finding stands in a file of the change
        here = [finding for finding in findings if finding.file == path]
        files[path] = allowed(path, file.data or b"", here, permit, kinds_of(terms.config))
    _demand_exact(changes, files, findings, terms)
    return files


def _demand_exact(
    changes: ChangeSet, files: dict[str, bytes], findings: Sequence[Finding], terms: Asked
) -> None:
    """Raises Refused unless judging again allows these findings, and changes nothing else."""
    before, _ = judge(changes, terms)
    after, _ = judge(_with(changes, files), terms)
    gone = {finding.fingerprint for finding in findings}
    expected = {finding.fingerprint for finding in before.introduced} - gone
    if {finding.fingerprint for finding in after.introduced} != expected:
        raise Refused("with the annotation other findings would come or go")


def _with(changes: ChangeSet, files: dict[str, bytes]) -> ChangeSet:
    new = tuple(
        replace(file, data=files[file.path]) if file.path in files else file
        for file in changes.files
    )
    return replace(changes, files=new)


IGNORE = Verb(
    name="ignore",
    usage="/podsec ignore RULE [until YYYY-MM-DD] REASON",
    does="open a pull request that allows the findings of a rule by an annotation; in a comment on "
    "a line: of this container alone",
    writers_only=True,
    run=_ignore,
)
