"""Answers of a scanner to what a review says: one remark an image, where the change names it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from bot.engine.fingerprint import fingerprint, identity
from bot.engine.image_judge import judge_image, wants_comment
from bot.engine.pin import pinned_line
from bot.engine.vex import VexStatement
from bot.model.change import ChangeSet
from bot.model.image import ImageAnswer, ImageUse
from bot.model.image_review import ImageRemark, ImageReview, JudgedImage
from bot.model.scan_policy import ScanPolicy

RULE = "image-scan"
"""What stands in the place of a rule's id in fingerprints."""


def to_image_review(
    answers: Sequence[ImageAnswer],
    changes: ChangeSet,
    said: Collection[str],
    policy: ScanPolicy,
    today: date,
    statements: Sequence[VexStatement] = (),
) -> ImageReview:
    """Judge the images that a change brings; `said` are the fingerprints of earlier comments."""
    remarks: list[ImageRemark] = []
    rest: list[JudgedImage] = []
    for answer in answers:
        if answer.report is None:
            continue
        judged = judge_image(answer, answer.report, policy, today, statements)
        remark = _remark(judged, changes, policy) if wants_comment(judged, policy) else None
        if remark is None or remark.fingerprint in said:
            rest.append(judged)
        else:
            remarks.append(remark)
    remarks.sort(key=lambda remark: (remark.use.file, remark.use.region.line))
    return ImageReview(
        remarks=tuple(remarks),
        rest=tuple(rest),
        unknown=tuple(answer for answer in answers if answer.report is None),
    )


def _remark(judged: JudgedImage, changes: ChangeSet, policy: ScanPolicy) -> ImageRemark | None:
    """The remark, on the first line of the diff that names the image; None where none does."""
    for use in judged.answer.plan.uses:
        file = changes.file(use.file)
        line = use.region.line
        if file is None or file.hunk_of(line, line) is None or not file.touches(line, line):
            continue
        return ImageRemark(
            judged=judged,
            use=use,
            fingerprint=_fingerprint(use, judged.answer),
            pinned=pinned_line(file.data or b"", use, judged.answer) if policy.pin else None,
        )
    return None


def _fingerprint(use: ImageUse, answer: ImageAnswer) -> str:
    """The container and what it runs: another digest is news, a younger database is not."""
    subject = identity(
        file=use.file,
        kind=use.kind,
        namespace=use.namespace,
        name=use.name,
        container=use.container,
    )
    digest = answer.image.digest if answer.image is not None else ""
    return fingerprint(RULE, subject, f"{use.reference}\x00{digest}")
