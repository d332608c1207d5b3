"""Review the changed manifests of a pull request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.config import DEFAULT
from bot.engine.fix import Fixer
from bot.engine.plan import plan
from bot.errors import ConfigError, RuleError
from bot.formats.check_run import to_check, to_wrong_config
from bot.formats.images.review import (
    images_only,
    with_image_comments,
    with_images,
    with_images_in_body,
)
from bot.formats.network.review import (
    network_only,
    with_network,
    with_network_comments,
    with_network_in_body,
)
from bot.formats.review import to_fallback, to_review
from bot.model.action import Action, Conclude, PublishReview
from bot.model.change import ChangeSet
from bot.model.delivery import Job, PullRef
from bot.model.finding import Report, Skipped
from bot.model.image_review import ImageReview
from bot.model.network_review import NetworkReview
from bot.model.plan import Plan
from bot.model.review import Standing
from bot.ports import Forge
from bot.rule.load import Rules
from bot.workflows.apply import apply
from bot.workflows.base_branch import asked, asked_by_base
from bot.workflows.check_path import Asked
from bot.workflows.judge_pull_request import collect, has_manifests, held, judge
from bot.workflows.review_images import ImageScans
from bot.workflows.review_network import review_network


def check_pull_request(
    job: Job, forge: Forge, rules: Rules, scans: ImageScans, *, enforce: bool
) -> Plan | None:
    """Judge, review, conclude. Returns the plan, or None where nothing was judged.

    Drafts, podsec's own pull requests, and those whose base wants `review.mode: check-only` get the
    check run alone.
    """
    wanted = job.pull if job.pull is not None else forge.pull(job.repository, job.number)
    if wanted.state != "open":
        return None
    pull, changes = collect(forge, wanted)
    if job.pull is not None and pull.head_sha != job.pull.head_sha:
        return None  # the newer push has a delivery of its own
    first = job.is_first_check
    try:
        terms, ignored = _terms(forge, pull, changes, rules)
        statements = scans.statements(terms.config.scan, _reading(forge, pull))
    except (ConfigError, RuleError) as error:
        apply(forge, pull, [Conclude(check=to_wrong_config(pull, error), first=first)])
        return None
    config, rules = terms.config, terms.rules
    terms = replace(terms, reports=scans.remembered(changes, config))
    report, view = judge(changes, terms, ignored)
    brought = scans.plans(held(changes, terms), config)
    network = review_network(forge, pull, changes, terms)
    listens = config.review_mode != "check-only" and not pull.is_own
    heard = listens and (_brings(report) or brought or network) and not job.is_first_word
    known = forge.standing(pull) if heard else Standing()
    planned = plan(report, changes, Fixer(rules, config, view), config, known)
    images = scans.review(brought, changes, known.fingerprints, config.scan, statements)
    said = known.commented
    actions: list[Action] = []
    unsaid = network.unsaid(known.fingerprints)
    if (planned.has_news or images.remarks or unsaid) and listens and not pull.draft:
        said_of = _publication(planned, images, pull, terms, scans.report_url(pull))
        actions.append(_with_network(said_of, unsaid, terms))
        said |= {f.fingerprint for remark in planned.remarks for f in remark.findings}
    check_run = to_check(planned, report, pull, rules, config, enforce=enforce, commented=said)
    check_run = with_network(with_images(check_run, images, enforce=enforce), network)
    apply(forge, pull, [*actions, Conclude(check=check_run, first=first)])
    return planned


def _with_network(said: PublishReview, network: NetworkReview, terms: Asked) -> PublishReview:
    """The review with what the change does to the network."""
    fallback = with_network_in_body(said.fallback, network)
    if terms.config.review_mode == "summary":
        return PublishReview(review=fallback, fallback=fallback)
    return PublishReview(review=with_network_comments(said.review, network), fallback=fallback)


def _terms(
    forge: Forge, pull: PullRef, changes: ChangeSet, rules: Rules
) -> tuple[Asked, tuple[Skipped, ...]]:
    """What the base asks; without a manifest nothing is read there."""
    if has_manifests(changes):
        return asked_by_base(forge, pull, rules)
    return asked(rules, DEFAULT), ()


def _publication(
    planned: Plan, images: ImageReview, pull: PullRef, terms: Asked, report_url: str
) -> PublishReview:
    """The review, with a comment for each image; its fallback has all in its body."""
    head = pull.head_sha
    review = fallback = images_only(head, images) if images.remarks else network_only(head)
    if planned.has_news:
        review = to_review(planned, pull, terms.rules)
        fallback = to_fallback(planned, pull, terms.rules)
    fallback = with_images_in_body(fallback, images, report_url)
    if terms.config.review_mode == "summary":
        return PublishReview(review=fallback, fallback=fallback)
    return PublishReview(review=with_image_comments(review, images, report_url), fallback=fallback)


def _reading(forge: Forge, pull: PullRef) -> Callable[[str], bytes | None]:
    """Files of the base branch: a pull request cannot excuse itself."""
    return lambda path: forge.read(pull.repository, pull.base_sha, path)


def _brings(report: Report) -> bool:
    return bool(report.introduced or report.regressions)
