"""Sentences about images that all formats share."""

from __future__ import annotations

from bot.model.image import ImageAnswer
from bot.model.image_review import JudgedImage
from bot.model.vulnerability import ImageReport, Vulnerability

SHORT = 19
"""Characters of a digest that tell it from others: sha256: and twelve digits."""


def counts(report: ImageReport) -> str:
    """1 critical, 2 high; or that there is nothing."""
    found = [f"{number} {grade}" for grade, number in report.counts().items() if number]
    return ", ".join(found) or "no known vulnerability"


def fixed_in(one: Vulnerability) -> str:
    """The versions that mend it; else what its vendor says."""
    if one.fixed:
        return ", ".join(one.fixed)
    return {
        "will_not_fix": "will not be fixed",
        "fix_deferred": "fix deferred",
        "end_of_life": "end of life",
        "under_investigation": "under investigation",
    }.get(one.status, "no fix yet")


def scanned_by(report: ImageReport) -> str:
    """Who scanned, and how old what it knows is."""
    scanner = report.scanner
    text = f"{scanner.name} {scanner.version}".strip()
    if scanner.database is not None:
        text += f", database of {scanner.day}"
    return f"{text}; an older answer" if report.is_stale else text


def remarks_on(judged: JudgedImage) -> list[str]:
    """What is to be said beside the vulnerabilities, a sentence each."""
    report, answer = judged.report, judged.answer
    found = []
    if report.os is not None and report.os.is_ended:
        found.append(f"its base, {report.os}, has reached its end: nobody mends it any more")
    if answer.has_moved:
        found.append(_moved(answer))
    if report.partial:
        found.append(f"the report is not whole: {report.partial}")
    if answer.reason:
        found.append(f"the report is an older one: {answer.reason}")
    if judged.expired:
        found.append(f"no longer ignored: {', '.join(judged.expired)}")
    if judged.borne:
        found.append(f"{len(judged.borne)} more do not count: {_reasons(judged)}")
    if judged.better is not None:
        tag, better = judged.better
        found.append(f"the newer tag {tag} has {counts(better)}")
    return found


def _moved(answer: ImageAnswer) -> str:
    image = answer.image
    tag = image.tag if image is not None else None
    if image is not None and image.has_drifted and image.tag_digest is not None:
        return f"the tag {tag} leads to {image.tag_digest[:SHORT]} now, not to the digest beside it"
    moved = answer.moved_from or ""
    return f"the tag {tag} led to {moved[:SHORT]} when podsec last looked: it has moved"


def _reasons(judged: JudgedImage) -> str:
    """The reasons, each once; the first three."""
    said = list(dict.fromkeys(one.reason for one in judged.borne))
    more = f" and {len(said) - 3} more reasons" if len(said) > 3 else ""
    return "; ".join(said[:3]) + more
