"""Reports that were given as files, and the images that they speak of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bot.config import Config
from bot.engine.image_uses import image_uses, plan_scans
from bot.engine.read import kinds_of, load
from bot.kubernetes.image import parse
from bot.model.change import ChangeSet
from bot.model.image import ImageAnswer, ImagePlan, Pinned
from bot.model.image_config import ImageConfig
from bot.model.manifest import Manifest
from bot.model.vulnerability import ImageReport


def answers_of(
    plans: Sequence[ImagePlan], reports: Sequence[ImageReport]
) -> tuple[tuple[ImageAnswer, ...], tuple[ImageReport, ...]]:
    """An answer for each image that a report fits, and the reports that fit none.

    A report fits by digest where the reference has one, else by name and tag; of several the last
    one counts. Images that no report fits have no answer here.
    """
    used: set[int] = set()
    answers: list[ImageAnswer] = []
    for plan in plans:
        fitting = [n for n, report in enumerate(reports) if _fits(plan, report)]
        used |= set(fitting)
        if fitting:
            report = reports[fitting[-1]]
            answers.append(ImageAnswer(plan=plan, image=_image(plan, report), report=report))
    spare = tuple(report for n, report in enumerate(reports) if n not in used)
    return tuple(answers), spare


def configs_of(
    manifests: Iterable[Manifest], reports: Sequence[ImageReport]
) -> Mapping[str, ImageConfig]:
    """What images say of themselves, by the reference that manifests write, as reports tell it."""
    telling = [report for report in reports if report.config is not None]
    answers, _ = answers_of(plan_scans(image_uses(manifests)) if telling else (), telling)
    return {
        answer.plan.reference: answer.report.config
        for answer in answers
        if answer.report is not None and answer.report.config is not None
    }


def unused(changes: ChangeSet, config: Config, reports: Sequence[ImageReport]) -> Iterator[str]:
    """In words: the reports that fit no image of the files, or do not say how it runs."""
    kinds = kinds_of(config)
    loaded = (load(file.path, file.data, kinds)[0] for file in changes.files if file.data)
    plans = plan_scans([use for manifests in loaded for use in image_uses(manifests)])
    _, spare = answers_of(plans, reports)
    for report in reports:
        if report in spare:
            yield f"no file names the image of a report: {report.reference or 'it has no name'}"
        elif report.config is None:
            yield f"the report of {report.reference} does not hold the image's config"


def _fits(plan: ImagePlan, report: ImageReport) -> bool:
    wanted, named = parse(plan.reference), parse(report.reference)
    if wanted is None:
        return False
    if wanted.digest is not None and wanted.digest == report.digest:
        return True
    if named is None or wanted.repository != named.repository:
        return False
    if wanted.digest is not None:
        return wanted.digest == named.digest
    return named.digest is None and (wanted.tag or "latest") == (named.tag or "latest")


def _image(plan: ImagePlan, report: ImageReport) -> Pinned | None:
    """The image by the digest of the report, where it has one."""
    parsed = parse(plan.reference)
    if parsed is None or report.digest is None:
        return None
    return Pinned(repository=parsed.repository, tag=parsed.tag, digest=report.digest)
