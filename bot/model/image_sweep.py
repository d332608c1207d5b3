"""The images of a whole repository, and what is newly known of them."""

from __future__ import annotations

from bot.frozen import frozen
from bot.model.image import ImageAnswer
from bot.model.image_review import JudgedImage
from bot.model.vulnerability import Vulnerability


@frozen
class ImageNews:
    """What the scanner did not know of the same image when it was last asked."""

    judged: JudgedImage
    found: tuple[Vulnerability, ...]


@frozen
class ImageSweep:
    """The images, the worst first; those of which nothing is known; and the news.

    `day` is that of the scanner's database, empty where it does not say.
    """

    judged: tuple[JudgedImage, ...] = ()
    unknown: tuple[ImageAnswer, ...] = ()
    news: tuple[ImageNews, ...] = ()
    day: str = ""
