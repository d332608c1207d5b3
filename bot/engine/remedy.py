"""A violation's fix as patches on its document, or the advice where there is none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from bot.config import Config
from bot.engine.place import steps
from bot.engine.secret_patch import default_spots, patches_of
from bot.frozen import frozen
from bot.kubernetes.secret_place import secret_name
from bot.kubernetes.workload import Container, Object, as_list, as_mapping, dig
from bot.model.finding import Fix
from bot.model.manifest import Manifest
from bot.model.move import Move
from bot.rule.declared import filled
from bot.rule.rule import (
    Advice,
    AppendField,
    Context,
    FieldPatch,
    FixMeta,
    MoveToSecret,
    RemoveField,
    Rule,
    RuleFix,
    SetField,
    Target,
    Violation,
)
from bot.yamlpatch import Append, Patch, Remove, Set

_LONGEST_VALUE = 100


@frozen
class Variables:
    """What the environment of a container is called, and what of it reads a Secret."""

    names: tuple[str, ...] = ()
    reads: tuple[tuple[str, str, str], ...] = ()


def variables_of(target: Target) -> Variables:
    """The variables of a container: worked out once for all its findings, it may have thousands."""
    env = [as_mapping(entry) for entry in as_list(target.spec.get("env"))]
    return Variables(
        names=tuple(str(entry.get("name") or "") for entry in env), reads=tuple(_reads(env))
    )


def remedy(
    manifest: Manifest,
    rule: Rule,
    target: Target,
    violation: Violation,
    context: Context,
    variables: Callable[[], Variables],
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
    if answer.move is not None:
        moved = _moved(manifest, target, answer.move, meta, variables)
        return moved, None if moved else rule.advice
    fix = Fix(
        title=meta.title,
        applicability=answer.applicability or meta.applicability,
        make=partial(_patches, manifest.document, target, answer.patches, context.config),
        reason=answer.reason or meta.reason,
        unmake=partial(_undo, target, answer.patches),
    )
    return fix, None


def _moved(
    manifest: Manifest,
    target: Target,
    asked: MoveToSecret,
    meta: FixMeta,
    variables: Callable[[], Variables],
) -> Fix | None:
    """A move to a Secret; None where neither the object nor its container can name one."""
    if not isinstance(target, Container) or not secret_name(_workload(target)):
        return None
    around = variables()
    move = Move(
        document=manifest.document,
        container=target.path,
        field=steps(asked.field),
        name=asked.name,
        workload=_workload(target),
        container_name=target.name,
        variables=around.names,
        reads=around.reads,
        inherits=bool(target.spec.get("envFrom")),
        text=partial(_text, target, asked.field),
        pieces=asked.pieces,
    )
    return Fix(
        title=meta.title,
        applicability="unsafe",
        make=partial(_moving, move),
        reason=meta.reason,
        move=move,
    )


def _text(container: Container, field: str) -> str:
    return str(container.own(field))


def _moving(move: Move) -> tuple[Patch, ...]:
    return patches_of(move, default_spots(move))


def _reads(env: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str, str]]:
    for entry in env:
        said = as_mapping(dig(entry, "valueFrom.secretKeyRef"))
        if said:
            yield str(entry.get("name")), str(said.get("name")), str(said.get("key"))


def _workload(container: Container) -> str:
    """The name of what makes the pod, or what its name begins with."""
    owner = container.pod.owner
    return owner.name or str(owner.own("metadata.generateName") or "")


def _holder(target: Target, patch: FieldPatch) -> Target:
    """What a patch speaks of: the target itself, its pod, or the object around both."""
    if patch.target == "pod" and isinstance(target, Container):
        return target.pod
    if patch.target == "object" and not isinstance(target, Object):
        return target.pod.owner if isinstance(target, Container) else target.owner
    return target


def _undo(target: Target, patches: Sequence[FieldPatch]) -> str:
    """How to take the patches back: what comes goes, what was changed is as it was."""
    added: list[str] = []
    changed: list[str] = []
    for patch in patches:
        was = _holder(target, patch).own(patch.field)
        if isinstance(patch, AppendField):
            value = patch.value
            item = value.get("name", value) if isinstance(value, dict) else value
            added.append(f"{item!r} in {patch.field}")
        elif was is None:
            added.append(patch.field)
        else:
            text = json.dumps(was, ensure_ascii=False, default=str)
            is_long = len(text) > _LONGEST_VALUE
            changed.append(f"set {patch.field} " + ("as it was" if is_long else f"to {text}"))
    return "; ".join([*([f"take away {', '.join(added)}"] if added else []), *changed])


def _patches(
    document: int, target: Target, patches: Sequence[FieldPatch], config: Config
) -> tuple[Patch, ...]:
    return tuple(_patch(document, target, patch, config) for patch in patches)


def _patch(document: int, target: Target, patch: FieldPatch, config: Config) -> Patch:
    holder = _holder(target, patch)
    path = (*holder.path, *steps(patch.field))
    if isinstance(patch, RemoveField):
        return Remove(document=document, path=path)
    value = filled(patch.value, config)
    if isinstance(patch, AppendField):
        return Append(document=document, path=path, value=value)
    assert isinstance(patch, SetField)  # the union is closed
    return Set(document=document, path=path, value=value)
