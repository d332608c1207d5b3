"""A digest behind a tag: the image that was scanned, under a name that people can read."""

from __future__ import annotations

from bot.kubernetes.image import parse
from bot.model.image import ImageAnswer, ImageUse
from bot.yamlpatch import Refused, Set, edit


def pinned_reference(reference: str, digest: str) -> str | None:
    """The reference with the digest; None where it has one, or is none. The tag stays."""
    parsed = parse(reference)
    if parsed is None or parsed.digest is not None:
        return None
    wanted = f"{reference}@{digest}"
    return wanted if parse(wanted) is not None else None


def pinned_line(data: bytes, use: ImageUse, answer: ImageAnswer) -> str | None:
    """The line that names an image, pinned; None where that is not one line of plain text."""
    if answer.image is None or b"\r" in data:
        return None
    wanted = pinned_reference(use.reference, answer.image.digest)
    if wanted is None:
        return None
    try:
        patch = Set(document=use.document, path=use.path, value=wanted)
        after = edit(data, [patch]).data.decode().split("\n")
    except (Refused, UnicodeDecodeError):
        return None
    before = data.decode().split("\n")
    index = use.region.line - 1
    others_stay = before[:index] == after[:index] and before[index + 1 :] == after[index + 1 :]
    return after[index] if others_stay and len(before) == len(after) else None
