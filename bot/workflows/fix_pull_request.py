"""Open follow-up pull requests: the safe fixes, those that want a test first, secrets apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.config.pulls import Pulls
from bot.engine.narrow import EVERYTHING, Narrow, narrowed
from bot.engine.plan import secret_lines
from bot.engine.secret_repair import moving
from bot.errors import Edited, UserError
from bot.formats.check_run import NO_OBJECT
from bot.formats.pull_request import dressed, of_some, to_patch_reply, to_proposal
from bot.formats.secret_proposal import to_secrets_proposal
from bot.formats.text import counted
from bot.frozen import frozen
from bot.model.action import Action, Propose, Reply
from bot.model.change import ChangeSet
from bot.model.delivery import Job, PullRef
from bot.model.finding import Report
from bot.model.plan import Repair
from bot.model.review import Proposal
from bot.ports import Forge
from bot.workflows.apply import apply
from bot.workflows.base_branch import asked_by_base
from bot.workflows.judge_pull_request import collect, judge
from bot.workflows.move_secrets import move_secrets, reading
from bot.workflows.operator import Operator
from bot.workflows.prove_pull_request import Bench, repaired
from bot.workflows.render_change import rendered, with_sources


@frozen
class Followups:
    """Which follow-up pull requests are wanted: `only_standing` are those that are open now."""

    asked_by: str
    only_safe: bool = False
    only_standing: bool = False
    narrow: Narrow = EVERYTHING

    def only(self, narrow: Narrow) -> Followups:
        """The same of some findings alone."""
        return replace(self, narrow=narrow)


def fix_pull_request(
    job: Job, forge: Forge, operator: Operator, wanted: Followups
) -> tuple[str, ...]:
    """Propose the fixes; returns the pull requests' addresses.

    Raises UserError where there is nothing to propose, and Edited where a branch is somebody
    else's by now: the message says why.
    """
    pull, changes = collect(forge, open_pull(job, forge))
    terms, _ = asked_by_base(forge, pull, operator)
    terms = replace(terms, reports=operator.remembered(changes, terms.config))
    scenes = rendered(forge, pull, changes, operator.programs, terms.config)
    changes = with_sources(changes, scenes, terms.config.paths.hold)
    report, view = judge(changes, terms, (), scenes)
    report = narrowed(report, wanted.narrow)
    bench = Bench(
        changes=changes, scenes=scenes, asked=terms, view=view, programs=operator.programs
    )
    safe = repaired(report, bench, unsafe=False)
    risky = repaired(report, bench, unsafe=True)
    if pull.fork:
        body = _for_a_fork(safe, changes, report)
        apply(forge, pull, [Reply(key=job.id, body=body)])
        return ()
    kinds = [(safe, False)] if wanted.only_safe else [(safe, False), (risky, True)]
    proposals = [
        to_proposal(found, pull, terms.rules, wanted.asked_by, draft=draft)
        for found, draft in kinds
        if found.files
    ]
    if moving(report) and not wanted.only_safe:
        secrets, moved = move_secrets(report, changes, terms, view, reading(forge, pull))
        if secrets.files:
            proposals.append(
                to_secrets_proposal(secrets, moved, pull, terms.rules, wanted.asked_by)
            )
    if not proposals:
        raise UserError(_nothing(safe, risky, report))
    return _propose(forge, pull, _asked_for(forge, pull, proposals, wanted, terms.config.pulls))


def _asked_for(
    forge: Forge,
    pull: PullRef,
    proposals: Iterable[Proposal],
    wanted: Followups,
    pulls: Pulls,
) -> list[Action]:
    """The proposals under the names of what was asked for. Raises UserError where none stands."""
    named = [
        dressed(of_some(one, wanted.narrow.key, wanted.narrow.words), pulls) for one in proposals
    ]
    if wanted.only_standing:
        named = [one for one in named if forge.proposed(pull.repository, one.branch)]
        if not named:
            raise UserError("no follow-up pull request is open: `/podsec fix` opens them")
    return [Propose(proposal=one) for one in named]


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
