"""Review the changed manifests of a pull request."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.config import DEFAULT, PATHS, Config, parse
from bot.engine.check import check
from bot.engine.compare import Weakened, compare
from bot.engine.plan import plan
from bot.engine.read import load, mentions_object
from bot.engine.regress import weakened
from bot.engine.suppress import peers_of, written
from bot.engine.triage import triage
from bot.errors import ConfigError
from bot.formats.markdown import inert
from bot.formats.review import external_id, to_check, to_fallback, to_review
from bot.model.action import Action, Conclude, PublishReview
from bot.model.change import ChangeSet
from bot.model.delivery import Job, PullRef
from bot.model.finding import Finding, Report, Skipped
from bot.model.judgement import Judgement
from bot.model.manifest import Manifest
from bot.model.plan import Plan
from bot.model.review import CheckRun, Standing
from bot.ports import Forge
from bot.rule.load import Rules
from bot.workflows.apply import apply
from bot.workflows.check_path import Asked


def check_pull_request(job: Job, forge: Forge, rules: Rules, *, enforce: bool) -> Plan | None:
    """Judge, review, conclude. Returns the plan, or None where the config is wrong.

    Drafts and podsec's own pull requests get the check run alone.
    """
    pull = job.pull if job.pull is not None else forge.pull(job.repository, job.number)
    changes = forge.changes(pull)
    try:
        config = config_of(forge, pull) if _has_manifests(changes) else DEFAULT
    except ConfigError as error:
        apply(forge, pull, [Conclude(check=_wrong_config(pull, error), first=job.is_first_check)])
        return None
    report = judge(changes, rules, config)
    silent = pull.draft or pull.is_own
    news = _introduces(report) and not silent
    known = forge.standing(pull) if news and not job.is_first_word else Standing()
    planned = plan(report, changes, rules, config, known)
    actions = _actions(job, pull, planned, report, rules, config, enforce=enforce, silent=silent)
    apply(forge, pull, actions)
    return planned


def _actions(
    job: Job,
    pull: PullRef,
    planned: Plan,
    report: Report,
    rules: Rules,
    config: Config,
    *,
    enforce: bool,
    silent: bool,
) -> list[Action]:
    actions: list[Action] = []
    if planned.news and not silent:
        review = to_review(planned, pull, rules)
        fallback = to_fallback(planned, pull, rules)
        actions.append(PublishReview(review=review, fallback=fallback))
    check_run = to_check(
        planned, report, pull, rules, config, enforce=enforce, commented=not silent
    )
    return [*actions, Conclude(check=check_run, first=job.is_first_check)]


def _introduces(report: Report) -> bool:
    return any(label.is_introduced for label in report.labels)


def _has_manifests(changes: ChangeSet) -> bool:
    return any(file.data is not None and mentions_object(file.data) for file in changes.files)


def config_of(forge: Forge, pull: PullRef) -> Config:
    """The base branch's config: a pull request cannot switch its own review off."""
    for path in PATHS:
        data = forge.read(pull.repository, pull.base_sha, path)
        if data is not None:
            return parse(data, path)
    return DEFAULT


def judge(changes: ChangeSet, rules: Rules, config: Config) -> Report:
    """All findings of the changed files, labelled by whether they stood before."""
    manifests: list[Manifest] = []
    skipped: list[Skipped] = []
    losses: list[Weakened] = []
    base: list[Finding] = []
    for file in changes.files:
        if file.unread is not None:
            skipped.append(Skipped(file=file.path, line=1, reason=file.unread))
        if file.data is None or not mentions_object(file.data):
            continue
        found, unread = load(file.path, file.data)
        manifests += found
        skipped += unread
        if file.base_data is not None:
            before, _ = load(file.path, file.base_data)
            base += check(before, rules, config)
            losses += weakened(before, found, ())
    judged = Judgement(
        findings=check(manifests, rules, config),
        written=tuple(written(manifests, peers_of(rules))),
        skipped=tuple(skipped),
        files=sum(1 for file in changes.files if file.data and mentions_object(file.data)),
        manifests=len(manifests),
        workloads=sum(1 for manifest in manifests if manifest.pod_path is not None),
    )
    asked = Asked(rules=rules, config=config, today=datetime.now(UTC).date())
    comparison = compare(base, judged.findings, losses)
    return triage(judged, changes, asked.allowance(), comparison)


def _wrong_config(pull: PullRef, error: ConfigError) -> CheckRun:
    return CheckRun(
        head=pull.head_sha,
        conclusion="neutral",
        title="The config of podsec is wrong: nothing was checked",
        summary=f"{inert(str(error))}\n\nMend it on the base branch, then push again.",
        annotations=(),
        external_id=external_id(pull),
    )
