"""Review the changed manifests of a pull request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from bot.config import DEFAULT, PATHS, Config, parse
from bot.engine.check import Checker, check
from bot.engine.compare import Weakened, compare
from bot.engine.plan import plan
from bot.engine.read import (
    kinds_of,
    load,
    mentions_object,
    without_patches,
    without_schema,
)
from bot.engine.regress import weakened
from bot.engine.suppress import peers_of, written
from bot.engine.triage import triage
from bot.errors import ConfigError, Unavailable
from bot.formats.check_run import NO_OBJECT, to_check, to_wrong_config
from bot.formats.images.review import (
    images_only,
    with_image_comments,
    with_images,
    with_images_in_body,
)
from bot.formats.review import to_fallback, to_review
from bot.model.action import Action, Conclude, PublishReview
from bot.model.change import ChangeSet
from bot.model.delivery import Job, PullRef
from bot.model.finding import Finding, Report, Skipped
from bot.model.image_review import ImageReview
from bot.model.judgement import Judgement
from bot.model.manifest import Manifest
from bot.model.plan import Plan
from bot.model.review import Standing
from bot.ports import Forge
from bot.rule.load import Rules
from bot.workflows.apply import apply
from bot.workflows.check_path import Asked
from bot.workflows.review_images import ImageScans

_LOOKS = 3


def check_pull_request(
    job: Job, forge: Forge, rules: Rules, scans: ImageScans, *, enforce: bool
) -> Plan | None:
    """Judge, review, conclude. Returns the plan, or None where nothing was judged.

    Drafts and podsec's own pull requests get the check run alone.
    """
    asked = job.pull if job.pull is not None else forge.pull(job.repository, job.number)
    pull, changes = collect(forge, asked)
    if job.pull is not None and pull.head_sha != job.pull.head_sha:
        return None  # the newer push has a delivery of its own
    first = job.is_first_check
    try:
        config, ignored = config_of(forge, pull) if _has_manifests(changes) else (DEFAULT, ())
        statements = scans.statements(config.scan, _reading(forge, pull))
    except ConfigError as error:
        apply(forge, pull, [Conclude(check=to_wrong_config(pull, error), first=first)])
        return None
    report = judge(changes, rules, config, ignored)
    brought = scans.plans(changes)
    heard = (_introduces(report) or brought) and not pull.is_own and not job.is_first_word
    known = forge.standing(pull) if heard else Standing()
    planned = plan(report, changes, rules, config, known)
    images = scans.review(brought, changes, known.fingerprints, config.scan, statements)
    said = known.commented
    actions: list[Action] = []
    if (planned.news or images.remarks) and not (pull.draft or pull.is_own):
        actions.append(_publication(planned, images, pull, rules, scans.report_url(pull)))
        said |= {f.fingerprint for remark in planned.remarks for f in remark.findings}
    check_run = to_check(planned, report, pull, rules, config, enforce=enforce, commented=said)
    check_run = with_images(check_run, images, enforce=enforce)
    apply(forge, pull, [*actions, Conclude(check=check_run, first=first)])
    return planned


def _publication(
    planned: Plan, images: ImageReview, pull: PullRef, rules: Rules, report_url: str
) -> PublishReview:
    """The review, with a comment for each image; its fallback has all in its body."""
    review = fallback = images_only(pull.head_sha, images)
    if planned.news:
        review, fallback = to_review(planned, pull, rules), to_fallback(planned, pull, rules)
    return PublishReview(
        review=with_image_comments(review, images, report_url),
        fallback=with_images_in_body(fallback, images, report_url),
    )


def _reading(forge: Forge, pull: PullRef) -> Callable[[str], bytes | None]:
    """Files of the base branch: a pull request cannot excuse itself."""
    return lambda path: forge.read(pull.repository, pull.base_sha, path)


def collect(forge: Forge, pull: PullRef) -> tuple[PullRef, ChangeSet]:
    """The changes, and the pull request as it was when they were read: a push may come between.

    Raises Unavailable where one comes each time.
    """
    for _ in range(_LOOKS):
        changes = forge.changes(pull)
        if changes.head in (None, pull.head_sha):
            return pull, changes
        pull = forge.pull(pull.repository, pull.number)
    raise Unavailable("the pull request was pushed to each time that it was read")


def _introduces(report: Report) -> bool:
    return any(label.is_introduced for label in report.labels)


def _has_manifests(changes: ChangeSet) -> bool:
    return any(
        file.data is not None and mentions_object(file.path, file.data) for file in changes.files
    )


def config_of(forge: Forge, pull: PullRef) -> tuple[Config, tuple[Skipped, ...]]:
    """The base branch's config, and the files that it makes void.

    A pull request cannot switch its own review off. Raises ConfigError.
    """
    found = {path: forge.read(pull.repository, pull.base_sha, path) for path in PATHS}
    present = [path for path, data in found.items() if data is not None]
    if not present:
        return DEFAULT, ()
    path, *void = present
    reason = f"not read, since {path} wins"
    ignored = tuple(Skipped(file=other, line=1, reason=reason) for other in void)
    return parse(found[path] or b"", path), ignored


def judge(
    changes: ChangeSet, rules: Rules, config: Config, ignored: tuple[Skipped, ...] = ()
) -> Report:
    """All findings of the changed files, labelled by whether they stood before."""
    manifests: list[Manifest] = []
    skipped = [*ignored, *_unseen(changes)]
    losses: list[Weakened] = []
    base: list[Finding] = []
    files = 0
    kinds = kinds_of(config)
    for file in changes.files:
        if file.data is None:
            continue
        if not mentions_object(file.path, file.data):
            skipped.append(Skipped(file=file.path, line=1, reason=NO_OBJECT))
            continue
        found, unread = load(file.path, file.data, kinds)
        files += bool(found)
        manifests += found
        skipped += unread
        if file.base_data is not None:
            before, _ = load(file.path, file.base_data, kinds)
            base += check(before, rules, config)
            losses += weakened(before, found, ())
    kept, patches = without_patches(manifests)
    checker = Checker(rules, config)
    judged = Judgement(
        findings=checker.check(kept),
        written=tuple(written(manifests, peers_of(rules))),
        skipped=(*skipped, *patches, *checker.failures()),
        files=files,
        manifests=len(kept),
        workloads=sum(1 for manifest in kept if manifest.pods),
        without_schema=without_schema(kept, config.kubernetes_version),
    )
    asked = Asked(rules=rules, config=config, today=datetime.now(UTC).date())
    comparison = compare(base, judged.findings, losses, {patch.file for patch in patches})
    return triage(judged, changes, asked.allowance(), comparison)


def _unseen(changes: ChangeSet) -> list[Skipped]:
    """What GitHub does not show."""
    unread = [
        Skipped(file=file.path, line=1, reason=file.unread)
        for file in changes.files
        if file.unread is not None
    ]
    if changes.is_cut:
        reason = f"GitHub lists the first {len(changes.files)} files of a pull request"
        unread.append(Skipped(file="all further files", line=1, reason=reason))
    return unread
