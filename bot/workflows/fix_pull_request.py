"""Open follow-up pull requests: the safe fixes, those that want a test first, secrets apart."""

from __future__ import annotations

from collections.abc import Iterable

from bot.engine.plan import secret_lines
from bot.engine.secret_repair import moving
from bot.errors import Edited, UserError
from bot.formats.check_run import NO_OBJECT
from bot.formats.pull_request import to_patch_reply, to_proposal
from bot.formats.secret_proposal import to_secrets_proposal
from bot.formats.text import counted
from bot.model.action import Action, Propose, Reply
from bot.model.change import ChangeSet
from bot.model.delivery import Job, PullRef
from bot.model.finding import Report
from bot.model.plan import Repair
from bot.ports import Forge, Renderer
from bot.rule.load import Rules
from bot.workflows.apply import apply
from bot.workflows.base_branch import asked_by_base
from bot.workflows.judge_pull_request import collect, judge
from bot.workflows.move_secrets import move_secrets, reading
from bot.workflows.prove_pull_request import Bench, repaired
from bot.workflows.render_change import rendered, with_sources
from bot.workflows.render_roots import NOTHING_RENDERS


def fix_pull_request(
    job: Job,
    forge: Forge,
    rules: Rules,
    asked_by: str,
    *,
    only_safe: bool,
    renderer: Renderer = NOTHING_RENDERS,
) -> tuple[str, ...]:
    """Propose the fixes; returns the pull requests' addresses.

    Raises UserError where there is nothing to propose, and Edited where a branch is somebody
    else's by now: the message says why.
    """
    pull, changes = collect(forge, open_pull(job, forge))
    terms, _ = asked_by_base(forge, pull, rules)
    scenes = rendered(forge, pull, changes, renderer)
    changes = with_sources(changes, scenes, terms.config.paths.hold)
    report, view = judge(changes, terms, (), scenes)
    bench = Bench(changes=changes, scenes=scenes, asked=terms, view=view, renderer=renderer)
    safe = repaired(report, bench, unsafe=False)
    risky = repaired(report, bench, unsafe=True)
    if pull.fork:
        body = _for_a_fork(safe, changes, report)
        apply(forge, pull, [Reply(key=job.id, body=body)])
        return ()
    wanted = [(safe, False)] if only_safe else [(safe, False), (risky, True)]
    actions = [
        Propose(proposal=to_proposal(found, pull, terms.rules, asked_by, draft=draft))
        for found, draft in wanted
        if found.files
    ]
    if moving(report) and not only_safe:
        secrets, moved = move_secrets(report, changes, terms, view, reading(forge, pull))
        if secrets.files:
            proposal = to_secrets_proposal(secrets, moved, pull, terms.rules, asked_by)
            actions.append(Propose(proposal=proposal))
    if not actions:
        raise UserError(_nothing(safe, risky, report))
    return _propose(forge, pull, actions)


def open_pull(job: Job, forge: Forge) -> PullRef:
    """The pull request as it stands now. Raises UserError where it is closed."""
    pull = forge.pull(job.repository, job.number)
    if pull.state != "open":
        raise UserError("this pull request is closed: reopen it, then comment again")
    return pull


def _propose(forge: Forge, pull: PullRef, actions: Iterable[Action]) -> tuple[str, ...]:
    """Each proposal for itself: a branch that is somebody else's does not hold up the other."""
    urls: list[str] = []
    edited: list[str] = []
    for action in actions:
        try:
            urls += apply(forge, pull, [action])
        except Edited as error:
            edited.append(str(error))
    if edited:
        raise Edited("; ".join(edited))
    return tuple(urls)


def _for_a_fork(safe: Repair, changes: ChangeSet, report: Report) -> str:
    new = dict.fromkeys(safe.files, b"")
    before = new | {file.path: file.data or b"" for file in changes.files}
    secrets = {path: secret_lines(report, path) for path in safe.files}
    return to_patch_reply(safe, before, secrets)


def _nothing(safe: Repair, risky: Repair, report: Report) -> str:
    """Why no pull request was opened."""
    if risky.files or moving(report):
        number = counted(len(risky.applied) + len(moving(report)), "fix").replace("fixs", "fixes")
        return f"no fix is safe at sight; `/podsec fix` proposes {number} to test first"
    if safe.left:
        reasons = sorted({why for _, why in safe.left})
        return f"nothing can be fixed here: {'; '.join(reasons[:5])}"
    if any(item.reason != NO_OBJECT for item in report.skipped):
        return "no finding that this pull request introduces; some files were not judged"
    return "no finding that this pull request introduces: there is nothing to fix"
