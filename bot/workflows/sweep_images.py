"""The images of a whole repository: the scanner is asked again, and only news are told.

What was known of an image is remembered by its digest: another image under the same tag is no
news of the scanner's. What a sweep remembers is shared by all workers, unlike a scanner's cache.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.engine.image_judge import judge_image
from bot.errors import PodsecError
from bot.model.image_review import JudgedImage
from bot.model.image_sweep import ImageNews, ImageSweep
from bot.model.vulnerability import GRADES
from bot.ports import Records
from bot.workflows.review_images import ImageScans
from bot.workflows.scan_images import scan_images
from bot.workflows.survey import Survey

_KIND = "images"
Known = Mapping[str, Mapping[str, Any]]


def sweep_images(
    survey: Survey, scans: ImageScans, records: Records, repository: int
) -> ImageSweep:
    """Scan all images, judge them, and tell what is new since the last sweep.

    A scanner that is down is no news, and forgets nothing. Raises ConfigError for what the config
    says of VEX documents that are not there.
    """
    config, scanning = survey.terms.config, scans.scanning
    if scanning is None:
        return ImageSweep()
    plans = scans.plans(survey.changes, config)
    statements = scans.statements(config.scan, survey.read)
    answers = scan_images(plans, scanning)
    judged = [
        judge_image(answer, answer.report, config.scan, survey.asked.today, statements)
        for answer in answers
        if answer.report is not None
    ]
    known = recall_images(records, repository)
    return ImageSweep(
        judged=tuple(sorted(judged, key=_worst_first)),
        unknown=tuple(answer for answer in answers if answer.report is None),
        news=tuple(_news(judged, known)),
        day=max((one.report.scanner.day for one in judged), default=""),
    )


def database_day(scans: ImageScans) -> str:
    """The day of the scanner's database now; empty where nobody scans, or nobody answers."""
    if scans.scanning is None:
        return ""
    try:
        return scans.scanning.scanner.state(20.0).day
    except PodsecError:
        return ""


def recall_images(records: Records, repository: int) -> Known:
    """What was known of images, by reference and platform."""
    try:
        found = json.loads(records.find(_KIND, str(repository)) or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def keep_images(records: Records, repository: int, swept: ImageSweep) -> None:
    """Remember what is known now; of an image without an answer, what was known before."""
    before = recall_images(records, repository)
    unknown = {_key(one.plan.reference, one.plan.platform) for one in swept.unknown}
    kept = {key: said for key, said in before.items() if key in unknown}
    kept |= {_key_of(one): _said(one) for one in swept.judged}
    records.keep(_KIND, str(repository), json.dumps(kept))


def _news(judged: Iterable[JudgedImage], known: Known) -> Iterable[ImageNews]:
    for one in judged:
        before = known.get(_key_of(one))
        if before is None or before.get("digest") != _digest(one) or one.report.is_stale:
            continue
        names = frozenset(before.get("names", ()))
        found = tuple(v for v in one.report.vulnerabilities if not v.names & names)
        if found:
            yield ImageNews(judged=one, found=found)


def _said(one: JudgedImage) -> dict[str, Any]:
    """All that the scanner knows of it; what is borne is known, too."""
    rows = [*one.report.vulnerabilities, *(borne.vulnerability for borne in one.borne)]
    names = sorted({name for row in rows for name in row.names})
    return {"digest": _digest(one), "names": names}


def _digest(one: JudgedImage) -> str:
    image = one.answer.image
    return image.digest if image is not None else ""


def _key_of(one: JudgedImage) -> str:
    return _key(one.answer.plan.reference, one.answer.plan.platform)


def _key(reference: str, platform: str) -> str:
    return f"{reference} {platform}"


def _worst_first(one: JudgedImage) -> tuple[Sequence[int], str]:
    counts = one.report.counts()
    return [-counts[grade] for grade in reversed(GRADES)], one.answer.plan.reference


def references(swept: ImageSweep) -> tuple[str, ...]:
    """The images that a newer database is asked about again."""
    return tuple(one.answer.plan.reference for one in swept.judged)[:100]
