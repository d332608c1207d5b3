"""Manifests and rules to findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from bot.config import Config
from bot.engine.fingerprint import again
from bot.engine.pods import owner_of, pod_at, pods_of
from bot.engine.subject import Subject
from bot.kubernetes.build_file import BuildFile
from bot.kubernetes.evidence import Evidence
from bot.kubernetes.kustomization import is_kustomization
from bot.kubernetes.version import Version
from bot.kubernetes.view import Seen, View, prune
from bot.kubernetes.workload import CONTAINER_LISTS, Object, Pod
from bot.model.finding import Finding, Skipped
from bot.model.image_config import ImageConfig
from bot.model.manifest import Manifest
from bot.rule.load import Rules
from bot.rule.rule import (
    Context,
    Question,
    Rule,
)
from bot.yamlpatch import Path

Chosen = Sequence[tuple[Rule, Context]]
# findings of one rule in one container, pod or object: nobody reads more
_MOST = 100
_EXEMPTS_WINDOWS = Version(25)


class Candidate(NamedTuple):
    """A finding; with a question it counts only where its rule confirms it over all objects."""

    finding: Finding
    question: Question | None


class Checker:
    """The rules that run under a config, sorted by what they apply to."""

    def __init__(self, rules: Rules, config: Config, evidence: Evidence | None = None) -> None:
        self._rules, self._config, self._evidence = rules, config, evidence or Evidence()
        self._latest = self
        self._failures: list[Skipped] = []
        self._confirms = {rule.id: rule.confirm for rule in rules if rule.confirm is not None}
        chosen = [(rule, _context(rule, config, self._evidence)) for rule in rules.select(config)]
        self._pod = [
            *(pair for pair in chosen if pair[0].applies_to == "pod"),
            *((replace(r, check=r.check_pod), c) for r, c in chosen if r.check_pod is not None),
        ]
        self._container = {
            which: [
                pair
                for pair in chosen
                if pair[0].applies_to == "container" and which in pair[0].containers
            ]
            for which in CONTAINER_LISTS
        }
        self._object: dict[str, list[tuple[Rule, Context]]] = {}
        for pair in chosen:
            for kind in pair[0].kinds:
                self._object.setdefault(kind, []).append(pair)

    def check(self, manifests: Sequence[Manifest], view: View | None = None) -> tuple[Finding, ...]:
        """All findings, by file, line and rule; each identity once.

        Without a view the manifests themselves are all that other objects are looked for in.
        """
        seen = view if view is not None else informed_view_of(manifests, complete=False)
        checker = self.knowing(seen.evidence)
        confirmed = (self.confirmed(one, seen) for one in checker.found(manifests))
        return tuple(finding for finding in confirmed if finding is not None)

    def knowing(self, evidence: Evidence | None) -> Checker:
        """The same checker, for fixes that rest on this evidence; the latest is kept."""
        if evidence is not None and self._latest._evidence is not evidence:  # noqa: SLF001  # own
            self._latest = Checker(self._rules, self._config, evidence)
            self._latest._failures = self._failures  # noqa: SLF001  # own
        return self if evidence is None else self._latest

    def found(self, manifests: Iterable[Manifest]) -> tuple[Candidate, ...]:
        """All candidates, by file, line and rule; each identity once."""
        every = [one for manifest in manifests for one in self.candidates(manifest)]
        return distinct(every)

    def candidates(self, manifest: Manifest) -> Iterator[Candidate]:
        """What the rules find in one manifest, as far as it alone can tell."""
        if is_kustomization(manifest.api_version, manifest.kind):
            return
        owner = owner_of(manifest)
        spoken: tuple[Chosen, Chosen] = (
            self._object.get(manifest.kind, ()),
            self._object.get("*", ()),
        )
        for chosen in spoken:
            if chosen:
                yield from self._found(Subject(manifest, owner), chosen)
        for place in manifest.pods:
            pod = pod_at(manifest, place, owner)
            windows = pod.is_windows
            chosen = self._applying(self._pod, pod, windows)
            yield from self._found(Subject(manifest, pod, place), chosen)
            for container in pod.containers:
                chosen = self._applying(self._container[container.list], pod, windows)
                yield from self._found(Subject(manifest, container, place), chosen)

    def _found(self, subject: Subject, chosen: Chosen) -> Sequence[Candidate]:
        """What some rules find; one that fails here, by a bug of its own, fails here alone."""
        found: list[Candidate] = []
        for rule, context in chosen:
            try:
                for count, violation in enumerate(rule.check(subject.target, context)):
                    if count == _MOST:
                        self._too_many(subject, rule)
                        break
                    if subject.admits(violation):
                        finding = subject.finding(rule, violation, context)
                        found.append(Candidate(finding, violation.question))
            except Exception as error:  # noqa: BLE001  # the last resort: said, never passed over
                self._failed(subject.manifest.file, subject.block.line, rule.id, error)
        return found

    def _too_many(self, subject: Subject, rule: Rule) -> None:
        reason = f"more than {_MOST} findings of {rule.id!r} here: the rest is not told"
        line = subject.block.line
        self._failures.append(Skipped(file=subject.manifest.file, line=line, reason=reason))

    def _failed(self, file: str, line: int, rule: str, error: Exception) -> None:
        what = f"the rule {rule!r} failed, a bug of podsec ({type(error).__name__})"
        self._failures.append(Skipped(file=file, line=line, reason=f"{what}: not judged by it"))

    def failures(self) -> tuple[Skipped, ...]:
        """Where rules failed or found too much since this was last asked: not all is judged."""
        taken = tuple(self._failures)
        self._failures.clear()
        return taken

    def _applying(self, chosen: Chosen, pod: Pod, is_windows: bool) -> Chosen:
        """Without what Windows does not have, where the pod is for Windows.

        For the standards only `spec.os.name` says so, and only since 1.25.
        """
        if not is_windows:
            return chosen
        strict = pod.os == "windows" and self._config.kubernetes_version >= _EXEMPTS_WINDOWS
        return [
            pair
            for pair in chosen
            if not pair[0].linux_only or (pair[0].control is not None and not strict)
        ]

    def answer(self, rule: str, question: Question, view: View) -> bool | str:
        """What a rule says to its own question over all objects; a text is the better message."""
        return self._confirms[rule](question, view)

    def confirmed(self, candidate: Candidate, view: View) -> Finding | None:
        """The finding, if it stands among all objects."""
        if candidate.question is None:
            return candidate.finding
        found = candidate.finding
        try:
            answer = self.answer(found.rule, candidate.question, view)
        except Exception as error:  # noqa: BLE001  # the last resort: said, never passed over
            self._failed(found.file, found.block.line, found.rule, error)
            return None
        if isinstance(answer, str):
            return replace(candidate.finding, message=answer)
        return candidate.finding if answer else None


def _context(rule: Rule, config: Config, evidence: Evidence) -> Context:
    options = {**rule.options, **config.options.get(rule.id, {})}
    return Context(config=config, options=options, evidence=evidence)


def check(
    manifests: Sequence[Manifest], rules: Rules, config: Config, view: View | None = None
) -> tuple[Finding, ...]:
    """All findings of some manifests."""
    return Checker(rules, config).check(manifests, view)


def view_of(manifests: Iterable[Manifest], *, complete: bool) -> View:
    """The objects of some manifests, as others may ask of them."""
    return View(tuple(seen for manifest in manifests for seen in seen_of(manifest)), complete)


def informed_view_of(
    manifests: Sequence[Manifest],
    *,
    complete: bool,
    files: Iterable[BuildFile] = (),
    configs: Mapping[str, ImageConfig] | None = None,
) -> View:
    """The same, with what fixes may rest on; `files` tell how images are built.

    `configs` are what images say of themselves, by the reference that manifests write.
    """
    evidence = Evidence(partial(objects_of, manifests), files=files, configs=configs)
    return replace(view_of(manifests, complete=complete), evidence=evidence)


def objects_of(manifests: Iterable[Manifest]) -> Iterator[tuple[Object, Pod | None]]:
    """The objects, and the pods of those that make some: an object comes once for each."""
    for manifest in manifests:
        pods = list(pods_of(manifest))
        yield owner_of(manifest), pods[0] if pods else None
        yield from ((owner_of(manifest), pod) for pod in pods[1:])


def seen_of(manifest: Manifest) -> Iterator[Seen]:
    """What is kept of a manifest for others to ask: once for each of its pods, if it has some."""
    whole: list[Path | None] = [pod.path for pod in manifest.pods if pod.is_whole]
    for path in whole or [None]:
        data = prune(manifest.data, manifest.kind, manifest.api_version, path)
        if data is not None:
            yield Seen(
                file=manifest.file,
                api_version=manifest.api_version,
                kind=manifest.kind,
                name=manifest.name,
                namespace=manifest.namespace,
                data=data,
                pod_path=path,
            )


def distinct(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """The candidates in the order of their places, each with an identity of its own."""
    return tuple(unique(sorted(candidates, key=_place)))


def _place(candidate: Candidate) -> tuple[str, int, int, int, str, str]:
    """The document comes first: its number holds where an edit above has moved the lines."""
    found = candidate.finding
    region = found.region
    return found.file, found.document, region.line, region.column, found.rule, found.field


def unique(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Each with an identity of its own, whether or not the others are confirmed later."""
    seen: dict[str, int] = {}
    for one in candidates:
        print_ = one.finding.fingerprint
        count = seen[print_] = seen.get(print_, 0) + 1
        if count > 1:
            finding = replace(one.finding, fingerprint=again(print_, count))
            yield Candidate(finding=finding, question=one.question)
        else:
            yield one
