"""The images of a sweep: a summary by image for the dashboard, and what is newly known."""

from __future__ import annotations

from bot.formats.images.words import counts, fixed_in, remarks_on, scanned_by
from bot.formats.markdown import code, inert, table
from bot.formats.plain import counted
from bot.model.image_review import JudgedImage
from bot.model.image_sweep import ImageNews, ImageSweep

_LONGEST_TABLE = 7_000
_LONGEST_NEWS = 20_000
_NAMED = 3


def to_section(swept: ImageSweep) -> str:
    """The part of the dashboard about images; empty where none was looked at."""
    if not swept.judged and not swept.unknown:
        return ""
    parts = ["### Images"]
    if swept.judged:
        parts.append(f"By {inert(scanned_by(swept.judged[0].report))}.")
        rows = [_row(one) for one in swept.judged]
        parts.append(table(("image", "runs in", "known of it", ""), rows, _LONGEST_TABLE))
    if swept.unknown:
        left = [(code(one.plan.reference), inert(one.reason)) for one in swept.unknown]
        parts.append(table(("not scanned", "why"), left, _LONGEST_TABLE // 2))
    return "\n\n".join(parts)


def to_news(swept: ImageSweep) -> str:
    """The comment about what the scanner did not know before: nothing that it knew."""
    number = sum(len(news.found) for news in swept.news)
    words = "vulnerability is" if number == 1 else "vulnerabilities are"
    images = counted(len(swept.news), "image")
    rows = [row for news in swept.news for row in _news(news)]
    head = ("image", "vulnerability", "package", "installed", "fixed in")
    day = swept.day or "today"
    lead = (
        f"**{number} {words} newly known** in {images} that this repository already runs, by the "
        f"scanner's database of {day}. The manifests did not change."
    )
    return f"{lead}\n\n{table(head, rows, _LONGEST_NEWS)}"


def to_lines(swept: ImageSweep) -> tuple[str, ...]:
    """The same for a terminal: a line an image."""
    fresh = {id(news.judged): len(news.found) for news in swept.news}
    lines = []
    for one in swept.judged:
        new = f", {fresh[id(one)]} newly known" if id(one) in fresh else ""
        lines.append(f"image {one.answer.plan.reference}: {counts(one.report)}{new}")
    lines += [f"image {one.plan.reference}: not scanned: {one.reason}" for one in swept.unknown]
    return tuple(lines)


def _row(one: JudgedImage) -> tuple[str, str, str, str]:
    uses = one.answer.plan.uses
    named = list(dict.fromkeys(f"{use.kind}/{use.name}" for use in uses))
    shown = ", ".join(map(code, named[:_NAMED]))
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    said = "; ".join(inert(remark) for remark in remarks_on(one))
    return code(one.answer.plan.reference), shown + more, counts(one.report), said


def _news(news: ImageNews) -> list[tuple[str, str, str, str, str]]:
    image = code(news.judged.answer.plan.reference)
    return [
        (
            image,
            f"{one.grade} {inert(one.id)}",
            code(one.package),
            code(one.installed),
            fixed_in(one),
        )
        for one in news.found
    ]
