"""Manifests and rules to findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.config import Config
from bot.engine.fingerprint import again, fingerprint
from bot.kubernetes.workload import Container, Pod, dig
from bot.model.finding import Finding, Fix, Region
from bot.model.manifest import Manifest
from bot.rule.declared import filled
from bot.rule.load import Rules
from bot.rule.rule import (
    Advice,
    AppendField,
    Context,
    FieldPatch,
    RemoveField,
    Rule,
    RuleFix,
    SetField,
    Target,
    Violation,
)
from bot.yamlpatch import Append, Patch, Path, Remove, Set

# where people look for a new key: an image's settings stand together
_AFTER = {"securityContext": ("resources", "ports", "env", "envFrom", "image", "name")}


def check(manifests: Sequence[Manifest], rules: Rules, config: Config) -> tuple[Finding, ...]:
    """All findings, by file, line and rule; each identity once."""
    selected = rules.select(config)
    context = Context(config=config)
    found = [
        finding
        for manifest in manifests
        if manifest.pod_path is not None
        for finding in _of_manifest(manifest, manifest.pod_path, selected, context)
    ]
    found.sort(key=lambda f: (f.file, f.region.line, f.region.column, f.rule, f.field))
    return tuple(_unique(found))


def _unique(findings: Sequence[Finding]) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for finding in findings:
        count = seen[finding.fingerprint] = seen.get(finding.fingerprint, 0) + 1
        if count > 1:
            yield replace(finding, fingerprint=again(finding.fingerprint, count))
        else:
            yield finding


def _of_manifest(
    manifest: Manifest, pod_path: Path, rules: Sequence[Rule], context: Context
) -> Iterator[Finding]:
    spec = dig(manifest.data, ".".join(map(str, pod_path)))
    pod = Pod(spec=spec, path=(*manifest.base, *pod_path), name=manifest.name)
    containers = tuple(pod.containers)
    for rule in rules:
        if rule.linux_only and pod.is_windows:
            continue
        targets: Sequence[Target] = (pod,) if rule.applies_to == "pod" else containers
        for target in targets:
            if isinstance(target, Container) and target.list not in rule.containers:
                continue
            for violation in rule.check(target, context):
                yield _finding(manifest, rule, target, violation, context)


def _finding(
    manifest: Manifest, rule: Rule, target: Target, violation: Violation, context: Context
) -> Finding:
    steps = _steps(violation.field)
    path = (*target.path, *steps)
    field = dotted(path[len(manifest.base) :])
    container = target.name if isinstance(target, Container) else None
    fix, advice = _remedy(manifest, rule, target, violation, context)
    strict = context.config.profile != "podsec"
    severity = context.config.rules.get(rule.id, rule.severity)
    return Finding(
        rule=rule.id,
        control=rule.control,
        severity="high" if strict else severity,  # type: ignore[arg-type]  # the schema checked it
        profile=rule.profile,
        file=manifest.file,
        region=region(manifest, path),
        block=_block(manifest, target),
        kind=manifest.kind,
        name=manifest.name,
        namespace=manifest.namespace,
        container=container,
        field=field,
        message=violation.message,
        fingerprint=fingerprint(
            rule=rule.id,
            file=manifest.file,
            kind=manifest.kind,
            namespace=manifest.namespace,
            name=manifest.name,
            container=container or "",
            field=_by_name(violation.field, target),
        ),
        document=manifest.document,
        fix=fix,
        advice=advice,
        sensitive=rule.sensitive,
    )


def _steps(field: str) -> Path:
    return tuple(int(step) if step.isdigit() else step for step in field.split("."))


def _by_name(field: str, target: Target) -> str:
    """A field whose list items are named, not counted."""
    out: list[str] = []
    data = target.spec
    for step in _steps(field):
        data = dig(data, str(step))
        named = isinstance(step, int) and isinstance(data, dict) and data.get("name")
        out.append(f"[{data['name']}]" if named else str(step))
    return ".".join(out)


def dotted(path: Path) -> str:
    """A path as people write it: spec.containers[0].image."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


def region(manifest: Manifest, path: Path) -> Region:
    """The place of a field, or of its nearest existing ancestor."""
    stream = manifest.stream
    for depth in range(len(path), len(manifest.base), -1):
        node, exact = stream.find(manifest.document, path[:depth])
        if exact:
            key = stream.key_node(manifest.document, path[:depth])
            start = key.start if key is not None else node.start
            last = stream.tail(node) if depth == len(path) else start
            line = stream.line_of(start)
            end = max(stream.line_of(last), line)
            return Region(line=line, column=stream.column_of(start), end_line=end)
    node, _ = stream.find(manifest.document, manifest.base)
    line = stream.line_of(node.start)
    return Region(line=line, column=stream.column_of(node.start), end_line=line)


def _block(manifest: Manifest, target: Target) -> Region:
    path = target.path if isinstance(target, Container) else manifest.base
    node, _ = manifest.stream.find(manifest.document, path)
    stream = manifest.stream
    line = stream.line_of(node.start)
    end = max(line, stream.line_of(stream.tail(node)))
    return Region(line=line, column=stream.column_of(node.start), end_line=end)


def _remedy(
    manifest: Manifest, rule: Rule, target: Target, violation: Violation, context: Context
) -> tuple[Fix | None, str | None]:
    """The fix, or the advice where there is none."""
    meta = rule.fix_meta
    if rule.fix is not None:
        answer = rule.fix(target, violation, context)
    elif meta is not None and meta.patches:
        answer = RuleFix(patches=meta.patches)
    else:
        return None, rule.advice
    if isinstance(answer, Advice):
        return None, answer.text
    if answer is None or meta is None:
        return None, rule.advice
    patches = tuple(_patch(manifest, target, p, context.config) for p in answer.patches)
    fix = Fix(
        title=meta.title,
        applicability=answer.applicability or meta.applicability,
        patches=patches,
        reason=answer.reason or meta.reason,
    )
    return fix, None


def _patch(manifest: Manifest, target: Target, patch: FieldPatch, config: Config) -> Patch:
    holder = target.pod if patch.target == "pod" and isinstance(target, Container) else target
    path = (*holder.path, *_steps(patch.field))
    document = manifest.document
    if isinstance(patch, RemoveField):
        return Remove(document=document, path=path)
    value = filled(patch.value, config)
    if isinstance(patch, AppendField):
        return Append(document=document, path=path, value=value)
    assert isinstance(patch, SetField)  # the union is closed
    return Set(document=document, path=path, value=value)
