"""Files and lines that something else writes: no fix touches them.

Sources: SOPS signs whole files (getsops.io, "mac"); Go's convention for generated files
(go.dev/s/generatedcode) is everybody's; Flux rewrites lines that it marks
(fluxcd.io/flux/guides/image-update, `{"$imagepolicy": ...}`); GitHub's linguist knows files as
generated or vendored by .gitattributes (github-linguist/docs/overrides.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.config.globs import below, matches
from bot.frozen import frozen
from bot.yamlpatch import Refused

_SOPS = re.compile(rb"""^(?:sops:|\s{0,8}"sops"\s*:)""", re.MULTILINE)
_MAC = re.compile(rb"""^\s+"?mac"?\s*:\s*"?ENC\[""", re.MULTILINE)
_GENERATED = re.compile(
    rb"do not (?:edit|modify|change)|@generated|\bauto-?generated\b", re.IGNORECASE
)
_VENDORED = frozenset({"vendor", "vendored", "third_party", "third-party", "node_modules"})
_MARKER = re.compile(rb"\{\s*\"\$imagepolicy\"")
_HEADER_LINES = 12
_SET = re.compile(r"(?:^|\s)linguist-(?:generated|vendored)(?:=true)?(?=\s|$)")


@frozen
class Attributes:
    """The patterns of files that .gitattributes calls generated or vendored."""

    patterns: tuple[str, ...] = ()

    def speak_of(self, path: str) -> bool:
        """Whether a file is one of them."""
        return any(matches(pattern, path, is_path=True) for pattern in self.patterns)


NONE = Attributes()


def read_attributes(text: bytes | None, folder: str = "") -> Attributes:
    """The patterns of a .gitattributes file in a folder."""
    found: list[str] = []
    for line in (text or b"").decode("utf-8", "replace").splitlines():
        pattern, _, said = line.strip().partition(" ")
        if pattern and not pattern.startswith(("#", '"')) and _SET.search(f" {said}"):
            found.append(below(pattern, folder))
    return Attributes(patterns=tuple(found))


def why_hands_off(path: str, data: bytes, attributes: Attributes) -> str | None:
    """Why a file is not edited; None where it may be."""
    if _SOPS.search(data) and _MAC.search(data):
        return "SOPS has signed the file: an edit would break it"
    if any(part in _VENDORED for part in path.split("/")[:-1]):
        return "vendored: change it where it comes from"
    if _GENERATED.search(_header(data)):
        return "generated, as its header says: change what generates it"
    if attributes.speak_of(path):
        return "generated or vendored, as .gitattributes says"
    return None


def _header(data: bytes) -> bytes:
    """The comments at the top of a file."""
    lines = data[:4096].splitlines()[:_HEADER_LINES]
    comments = [line for line in lines if line.lstrip().startswith((b"#", b"//"))]
    return b"\n".join(comments)


def demand_marked(before: bytes, after: bytes) -> None:
    """Raises Refused where an edit changes a line that Flux's image automation rewrites."""
    if b"$imagepolicy" in before and not set(_marked(before)) <= set(_marked(after)):
        raise Refused("image automation rewrites that line, as its marker says")


def _marked(data: bytes) -> Iterator[bytes]:
    return (line for line in data.splitlines() if _MARKER.search(line))
