"""Open follow-up pull requests: the safe fixes, and those that want a test first."""

from __future__ import annotations

from bot.engine.plan import repair
from bot.errors import UserError
from bot.formats.pull_request import to_patch_reply, to_proposal
from bot.formats.text import counted
from bot.model.action import Action, Propose, Reply
from bot.model.change import ChangeSet
from bot.model.delivery import Job, PullRef
from bot.model.finding import Report
from bot.model.plan import Repair
from bot.ports import Forge
from bot.rule.load import Rules
from bot.workflows.apply import apply
from bot.workflows.check_pull_request import config_of, judge


def fix_pull_request(
    job: Job, forge: Forge, rules: Rules, asked_by: str, *, only_safe: bool
) -> tuple[str, ...]:
    """Propose the fixes; returns the pull requests' addresses.

    Raises UserError where there is nothing to propose: the message says why.
    """
    pull = forge.pull(job.repository, job.number)
    if pull.state != "open":
        raise UserError("this pull request is closed: reopen it, then comment again")
    config = config_of(forge, pull)
    changes = forge.changes(pull)
    report = judge(changes, rules, config)
    safe = repair(report, changes, rules, config, unsafe=False)
    risky = repair(report, changes, rules, config, unsafe=True)
    if pull.fork:
        body = _for_a_fork(safe, changes, report)
        apply(forge, pull, [Reply(key=job.id, body=body)])
        return ()
    wanted = [(safe, False)] if only_safe else [(safe, False), (risky, True)]
    actions: list[Action] = [
        Propose(proposal=to_proposal(found, pull, rules, asked_by, draft=draft))
        for found, draft in wanted
        if found.files
    ]
    if not actions:
        raise UserError(_nothing(safe, risky, pull, report))
    return apply(forge, pull, actions)


def _for_a_fork(safe: Repair, changes: ChangeSet, report: Report) -> str:
    before = {file.path: file.data or b"" for file in changes.files}
    secrets = [f for f in report.findings if f.sensitive and f.file in safe.files]
    return to_patch_reply(safe, before, secrets)


def _nothing(safe: Repair, risky: Repair, pull: PullRef, report: Report) -> str:
    """Why no pull request was opened."""
    del pull
    if risky.files:
        number = counted(len(risky.applied), "fix").replace("fixs", "fixes")
        return f"no fix is safe at sight; `/podsec fix` proposes {number} to test first"
    if safe.left:
        reasons = sorted({why for _, why in safe.left})
        return f"nothing can be fixed here: {'; '.join(reasons[:5])}"
    if report.skipped:
        return "no finding that this pull request introduces; some files were not judged"
    return "no finding that this pull request introduces: there is nothing to fix"
