"""Images whose reference is not one: the kubelet answers InvalidImageName."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Container, Context, Violation, is_placeholder, parse_image


def check(container: Container, context: Context) -> Iterator[Violation]:
    """The grammar of the runtimes; what something else fills in is not judged."""
    image = container.image
    if image and parse_image(image) is None and not is_placeholder(image):
        yield Violation("image", f"container {container.name!r} has an image that is no reference")
