"""Images that are named without a version, or by a tag that is meant to move."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import (
    Container,
    Context,
    Question,
    View,
    Violation,
    folder_of,
    images_of,
    kustomizations_of,
    parse_image,
)

MOVING = frozenset(
    {
        "canary",
        "current",
        "dev",
        "develop",
        "development",
        "edge",
        "head",
        "latest",
        "main",
        "master",
        "nightly",
        "prod",
        "production",
        "rolling",
        "snapshot",
        "stable",
        "staging",
        "test",
        "testing",
        "unstable",
    }
)


def check(container: Container, context: Context) -> Iterator[Violation]:
    """A digest, or a tag that stays; the port of a registry is no tag."""
    reference = parse_image(container.image)
    if reference is None or reference.digest is not None:
        return
    if reference.tag is None:
        message = f"container {container.name!r} runs an image without a tag"
    elif _moves(reference.tag):
        message = f"container {container.name!r} runs the moving tag {reference.tag!r}"
    else:
        return
    name = container.image.removesuffix(f":{reference.tag}")
    yield Violation("image", message, question=(container.pod.owner.file, name))


def _moves(tag: str) -> bool:
    """`latest`, and its variants without a number: `stable-alpine`, `nightly_slim`."""
    plain = tag.lower()
    if plain in MOVING:
        return True
    first = plain.replace("_", "-").partition("-")[0]
    return first in ("latest", "nightly", "stable") and not any(c.isdigit() for c in plain)


def confirm(question: Question, view: View) -> bool:
    """A kustomization in view may name the version: it takes the place of what stands here."""
    file, name = question
    found = view.derived(kustomizations_of).of(folder_of(file))
    return not any(name in images_of(kustomization) for kustomization in found)
