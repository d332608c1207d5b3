"""Images without a digest."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Container, Context, Violation, parse_image


def check(container: Container, context: Context) -> Iterator[Violation]:
    """A digest names one image for ever; a tag is a name that its owner may give to another."""
    reference = parse_image(container.image)
    if reference is not None and reference.digest is None:
        yield Violation("image", f"container {container.name!r} runs an image without a digest")
