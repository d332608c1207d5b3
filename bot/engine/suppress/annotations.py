"""Suppressions in annotations: `podsec.dev/ignore.RULE`, and those of other checkers.

Of other checkers the forms are honoured that their own documents name: kube-linter ("Ignoring
violations for specific cases"), Checkov ("Kubernetes: skipping checks"), kube-score ("Ignoring a
test"), Polaris ("Exemptions"), Kubescape (skip-controls) and Datree ("Skip a rule"). A check's id
means the rules that name it under `equivalents`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bot.engine.suppress.terms import Terms, day, terms, wrong_day
from bot.kubernetes.workload import reach
from bot.model.manifest import Manifest
from bot.model.suppression import Place, Suppression
from bot.yamlpatch import Path

Peers = Mapping[tuple[str, str], tuple[str, ...]]
"""Rule ids by the peer's name, as `equivalents` spells it, and the peer's id of the check."""

_OWN = "podsec.dev"
_IGNORE = "ignore."
_CHECKOV = re.compile(r"^skip\d+$")
_EXEMPT = "-exempt"
_Skip = tuple[str, Terms]
"""A peer's id of a check, and what is said beside it."""


def annotated(manifest: Manifest, peers: Peers) -> Iterator[Suppression]:
    """The suppressions of an object: its own annotations, and those of its pod template."""
    for path, noted in _annotations(manifest):
        for key, value in noted.items():
            domain, slash, name = str(key).partition("/")
            if not slash or (domain != _OWN and domain not in _PEERS):
                continue
            line = _line(manifest, (*path, str(key)))
            if domain == _OWN:
                yield from _own(manifest, name, value, line)
                continue
            tool, read = _PEERS[domain]
            for check, said in read(name, value if isinstance(value, str) else "", noted):
                for rule in peers.get((tool, check), ()):
                    yield _suppression(manifest, rule, said, line, f"{tool}: ")


def _annotations(manifest: Manifest) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Every metadata.annotations on the way from the object to its pod."""
    places = {pod.path[:depth] for pod in manifest.pods for depth in range(len(pod.path))}
    for steps in sorted(places | {()}, key=lambda path: (len(path), str(path))):
        path = (*steps, "metadata", "annotations")
        found = reach(manifest.data, path)
        if isinstance(found, dict):
            yield (*manifest.base, *path), found


def _line(manifest: Manifest, path: Path) -> int:
    return manifest.stream.locate(manifest.document, path)[0].line


def _own(manifest: Manifest, name: str, value: Any, line: int) -> Iterator[Suppression]:
    """One entry a line of the value, so that containers may have reasons of their own."""
    if not name.startswith(_IGNORE):
        return
    text = value if isinstance(value, str) else ""
    for entry in text.splitlines() or [""]:
        yield _suppression(manifest, name.removeprefix(_IGNORE), terms(entry), line)


def _suppression(
    manifest: Manifest, rule: str, said: Terms, line: int, tool: str = ""
) -> Suppression:
    spot, _ = manifest.stream.locate(manifest.document, manifest.base)
    return Suppression(
        rule=rule,
        reason=tool + said.reason if said.reason else "",
        source="peer" if tool else "annotation",
        file=manifest.file,
        line=line,
        scope=Place(
            reach="object", lines=((spot.line, spot.end_line),), containers=said.containers
        ),
        until=said.until,
        fault=said.fault,
    )


def _by_name(name: str, text: str, _noted: Mapping[str, Any]) -> Iterator[_Skip]:
    yield name, _theirs(text)


def _checkov(name: str, text: str, _noted: Mapping[str, Any]) -> Iterator[_Skip]:
    if _CHECKOV.match(name):
        check, _, reason = text.partition("=")
        yield check.strip(), _theirs(reason)


def _kube_score(name: str, text: str, _noted: Mapping[str, Any]) -> Iterator[_Skip]:
    if name == "ignore":
        yield from ((check.strip(), _theirs("")) for check in text.split(","))


def _polaris(name: str, text: str, _noted: Mapping[str, Any]) -> Iterator[_Skip]:
    if name.endswith(_EXEMPT) and text.lower() == "true":
        yield name.removesuffix(_EXEMPT), _theirs("")


def _kubescape(name: str, text: str, noted: Mapping[str, Any]) -> Iterator[_Skip]:
    """Its reason and its last day stand in annotations of their own."""
    if name != "skip-controls":
        return
    expiry = noted.get("kubescape.io/skip-expiry")
    until = day(expiry[:10]) if isinstance(expiry, str) else None
    said = Terms(
        reason=_theirs(noted.get("kubescape.io/skip-reason")).reason,
        until=until,
        fault="" if expiry is None or until else wrong_day(str(expiry)),
    )
    yield from ((check.strip(), said) for check in text.split(","))


def _theirs(reason: Any) -> Terms:
    """A peer's reason: it is theirs to demand one."""
    said = reason.strip() if isinstance(reason, str) else ""
    return Terms(reason=said or "no reason given")


_Read = Callable[[str, str, Mapping[str, Any]], Iterator[_Skip]]
_PEERS: dict[str, tuple[str, _Read]] = {
    "ignore-check.kube-linter.io": ("kube-linter", _by_name),
    "datree.skip": ("datree", _by_name),
    "checkov.io": ("checkov", _checkov),
    "kube-score": ("kube-score", _kube_score),
    "polaris.fairwinds.com": ("polaris", _polaris),
    "kubescape.io": ("kubescape", _kubescape),
}
