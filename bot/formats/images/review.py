"""Images in reviews: a comment on the line of each, and a part of the check run's summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.formats.images.words import counts, fixed_in, remarks_on, scanned_by
from bot.formats.markdown import code, details, fenced, inert, marker, table, unmarked
from bot.formats.text import counted
from bot.model.image_review import ImageRemark, ImageReview, JudgedImage
from bot.model.review import CheckRun, Review, ReviewComment
from bot.model.vulnerability import Grade, Vulnerability

_SIGN: dict[Grade, str] = {
    "unknown": "⚪",
    "low": "🔵",
    "medium": "🟡",
    "high": "🟠",
    "critical": "🔴",
}
_WORST = 5
_HEAD = ("", "vulnerability", "package", "installed", "fixed in")
_LONGEST_SUMMARY = 65_000
"""Bytes that a check run's summary may have; GitHub takes 65,535."""
_LONGEST_TABLE = 12_000


def with_image_comments(review: Review, images: ImageReview, report_url: str) -> Review:
    """The review with a comment on the line of each image; `report_url` has the full report."""
    comments = tuple(_comment(remark, report_url) for remark in images.remarks)
    return replace(review, comments=(*review.comments, *comments))


def with_images_in_body(review: Review, images: ImageReview, report_url: str) -> Review:
    """The same without places on lines, for when GitHub refuses one of them."""
    body, prints = unmarked(review.body)  # a mark counts at the end alone
    parts = [body, *(_text(remark, report_url) for remark in images.remarks)]
    marks = marker((*prints, *(remark.fingerprint for remark in images.remarks)))
    return replace(review, body="\n\n".join(part for part in (*parts, marks) if part))


def images_only(head: str, images: ImageReview) -> Review:
    """A review that has nothing but images to speak of."""
    number = counted(len(images.remarks), "image")
    return Review(
        head=head, body=f"podsec looked at {number} that this pull request brings.", comments=()
    )


def with_images(check: CheckRun, images: ImageReview, *, enforce: bool) -> CheckRun:
    """The check run with a part about images; what was not scanned keeps it from success."""
    if not images.judged and not images.unknown:
        return check
    section = _section(images, _LONGEST_SUMMARY - len(check.summary.encode()))
    conclusion = check.conclusion
    if images.fails and enforce:
        conclusion = "failure"
    elif conclusion == "success" and (images.fails or images.remarks or images.unknown):
        conclusion = "neutral"
    return replace(
        check,
        conclusion=conclusion,
        title=check.title + _title(images),
        summary=f"{check.summary}\n\n{section}",
    )


def _title(images: ImageReview) -> str:
    parts = []
    failing = sum(1 for judged in images.judged if judged.fails)
    if failing:
        parts.append(f"{counted(failing, 'image')} beyond the limit")
    if images.unknown:
        parts.append(f"{counted(len(images.unknown), 'image')} not scanned")
    return "".join(f", {part}" for part in parts)


def _comment(remark: ImageRemark, report_url: str) -> ReviewComment:
    parts = [_text(remark, report_url)]
    if remark.pinned is not None:
        parts.append("Run the very image that was scanned; the tag stays for people to read:")
        parts.append(fenced("suggestion", (remark.pinned,)))
    image = remark.judged.answer.image
    if remark.is_taken and image is not None:
        digest = code(f"@{image.digest}")
        parts.append(
            f"To run the very image that was scanned, write {digest} behind the tag, once the "
            "suggestion for its container is applied: it replaces this line, too."
        )
    parts.append(marker((remark.fingerprint,)))
    return ReviewComment(
        path=remark.use.file,
        line=remark.use.region.line,
        start_line=None,
        body="\n\n".join(parts),
        fingerprints=(remark.fingerprint,),
    )


def _text(remark: ImageRemark, report_url: str) -> str:
    judged = remark.judged
    report = judged.report
    parts = [f"**Image {code(judged.answer.plan.reference)}**: {counts(report)}."]
    worst = report.vulnerabilities[:_WORST]
    if worst:
        parts.append(table(_HEAD, [_row(one) for one in worst]))
    notes = [f"- {inert(note)}" for note in remarks_on(judged)]
    if notes:
        parts.append("\n".join(notes))
    left = len(report.vulnerabilities) - len(worst)
    more = f"{left} more are in the [full report]({report_url})" if left > 0 else ""
    whole = more or f"[full report]({report_url})"
    parts.append(f"{whole}, by {inert(scanned_by(report))}.{_elsewhere(remark)}")
    return "\n\n".join(parts)


def _elsewhere(remark: ImageRemark) -> str:
    others = len(remark.judged.answer.plan.uses) - 1
    return f" It also runs in {counted(others, 'other container')}." if others else ""


def _row(one: Vulnerability) -> tuple[str, ...]:
    name = code(one.id)
    return (
        f"{_SIGN[one.grade]} {one.grade}",
        f"[{name}]({one.url})" if _is_plain(one.url) else name,
        code(one.package or "?"),
        code(one.installed or "?"),
        inert(fixed_in(one)),
    )


def _is_plain(url: str) -> bool:
    """Whether an address may stand in a link: a scanner may have taken it from anybody."""
    odd = set("()<>[]`\\| \"'{}")
    return url.startswith("https://") and url.isascii() and url.isprintable() and not odd & set(url)


def _section(images: ImageReview, room: int) -> str:
    parts = ["### Images"]
    parts += [_judged(judged) for judged in images.judged]
    if images.unknown:
        rows = [(code(a.plan.reference), inert(a.reason)) for a in images.unknown]
        parts.append("Not scanned:\n\n" + table(("image", "why"), rows, _LONGEST_TABLE))
    return _fitting(parts, room)


def _fitting(parts: Sequence[str], room: int) -> str:
    """As many parts as there is room for; the rest is counted."""
    kept: list[str] = []
    size = 200  # for the sentence about the rest
    for part in parts:
        size += len(part.encode()) + 2
        if size > room:
            kept.append(f"and {len(parts) - len(kept)} more: `podsec images` shows them all.")
            break
        kept.append(part)
    return "\n\n".join(kept)


def _judged(judged: JudgedImage) -> str:
    report = judged.report
    parts = [f"**{code(judged.answer.plan.reference)}**: {counts(report)}."]
    notes = [*remarks_on(judged), f"by {scanned_by(report)}"]
    parts.append("\n".join(f"- {inert(note)}" for note in notes))
    if report.vulnerabilities:
        rows = [_row(one) for one in report.vulnerabilities]
        parts.append(details("All of them", table(_HEAD, rows, _LONGEST_TABLE)))
    return "\n\n".join(parts)
