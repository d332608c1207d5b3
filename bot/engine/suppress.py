"""`# podsec: ignore[rule] reason` on a field, a container or a document; and annotations."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.model.finding import Finding
from bot.model.manifest import Manifest

_COMMENT = re.compile(r"#\s*podsec:\s*ignore\[([a-z0-9,\s-]+)\]\s*(\S.*)?$")
_ANNOTATION = "podsec.dev/ignore."


def suppression(finding: Finding, manifest: Manifest) -> str | None:
    """The reason why a finding is suppressed, or None. Without a reason nothing is suppressed."""
    if reason := _annotated(finding, manifest):
        return reason
    stream, document = manifest.stream, manifest.document
    first = stream.locate(document, manifest.base)[0].line
    comments = _comments(manifest.stream.text)
    lines = [finding.region.line, finding.block.line, finding.block.line - 1, first, first - 1]
    lines.append(stream.locate(document, (*manifest.base, "kind"))[0].line)
    for line in lines:
        rules, reason = comments.get(line, (frozenset(), ""))
        if finding.rule in rules:
            return reason
    return None


def _annotated(finding: Finding, manifest: Manifest) -> str | None:
    metadata = manifest.data.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    value = annotations.get(_ANNOTATION + finding.rule) if isinstance(annotations, dict) else None
    return value.strip() or None if isinstance(value, str) else None


@lru_cache(maxsize=64)
def _comments(text: str) -> dict[int, tuple[frozenset[str], str]]:
    found: dict[int, tuple[frozenset[str], str]] = {}
    if "podsec:" not in text:
        return found
    for number, line in enumerate(text.split("\n"), 1):
        match = _COMMENT.search(line.rstrip("\r"))
        if match and match.group(2):
            rules = frozenset(name.strip() for name in match.group(1).split(","))
            found[number] = (rules, match.group(2).strip())
    return found
