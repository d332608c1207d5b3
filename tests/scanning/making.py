"""Small parts that the tests of image reviews are made of."""

from __future__ import annotations

from typing import Any

from bot.engine.image_uses import image_uses
from bot.engine.read import load
from bot.model.change import ChangedFile, ChangeSet, Hunk
from bot.model.image import LINUX, ImageAnswer, ImagePlan, ImageUse, Pinned
from bot.model.vulnerability import (
    Grade,
    ImageReport,
    OperatingSystem,
    ScannerState,
    Vulnerability,
    distinct,
)

DIGEST = f"sha256:{'a' * 64}"
OTHER = f"sha256:{'b' * 64}"


def pod(*images: str, name: str = "shop") -> bytes:
    containers = "".join(
        f"  - name: c{number}\n    image: {image}\n" for number, image in enumerate(images)
    )
    return (
        f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\nspec:\n  containers:\n{containers}"
    ).encode()


def uses(data: bytes, path: str = "pod.yaml") -> tuple[ImageUse, ...]:
    manifests, _ = load(path, data)
    return image_uses(manifests)


def found(id_: str = "CVE-2024-0001", grade: Grade = "high", **parts: Any) -> Vulnerability:
    given = {"package": "musl", "installed": "1.0", "fixed": ("1.1",), **parts}
    return Vulnerability(id=id_, grade=grade, **given)


def report(*rows: Vulnerability, ended: bool | None = None, **parts: Any) -> ImageReport:
    given: dict[str, Any] = {
        "reference": "nginx:1.25.3",
        "digest": DIGEST,
        "os": OperatingSystem(family="alpine", version="3.9", is_ended=ended),
        **parts,
    }
    state = ScannerState(name="trivy", version="0.59.1")
    return ImageReport(scanner=state, vulnerabilities=distinct(rows), **given)


def pinned(tag: str | None = "1.25.3", digest: str = DIGEST, **parts: Any) -> Pinned:
    return Pinned(repository="docker.io/library/nginx", tag=tag, digest=digest, **parts)


def answer(
    given: ImageReport | None = None,
    image: Pinned | None = None,
    where: tuple[ImageUse, ...] = (),
    **parts: Any,
) -> ImageAnswer:
    reference = where[0].reference if where else "nginx:1.25.3"
    plan = ImagePlan(reference=reference, platform=LINUX, uses=where)
    return ImageAnswer(plan=plan, image=image or pinned(), report=given, **parts)


def change(data: bytes, base: bytes | None, *added: int, path: str = "pod.yaml") -> ChangeSet:
    """A pull request that changes one file; `added` are its new lines."""
    lines = len(data.splitlines())
    hunk = Hunk(start=1, end=lines, added=frozenset(added))
    status: Any = "added" if base is None else "modified"
    return ChangeSet(
        files=(ChangedFile(path=path, status=status, data=data, base_data=base, hunks=(hunk,)),)
    )
