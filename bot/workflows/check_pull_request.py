"""Review the changed manifests of a pull request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from bot.config import DEFAULT
from bot.engine.decline import without_declined
from bot.engine.vex import VexStatement
from bot.errors import ConfigError
from bot.model.change import ChangeSet
from bot.model.delivery import Job, PullRef
from bot.model.plan import Plan
from bot.model.review import Standing
from bot.model.rollout import Rollout
from bot.ports import WRITERS, Forge
from bot.workflows.apply import apply
from bot.workflows.base_branch import Terms, asked, terms_of_base
from bot.workflows.check_config import config_news
from bot.workflows.check_path import Asked
from bot.workflows.converse import Conversation, Facts, converse, declined
from bot.workflows.judge_pull_request import collect, has_manifests, held, judge
from bot.workflows.operator import Operator
from bot.workflows.prove_pull_request import Bench, with_proved_fixes
from bot.workflows.render_change import rendered, with_sources
from bot.workflows.review_images import ImageScans
from bot.workflows.review_network import review_network


def check_pull_request(
    job: Job,
    forge: Forge,
    operator: Operator,
    scans: ImageScans,
    *,
    is_current: Callable[[], bool] = lambda: True,
) -> Plan | None:
    """Judge, review, conclude. Returns the plan, or None where nothing was judged.

    Drafts, podsec's own pull requests, those that are paused, and those whose base wants
    `review.mode: check-only` get the check run alone. `is_current` is asked before anything is
    said: whether no newer push is known.
    """
    found = converse_on(job, forge, operator, scans)
    if found is None:
        return None
    pull, conversation = found
    apply(forge, pull, conversation.actions, is_current)
    return conversation.plan


def converse_on(
    job: Job, forge: Forge, operator: Operator, scans: ImageScans
) -> tuple[PullRef, Conversation] | None:
    """What is to be said on a pull request, with nothing written: what a dry run prints.

    None where there is nothing to say, or where a newer push has a job of its own.
    """
    wanted = job.pull if job.pull is not None else forge.pull(job.repository, job.number)
    if wanted.state != "open":
        return None
    pull, changes = collect(forge, wanted)
    if job.pull is not None and pull.head_sha != job.pull.head_sha:
        return None
    facts = _facts(job, forge, pull, changes, operator, scans)
    if facts.known.head not in ("", pull.head_sha):
        return None
    return pull, converse(facts)


def _facts(
    job: Job,
    forge: Forge,
    pull: PullRef,
    changes: ChangeSet,
    operator: Operator,
    scans: ImageScans,
) -> Facts:
    """Everything that has to be read. Raises PodsecError."""
    rollout = operator.rollout(pull.repository.full_name)
    base = _terms(forge, pull, changes, operator)
    terms = _under(rollout, base.asked)
    config = terms.config
    terms = replace(terms, reports=scans.remembered(changes, config))
    statements, troubles = _statements(scans, terms, _reading(forge, pull))
    scenes = rendered(forge, pull, changes, operator.programs, config)
    wider = with_sources(changes, scenes, config.paths.hold)
    report, view = judge(wider, terms, base.void, scenes)
    bench = Bench(changes=wider, scenes=scenes, asked=terms, view=view, programs=operator.programs)
    report = with_proved_fixes(report, bench)
    brought = scans.plans(held(changes, terms), config)
    listens = config.review_mode != "check-only" and not (pull.is_own or pull.paused)
    concerns = brought or has_manifests(changes) or pull.discussed
    known = forge.standing(pull) if listens and concerns and not job.is_first_word else Standing()
    report = without_declined(report, declined(known, _may_write(forge, pull)), config)
    return Facts(
        pull=pull,
        report=report,
        changes=wider,
        view=view,
        rules=terms.rules,
        config=config,
        known=known,
        network=review_network(forge, pull, changes, terms),
        images=scans.review(brought, changes, known.fingerprints, config.scan, statements),
        report_url=scans.report_url(pull),
        listens=listens,
        first=job.is_first_check,
        enforce=rollout.enforces,
        troubles=(*base.troubles, *troubles),
        news=config_news(forge, pull, changes, operator),
    )


def _terms(forge: Forge, pull: PullRef, changes: ChangeSet, operator: Operator) -> Terms:
    """What the base asks; without a manifest nothing is read there."""
    if has_manifests(changes):
        return terms_of_base(forge, pull, operator)
    return Terms(asked=asked(operator.rules, DEFAULT))


def _under(rollout: Rollout, terms: Asked) -> Asked:
    """The terms with the severity from which the operator lets check runs fail."""
    if rollout.fail_on is None:
        return terms
    return replace(terms, config=replace(terms.config, fail_on=rollout.fail_on))


def _statements(
    scans: ImageScans, terms: Asked, read: Callable[[str], bytes | None]
) -> tuple[tuple[VexStatement, ...], tuple[str, ...]]:
    """What VEX documents say; or none, and what is wrong with them."""
    try:
        return scans.statements(terms.config.scan, read), ()
    except ConfigError as error:
        return (), (str(error), "nothing is borne by VEX documents meanwhile")


def _reading(forge: Forge, pull: PullRef) -> Callable[[str], bytes | None]:
    """Files of the base branch: a pull request cannot excuse itself."""
    return lambda path: forge.read(pull.repository, pull.base_sha, path)


def _may_write(forge: Forge, pull: PullRef) -> Callable[[str], bool]:
    """Asks GitHub of each person once."""

    @cache
    def ask(login: str) -> bool:
        return forge.permission(pull.repository, login) in WRITERS

    return ask
