"""Images for the terminal: each with its counts, its worst, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.formats.images.words import counts, fixed_in, remarks_on, scanned_by
from bot.formats.text import counted, visible
from bot.model.image import ImageAnswer, ImagePlan
from bot.model.image_review import JudgedImage
from bot.model.vulnerability import Grade, ImageReport, Vulnerability

_COLOUR: dict[Grade, str] = {
    "unknown": "2",
    "low": "36",
    "medium": "33",
    "high": "31",
    "critical": "1;31",
}
_WORST = 5


def images_text(
    judged: Sequence[JudgedImage],
    unknown: Sequence[ImageAnswer],
    spare: Sequence[ImageReport],
    *,
    colour: bool,
    everything: bool = False,
) -> str:
    """All images, then one sentence; `spare` are reports that no image of the files fits."""
    lines: list[str] = []
    for one in judged:
        lines += [*_image(one, colour=colour, everything=everything), ""]
    for answer in unknown:
        lines.append(visible(f"{answer.plan.reference}: not scanned: {answer.reason}"))
        lines += _places(answer.plan)
    if unknown:
        lines.append("")
    for report in spare:
        name = report.reference or report.digest or "an image without a name"
        lines.append(visible(f"a report of {name} fits no image here"))
    return "\n".join([*lines, _closing(judged, unknown)]) + "\n"


def _image(judged: JudgedImage, *, colour: bool, everything: bool) -> Iterator[str]:
    report, plan = judged.report, judged.answer.plan
    title = visible(f"{plan.reference}: {counts(report)}")
    yield f"\x1b[1m{title}\x1b[0m" if colour else title
    yield visible(f"  {scanned_by(report)}" + (f", on {report.os}" if report.os else ""))
    yield from _places(plan)
    shown = report.vulnerabilities if everything else report.vulnerabilities[:_WORST]
    yield from (_vulnerability(one, colour=colour) for one in shown)
    if left := len(report.vulnerabilities) - len(shown):
        yield f"  and {left} more: --all lists them"
    yield from (visible(f"  {remark}") for remark in remarks_on(judged))


def _vulnerability(one: Vulnerability, *, colour: bool) -> str:
    grade = f"{one.grade:8}"
    if colour:
        grade = f"\x1b[{_COLOUR[one.grade]}m{grade}\x1b[0m"
    package = f"{one.package} {one.installed}".strip() or "a package without a name"
    return f"  {grade} " + visible(f"{one.id:20} {package} -> {fixed_in(one)}")


def _places(plan: ImagePlan) -> Iterator[str]:
    for use in plan.uses:
        container = f", container {use.container}" if use.container else ""
        yield visible(f"  {use.file}:{use.region.line}: {use.kind}/{use.name}{container}")


def _closing(judged: Sequence[JudgedImage], unknown: Sequence[ImageAnswer]) -> str:
    if not judged and not unknown:
        return "No image is named here."
    if not judged:
        return f"{counted(len(unknown), 'image')} not scanned."
    total = sum(len(one.report.vulnerabilities) for one in judged)
    noun = "vulnerability" if total == 1 else "vulnerabilities"
    text = f"{total} {noun} in {counted(len(judged), 'image')}"
    return f"{text}; {len(unknown)} not scanned." if unknown else f"{text}."
