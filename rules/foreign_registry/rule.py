"""Images from registries that the config does not list."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Container, Context, ImageReference, Violation, as_list, parse_image


def check(container: Container, context: Context) -> Iterator[Violation]:
    """The option `registries` lists what is allowed; where it is empty nothing is asked."""
    allowed = as_list(context.options.get("registries"))
    reference = parse_image(container.image) if allowed else None
    if reference is not None and not any(_allows(entry, reference) for entry in allowed):
        message = f"container {container.name!r} runs an image from {reference.registry!r}"
        yield Violation("image", f"{message}, which is not among the listed registries")


def _allows(entry: object, reference: ImageReference) -> bool:
    """A host (`*.` before it: its subdomains), and if there is more, the path begins with it."""
    if not isinstance(entry, str):
        return False
    host, slash, path = entry.rstrip("/").partition("/")
    registry = reference.registry
    inside = registry.endswith(host[1:]) if host.startswith("*.") else registry == host
    below = reference.repository.partition("/")[2]
    return inside and (not slash or below == path or below.startswith(path + "/"))
