"""What a review says of the images that a change brings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.frozen import frozen
from bot.model.image import ImageAnswer, ImageUse
from bot.model.plan import Remark
from bot.model.vulnerability import ImageReport, Vulnerability


@frozen
class Borne:
    """A vulnerability that does not count, and why."""

    vulnerability: Vulnerability
    reason: str


@frozen
class JudgedImage:
    """An image whose report is judged: `report` holds what counts, `borne` the rest.

    `expired` are the identifiers whose ignores ended: they count again.
    """

    answer: ImageAnswer
    report: ImageReport
    borne: tuple[Borne, ...] = ()
    expired: tuple[str, ...] = ()
    better: tuple[str, ImageReport] | None = None
    """The smallest newer tag that is known to be better, and its report."""
    fails: bool = False


@frozen
class ImageRemark:
    """One comment: on the line of the first place that names the image, for all of them.

    `pinned` is that line with the digest written behind the tag, where it is to be suggested.
    """

    judged: JudgedImage
    use: ImageUse
    fingerprint: str
    pinned: str | None = None
    is_taken: bool = False
    """Whether another suggestion replaces that line: of two, GitHub would apply one."""


@frozen
class ImageReview:
    """All images that a change brings: those that want a comment, and the others.

    `remarks` were not said before; `rest` is judged too, but has no line or no need; `unknown`
    could not be scanned.
    """

    remarks: tuple[ImageRemark, ...] = ()
    rest: tuple[JudgedImage, ...] = ()
    unknown: tuple[ImageAnswer, ...] = ()

    @property
    def judged(self) -> tuple[JudgedImage, ...]:
        """All images that have a report."""
        return (*(remark.judged for remark in self.remarks), *self.rest)

    def beside(self, said: Iterable[Remark]) -> ImageReview:
        """The same without suggestions on lines that others of the same review replace."""
        taken = [(one.path, one.suggestion) for one in said if one.suggestion is not None]

        def apart(remark: ImageRemark) -> ImageRemark:
            path, line = remark.use.file, remark.use.region.line
            clashes = any(path == file and one.start <= line <= one.end for file, one in taken)
            if not clashes or remark.pinned is None:
                return remark
            return replace(remark, pinned=None, is_taken=True)

        return replace(self, remarks=tuple(map(apart, self.remarks)))

    @property
    def fails(self) -> bool:
        """Whether one of them is bad enough to fail a check."""
        return any(judged.fails for judged in self.judged)
