"""Review the changed manifests of a pull request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from bot.config import DEFAULT
from bot.engine.decline import without_declined
from bot.errors import ConfigError, RuleError
from bot.formats.check_run import to_wrong_config
from bot.model.action import Conclude
from bot.model.change import ChangeSet
from bot.model.delivery import Job, PullRef
from bot.model.finding import Skipped
from bot.model.plan import Plan
from bot.model.review import Standing
from bot.ports import WRITERS, Forge
from bot.rule.load import Rules
from bot.workflows.apply import apply
from bot.workflows.base_branch import asked, asked_by_base
from bot.workflows.check_path import Asked
from bot.workflows.converse import Conversation, Facts, converse, declined
from bot.workflows.judge_pull_request import collect, has_manifests, held, judge
from bot.workflows.review_images import ImageScans
from bot.workflows.review_network import review_network


def check_pull_request(
    job: Job,
    forge: Forge,
    rules: Rules,
    scans: ImageScans,
    *,
    enforce: bool,
    is_current: Callable[[], bool] = lambda: True,
) -> Plan | None:
    """Judge, review, conclude. Returns the plan, or None where nothing was judged.

    Drafts, podsec's own pull requests, and those whose base wants `review.mode: check-only` get the
    check run alone. `is_current` is asked before anything is said: whether no newer push is known.
    """
    found = converse_on(job, forge, rules, scans, enforce=enforce)
    if found is None:
        return None
    pull, conversation = found
    if isinstance(conversation, Conclude):
        apply(forge, pull, [conversation])
        return None
    apply(forge, pull, conversation.actions, is_current)
    return conversation.plan


def converse_on(
    job: Job, forge: Forge, rules: Rules, scans: ImageScans, *, enforce: bool
) -> tuple[PullRef, Conversation | Conclude] | None:
    """What is to be said on a pull request, with nothing written: what a dry run prints.

    A check run alone where the base's config is wrong; None where there is nothing to say, or
    where a newer push has a job of its own.
    """
    wanted = job.pull if job.pull is not None else forge.pull(job.repository, job.number)
    if wanted.state != "open":
        return None
    pull, changes = collect(forge, wanted)
    if job.pull is not None and pull.head_sha != job.pull.head_sha:
        return None
    try:
        facts = _facts(job, forge, pull, changes, rules, scans)
    except (ConfigError, RuleError) as error:
        return pull, Conclude(check=to_wrong_config(pull, error), first=job.is_first_check)
    if facts.known.head not in ("", pull.head_sha):
        return None
    return pull, converse(replace(facts, enforce=enforce))


def _facts(
    job: Job, forge: Forge, pull: PullRef, changes: ChangeSet, rules: Rules, scans: ImageScans
) -> Facts:
    """Everything that has to be read. Raises PodsecError."""
    terms, ignored = _terms(forge, pull, changes, rules)
    config = terms.config
    terms = replace(terms, reports=scans.remembered(changes, config))
    statements = scans.statements(config.scan, _reading(forge, pull))
    report, view = judge(changes, terms, ignored)
    brought = scans.plans(held(changes, terms), config)
    listens = config.review_mode != "check-only" and not pull.is_own
    concerns = brought or has_manifests(changes) or pull.discussed
    known = forge.standing(pull) if listens and concerns and not job.is_first_word else Standing()
    report = without_declined(report, declined(known, _may_write(forge, pull)), config)
    return Facts(
        pull=pull,
        report=report,
        changes=changes,
        view=view,
        rules=terms.rules,
        config=config,
        known=known,
        network=review_network(forge, pull, changes, terms),
        images=scans.review(brought, changes, known.fingerprints, config.scan, statements),
        report_url=scans.report_url(pull),
        listens=listens,
        first=job.is_first_check,
    )


def _terms(
    forge: Forge, pull: PullRef, changes: ChangeSet, rules: Rules
) -> tuple[Asked, tuple[Skipped, ...]]:
    """What the base asks; without a manifest nothing is read there."""
    if has_manifests(changes):
        return asked_by_base(forge, pull, rules)
    return asked(rules, DEFAULT), ()


def _reading(forge: Forge, pull: PullRef) -> Callable[[str], bytes | None]:
    """Files of the base branch: a pull request cannot excuse itself."""
    return lambda path: forge.read(pull.repository, pull.base_sha, path)


def _may_write(forge: Forge, pull: PullRef) -> Callable[[str], bool]:
    """Asks GitHub of each person once."""

    @cache
    def ask(login: str) -> bool:
        return forge.permission(pull.repository, login) in WRITERS

    return ask
