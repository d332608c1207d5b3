"""One target of the rules: what all its findings share is worked out once."""

from __future__ import annotations

from bot.engine.fingerprint import fingerprint, identity
from bot.engine.place import by_name, dotted, is_plain, steps
from bot.engine.remedy import remedy
from bot.kubernetes.workload import Container
from bot.model.finding import Finding, Region, Severity
from bot.model.manifest import Manifest
from bot.rule.rule import Context, Rule, Target, Violation


class Subject:
    """A container, pod or object of one manifest."""

    __slots__ = ("_block", "_container", "_identity", "_path", "_prefix", "manifest", "target")

    def __init__(self, manifest: Manifest, target: Target) -> None:
        self.manifest, self.target = manifest, target
        self._container = target.name if isinstance(target, Container) else None
        self._path = target.path[len(manifest.base) :]
        self._prefix = dotted(self._path)
        self._identity = identity(
            file=manifest.file,
            kind=manifest.kind,
            namespace=manifest.namespace,
            name=manifest.name,
            container=self._container or "",
        )
        self._block: Region | None = None

    def finding(self, rule: Rule, violation: Violation, context: Context) -> Finding:
        """The violation with its place, its identity and its remedy."""
        manifest, target, field = self.manifest, self.target, violation.field
        path = target.at(steps(field))
        plain = is_plain(field)
        fix, advice = remedy(manifest, rule, target, violation, context)
        block = self.block  # looked for first: what is below it is found from there
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
            container=self._container,
            field=self._field(field) if plain else dotted(path[len(manifest.base) :]),
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

    def _region(self, path: tuple[str | int, ...]) -> Region:
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
            manifest = self.manifest
            path = self.target.path if self._container is not None else manifest.base
            spot, _ = manifest.stream.locate(manifest.document, path)
            self._block = Region(line=spot.line, column=spot.column, end_line=spot.end_line)
        return self._block


def _severity(rule: Rule, violation: Violation, context: Context) -> Severity:
    """Under a profile of the Pod Security Standards every finding is one that forbids the pod."""
    if context.config.profile != "podsec":
        return "high"
    return context.config.severity(rule.id, violation.severity or rule.severity)
