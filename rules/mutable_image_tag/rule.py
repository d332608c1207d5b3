"""Images that are named without a version, or by a tag that is meant to move."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Container, Context, Violation, parse_image

MOVING_TAGS = frozenset({"latest", "stable", "main", "master", "edge", "nightly"})


def check(container: Container, context: Context) -> Iterator[Violation]:
    """A digest or a tag that stays; a port of the registry is no tag."""
    if not container.image:
        return
    reference = parse_image(container.image)
    if reference.digest:
        return
    if reference.tag is None:
        yield Violation("image", f"container {container.name!r} runs an image without a tag")
    elif reference.tag in MOVING_TAGS:
        message = f"container {container.name!r} runs the moving tag {reference.tag!r}"
        yield Violation("image", message)
