"""Reports that were given as files, and the images that they speak of."""

from __future__ import annotations

from collections.abc import Sequence

from bot.kubernetes.image import parse
from bot.model.image import ImageAnswer, ImagePlan, Pinned
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
