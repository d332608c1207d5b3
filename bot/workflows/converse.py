"""The conversation on a pull request: from what is known to what is to be done, without a call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, replace

from bot.config import PATHS, Config
from bot.engine.fix import Fixer
from bot.engine.plan import plan
from bot.formats.check_run import NO_OBJECT, to_check
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
from bot.frozen import frozen
from bot.kubernetes.view import View
from bot.model.action import Action, Conclude, PublishReview, Resolve
from bot.model.change import ChangeSet
from bot.model.delivery import PullRef
from bot.model.finding import Report
from bot.model.image_review import ImageReview
from bot.model.network_review import NetworkReview
from bot.model.plan import Plan
from bot.model.review import Standing, Thread
from bot.rule.load import Rules
from bot.workflows.decline import declines, reason

_OF_IMAGES = "**Image "


@frozen
class Facts:
    """All that the conversation rests on: the same facts make the same actions.

    `listens`: whether podsec may speak there beside its check run. `first`: no check run of its
    can stand on the head yet.
    """

    pull: PullRef
    report: Report
    changes: ChangeSet
    view: View
    rules: Rules
    config: Config
    known: Standing = field(default_factory=Standing)
    images: ImageReview = field(default_factory=ImageReview)
    network: NetworkReview = field(default_factory=NetworkReview)
    report_url: str = ""
    listens: bool = True
    first: bool = False
    enforce: bool = False


@frozen
class Conversation:
    """What was planned, and the actions that say it."""

    plan: Plan
    actions: tuple[Action, ...]


def converse(facts: Facts) -> Conversation:
    """A review of what is new and was not said, threads to resolve, and always the check run."""
    pull, config = facts.pull, facts.config
    fixer = Fixer(facts.rules, config, facts.view)
    planned = plan(facts.report, facts.changes, fixer, config, facts.known)
    facts = replace(facts, images=facts.images.beside(planned.remarks))
    said = facts.known.commented
    actions: list[Action] = []
    speaks = facts.listens and not pull.draft
    unsaid = facts.network.unsaid(facts.known.fingerprints)
    if speaks and (planned.has_news or facts.images.remarks or unsaid):
        actions.append(_publication(planned, facts, unsaid))
        said |= {f.fingerprint for remark in planned.remarks for f in remark.findings}
    mended = _mended(facts) if speaks else ()
    if mended:
        actions.append(Resolve(threads=mended))
    check = to_check(
        planned,
        facts.report,
        pull,
        facts.rules,
        config,
        enforce=facts.enforce,
        commented=said,
    )
    check = with_network(with_images(check, facts.images, enforce=facts.enforce), facts.network)
    actions.append(Conclude(check=check, first=facts.first))
    return Conversation(plan=planned, actions=tuple(actions))


def declined(known: Standing, may_write: Callable[[str], bool]) -> dict[str, str]:
    """By fingerprint: who declined what podsec said, and why. Only people who may write count."""
    found: dict[str, str] = {}
    for thread in known.threads:
        for answer in thread.answers:
            if declines(answer.body) and may_write(answer.author):
                text = f"declined by {answer.author}: {reason(answer.body)}"
                found |= dict.fromkeys(thread.fingerprints, text)
    return found


def _publication(planned: Plan, facts: Facts, network: NetworkReview) -> PublishReview:
    """The review: a comment for each image and connection; its fallback has all in its body."""
    pull, images = facts.pull, facts.images
    head = pull.head_sha
    review = fallback = images_only(head, images) if images.remarks else network_only(head)
    if planned.has_news:
        review = to_review(planned, pull, facts.rules)
        fallback = to_fallback(planned, pull, facts.rules)
    fallback = with_images_in_body(fallback, images, facts.report_url)
    fallback = with_network_in_body(fallback, network)
    if facts.config.review_mode == "summary":
        return PublishReview(review=fallback, fallback=fallback)
    review = with_image_comments(review, images, facts.report_url)
    return PublishReview(review=with_network_comments(review, network), fallback=fallback)


def _mended(facts: Facts) -> tuple[str, ...]:
    """The threads that speak of nothing that is there any more, and that nobody answered.

    Not where the file could not be judged this time; and none at all where more than single files
    could not be: where GitHub does not list them all, or where nothing could be rendered.
    """
    unread = {item.file for item in facts.report.skipped if item.reason != NO_OBJECT}
    if not unread - set(PATHS) <= {file.path for file in facts.changes.files}:
        return ()
    there = {f.fingerprint for f in facts.report.findings}
    there |= {lost.fingerprint for lost in facts.report.regressions}
    there |= set(facts.network.fingerprints)
    return tuple(
        thread.id
        for thread in facts.known.threads
        if _may_resolve(thread) and thread.path not in unread and not thread.fingerprints & there
    )


def _may_resolve(thread: Thread) -> bool:
    return not thread.resolved and thread.is_silent and not thread.lead.startswith(_OF_IMAGES)
