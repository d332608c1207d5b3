"""One target of the rules: what all its findings share is worked out once."""

from __future__ import annotations

from typing import Any

from bot.engine.fingerprint import fingerprint, identity
from bot.engine.place import by_name, dotted, is_plain, plain_pointer, pointer, steps
from bot.engine.remedy import Variables, remedy, variables_of
from bot.kubernetes.workload import CONTAINER_LISTS, Container, reach
from bot.model.finding import Finding, Fix, Region, Severity
from bot.model.manifest import Manifest, PodPlace
from bot.rule.rule import Context, Rule, Target, Violation
from bot.yamlpatch import NewDocument, Path

# what a controller fills in before there is a pod (Argo, Tekton)
_PARAMETERS = ("{{", "$(")


class Subject:
    """A container, pod or object of one manifest; `place` is where its pod stands."""

    __slots__ = (
        "_block",
        "_container",
        "_identity",
        "_place",
        "_pointer",
        "_prefix",
        "_variables",
        "manifest",
        "target",
    )

    def __init__(self, manifest: Manifest, target: Target, place: PodPlace | None = None) -> None:
        self.manifest, self.target, self._place = manifest, target, place
        self._container = target.name if isinstance(target, Container) else None
        self._identity = self._pointer = self._prefix = ""
        self._block: Region | None = None
        self._variables: Variables | None = None

    def _learn(self) -> None:
        """What its findings share, once there is one: of most targets there is none."""
        manifest, path = self.manifest, self.target.path
        self._pointer = pointer(path)
        self._prefix = dotted(path[len(manifest.base) :])
        known_as = manifest.written or manifest
        self._identity = identity(
            file=known_as.file,
            kind=manifest.kind,
            namespace=known_as.namespace,
            name=known_as.name,
            container=self._container or "",
        )

    def admits(self, violation: Violation) -> bool:
        """Whether the violation can be told: in a piece of a pod, only of what is written there."""
        if self._place is None or self._place.is_whole:
            return True
        field = steps(violation.field)
        path = self.target.at(field)[len(self.manifest.base) :]
        value = reach(self.manifest.data, path) if field else None
        return value is not None and not (isinstance(value, str) and _is_parameter(value))

    def finding(self, rule: Rule, violation: Violation, context: Context) -> Finding:
        """The violation with its place, its identity and its remedy."""
        manifest, target, field = self.manifest, self.target, violation.field
        path = target.at(steps(field))
        plain = is_plain(field)
        if not self._identity:
            self._learn()
        fix, advice = remedy(manifest, rule, target, violation, context, self._environment)
        if fix is not None and not self._may_edit(fix):
            advice = f"{fix.title}: by hand, podsec does not edit it in {manifest.kind}"
            fix = None
        container, block = self._holder(path)  # first: what is below is found from there
        return Finding(
            rule=rule.id,
            control=rule.control,
            severity=_severity(rule, violation, context),
            profile=rule.profile,
            file=manifest.file,
            region=self._region(path),
            block=block,
            kind=manifest.kind,
            name=manifest.name,
            namespace=manifest.namespace,
            container=container,
            field=self._field(field) if plain else dotted(path[len(manifest.base) :]),
            pointer=self._pointer + plain_pointer(field) if plain else pointer(path),
            message=violation.message,
            fingerprint=fingerprint(
                rule.id, self._identity, field if plain else by_name(field, target)
            ),
            document=manifest.document,
            fix=fix,
            advice=advice,
            sensitive=rule.sensitive,
        )

    def _field(self, field: str) -> str:
        return f"{self._prefix}.{field}" if self._prefix and field else self._prefix or field

    def _environment(self) -> Variables:
        if self._variables is None:
            self._variables = variables_of(self.target)
        return self._variables

    def _holder(self, path: Path) -> tuple[str | None, Region]:
        """The container that a finding belongs to, and the lines of it; else those of the object.

        A rule of pods or objects may speak of a field of a container.
        """
        if self._container is not None:
            return self._container, self.block
        for depth in range(len(self.target.path), len(path) - 1):
            if path[depth] in CONTAINER_LISTS and isinstance(path[depth + 1], int):
                container = reach(self.manifest.data, path[len(self.manifest.base) : depth + 2])
                return _name(container), self._lines(path[: depth + 2])
        return None, self.block

    def _may_edit(self, fix: Fix) -> bool:
        """Whether a fix keeps to what may be written in this kind."""
        if self._place is None or self._place.edits == "pod":
            return True
        if self._place.edits == "nothing" or self._container is None:
            return False
        inside = self.target.path
        paths = (patch.path if not isinstance(patch, NewDocument) else () for patch in fix.patches)
        return all(path[: len(inside)] == inside for path in paths)

    def _region(self, path: Path) -> Region:
        """The place of a field, or the start of its nearest existing ancestor."""
        manifest = self.manifest
        spot, depth = manifest.stream.locate(manifest.document, path)
        whole = depth == len(path) and path != manifest.base
        if not whole:
            return Region(line=spot.line, column=spot.column, end_line=spot.line)
        return Region(
            line=spot.line,
            column=spot.column,
            end_line=spot.end_line,
            end_column=spot.end_column,
        )

    @property
    def block(self) -> Region:
        """The whole container; the whole object where the target is none."""
        if self._block is None:
            at = self.target.path if self._container is not None else self.manifest.base
            self._block = self._lines(at)
        return self._block

    def _lines(self, path: Path) -> Region:
        spot, _ = self.manifest.stream.locate(self.manifest.document, path)
        return Region(line=spot.line, column=spot.column, end_line=spot.end_line)


def _is_parameter(value: str) -> bool:
    return any(sign in value for sign in _PARAMETERS)


def _name(container: Any) -> str | None:
    name = container.get("name") if isinstance(container, dict) else None
    return name if isinstance(name, str) else None


def _severity(rule: Rule, violation: Violation, context: Context) -> Severity:
    """Under a profile of the Pod Security Standards every finding is one that forbids the pod."""
    if context.config.profile != "podsec":
        return "high"
    return context.config.severity(rule.id, violation.severity or rule.severity)
