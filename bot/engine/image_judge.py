"""Reports of images, judged by what a repository asks: what counts, what is borne, what fails."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fnmatch import fnmatchcase

from bot.engine.vex import VexStatement, excuse
from bot.kubernetes.image import parse
from bot.model.image import ImageAnswer
from bot.model.image_review import Borne, JudgedImage
from bot.model.scan_policy import IgnoredVulnerability, ScanPolicy
from bot.model.vulnerability import GRADES, Grade, ImageReport, Vulnerability

_NOT_MENDED = "no version mends it yet"


def judge_image(
    answer: ImageAnswer,
    report: ImageReport,
    policy: ScanPolicy,
    today: date,
    statements: Sequence[VexStatement] = (),
) -> JudgedImage:
    """The report, parted into what counts and what is borne.

    `today` ends ignores: the engine has no clock.
    """
    judge = _Judge(answer, report, policy, today, statements)
    counting, borne = judge.parted(report.vulnerabilities)
    judged = report.with_vulnerabilities(counting)
    return JudgedImage(
        answer=answer,
        report=judged,
        borne=tuple(borne),
        expired=tuple(sorted(judge.expired)),
        better=_better(judge, judged, answer),
        fails=policy.fail_on is not None and reaches(judged, policy.fail_on),
    )


def reaches(report: ImageReport, floor: Grade) -> bool:
    """Whether any of its vulnerabilities is of this grade or worse."""
    least = GRADES.index(floor)
    return any(GRADES.index(one.grade) >= least for one in report.vulnerabilities)


def wants_comment(judged: JudgedImage, policy: ScanPolicy) -> bool:
    """Whether there is something to say: bad enough, a base that ended, a tag that moved."""
    base = judged.report.os
    has_ended = base is not None and base.is_ended is True
    return reaches(judged.report, policy.report) or has_ended or judged.answer.has_moved


def newly_known(before: ImageReport, now: ImageReport) -> tuple[Vulnerability, ...]:
    """What a scanner knows of an image that it did not know before, by any of its names.

    That a vulnerability is found in one more package, or in another version of it, is no news
    where the image is the same: the report before knew of it.
    """
    known = {(name, one.package) for one in before.vulnerabilities for name in one.names}
    return tuple(
        one
        for one in now.vulnerabilities
        if not any((name, one.package) in known for name in one.names)
    )


class _Judge:
    """One image's policy; `expired` fills with the ignores that would have held."""

    def __init__(
        self,
        answer: ImageAnswer,
        report: ImageReport,
        policy: ScanPolicy,
        today: date,
        statements: Sequence[VexStatement],
    ) -> None:
        image, written = answer.image, parse(answer.plan.reference)
        self._repository = written.repository if written is not None else ""
        self._digests = frozenset(
            filter(None, (report.digest, image.digest if image is not None else None))
        )
        self._policy = policy
        self._today = today
        self._statements = statements
        self.expired: set[str] = set()

    def parted(
        self, vulnerabilities: Iterable[Vulnerability]
    ) -> tuple[list[Vulnerability], list[Borne]]:
        """What counts, and what does not."""
        counting: list[Vulnerability] = []
        borne: list[Borne] = []
        for one in vulnerabilities:
            reason = self._reason(one)
            if reason is None:
                counting.append(one)
            else:
                borne.append(Borne(vulnerability=one, reason=reason))
        return counting, borne

    def _reason(self, one: Vulnerability) -> str | None:
        if one.status == "not_affected":
            return "the scanner says not affected"
        for ignored in self._policy.ignored:
            if self._fits(ignored, one):
                if ignored.until is None or self._today <= ignored.until:
                    return ignored.reason
                self.expired.add(one.id)
        said = excuse(self._statements, one, self._repository, self._digests)
        if said is not None:
            return said
        is_mended = bool(one.fixed) or one.status == "fixed"
        return None if is_mended or not self._policy.only_fixable else _NOT_MENDED

    def _fits(self, ignored: IgnoredVulnerability, one: Vulnerability) -> bool:
        if ignored.id.lower() not in {name.lower() for name in one.names}:
            return False
        by_package = ignored.package is None or fnmatchcase(one.package, ignored.package)
        return by_package and (
            ignored.image is None or fnmatchcase(self._repository, ignored.image)
        )


def _better(judge: _Judge, own: ImageReport, answer: ImageAnswer) -> tuple[str, ImageReport] | None:
    """The first newer tag with fewer vulnerabilities of the worst grade that differs."""
    for tag, report in answer.newer:
        counting, _ = judge.parted(report.vulnerabilities)
        judged = report.with_vulnerabilities(counting)
        if tuple(judged.counts().values()) < tuple(own.counts().values()):
            return tag, judged
    return None
