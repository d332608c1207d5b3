"""`podsec images`: what a scanner, or reports of one, know of the images that files name."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from bot import __version__
from bot.adapters.loaders import Found, collect, find
from bot.cli.home import Wishes, config_at, home_of
from bot.cli.output import emit
from bot.cli.reports import given_reports
from bot.cli.scope import today
from bot.engine.given_reports import answers_of
from bot.engine.image_judge import judge_image
from bot.engine.image_uses import image_uses, plan_scans
from bot.engine.read import kinds_of, load, mentions_object
from bot.engine.vex import VexStatement, read_vex
from bot.errors import PermanentError, UserError
from bot.formats.images.json import images_json
from bot.formats.images.sarif import images_sarif
from bot.formats.images.text import images_text
from bot.frozen import frozen
from bot.kubernetes.kinds import Kinds
from bot.model.image import ImageAnswer, ImagePlan
from bot.model.image_review import JudgedImage
from bot.model.scan_policy import ScanPolicy
from bot.model.vulnerability import GRADES, Grade, ImageReport

_UNASKED = "name a scanner with --scanner, or a report with --report"


@frozen
class ImagesOptions:
    """What the command line says beside the paths; None leaves it to the config."""

    scanner: str | None = None
    reports: tuple[str, ...] = ()
    format_: str = "text"
    fail_on: str | None = None
    """A grade; any other word is never."""
    hosts: tuple[str, ...] = ()
    vex: tuple[Path, ...] = ()
    newer_tags: int | None = None
    everything: bool = False


def run(paths: Sequence[str], options: ImagesOptions) -> int:
    """Print what is known of the images, and what is not; 1 where one is bad enough.

    Raises PermanentError where a scanner was named and could not scan any.
    """
    if not paths:
        raise UserError("name the files or folders to look at, such as: podsec images deploy/")
    options = replace(options, scanner=options.scanner or os.environ.get("PODSEC_SCANNER") or None)
    home = home_of(paths[0])
    config = config_at(home, Wishes())
    policy = _policy(config.scan, options)
    reports = [report for given in options.reports for report in given_reports(given)]
    documents = (*(home.root / path for path in policy.vex), *options.vex)
    statements = [statement for path in documents for statement in _vex(path)]
    found = find(paths, home.root, config.paths, strict=False)
    plans = _plans(found, kinds_of(config))
    answers, spare = _answers(plans, reports, policy, options)
    judged = [_judged(answer, policy, today(), statements) for answer in answers if answer.report]
    unknown = [answer for answer in answers if answer.report is None]
    emit(_printed(judged, unknown, spare, options), None)
    failed = [answer for answer in unknown if not answer.plan.reason]
    if options.scanner is not None and failed and not judged:
        raise PermanentError(f"no image could be scanned: {failed[0].reason}")
    return int(any(one.fails for one in judged))


def _policy(policy: ScanPolicy, options: ImagesOptions) -> ScanPolicy:
    """What the config asks, and the command line above it."""
    if options.fail_on is not None:
        floor: Grade | None = next((grade for grade in GRADES if grade == options.fail_on), None)
        policy = replace(policy, fail_on=floor)
    if options.newer_tags is not None:
        policy = replace(policy, newer_tags=options.newer_tags)
    return policy


def _plans(found: Found, kinds: Kinds) -> tuple[ImagePlan, ...]:
    """The images of all files, each once; files are called as the user would write them."""
    shown = {entry.name: entry.shown for entry in found.entries}
    uses = [
        use
        for file in collect(found).files
        if file.data is not None and mentions_object(file.path, file.data)
        for use in image_uses(load(shown[file.path], file.data, kinds)[0])
    ]
    return plan_scans(uses)


def _answers(
    plans: Sequence[ImagePlan],
    reports: Sequence[ImageReport],
    policy: ScanPolicy,
    options: ImagesOptions,
) -> tuple[tuple[ImageAnswer, ...], tuple[ImageReport, ...]]:
    """By the reports that were given, then by the scanner; in the order of the images."""
    given, spare = answers_of(plans, reports)
    known = {id(answer.plan): answer for answer in given}
    left = [plan for plan in plans if id(plan) not in known]
    if options.scanner is not None:
        known |= {id(answer.plan): answer for answer in _scanned(left, policy, options)}
    else:
        known |= {id(plan): ImageAnswer(plan=plan, reason=plan.reason or _UNASKED) for plan in left}
    return tuple(known[id(plan)] for plan in plans), spare


def _scanned(
    plans: Sequence[ImagePlan], policy: ScanPolicy, options: ImagesOptions
) -> tuple[ImageAnswer, ...]:
    """What the scanner says; imported here, so that reports alone cost no client of anything."""
    from bot.scanning import scanning
    from bot.settings import ScanSettings
    from bot.workflows.scan_images import scan_images

    settings = ScanSettings.from_environment(os.environ)
    asked = scanning(settings, options.scanner or "", options.hosts)
    return scan_images(plans, replace(asked, newer_tags=policy.newer_tags))


def _judged(
    answer: ImageAnswer, policy: ScanPolicy, today: date, statements: Sequence[VexStatement]
) -> JudgedImage:
    assert answer.report is not None  # the caller has looked
    return judge_image(answer, answer.report, policy, today, statements)


def _vex(path: Path) -> tuple[VexStatement, ...]:
    try:
        return read_vex(path.read_bytes(), str(path))
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from error


def _printed(
    judged: Sequence[JudgedImage],
    unknown: Sequence[ImageAnswer],
    spare: Sequence[ImageReport],
    options: ImagesOptions,
) -> str:
    if options.format_ == "json":
        return images_json(judged, unknown, spare)
    if options.format_ == "sarif":
        return images_sarif(judged, unknown, __version__)
    colour = sys.stdout.isatty()
    return images_text(judged, unknown, spare, colour=colour, everything=options.everything)
