"""A patch that an overlay adds, for a base that is not ours to edit: a new file, registered."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from typing import Any

from bot.engine.gitops.sources import sources
from bot.engine.gitops.truth import Held
from bot.kubernetes.workload import as_mapping, reach
from bot.yamlpatch import Append, NewDocument, Path, Refused, Set, Value, edit
from bot.yamlpatch.create import NewFile, create

_COMMENT = "Hardening of what this kustomization builds from elsewhere."
_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
Read = Callable[[str], "bytes | None"]


def overlay_patch(held: Held, folder: str, read: Read) -> dict[str, bytes]:
    """The files of a kustomization's folder that change: the patch, and the list that names it.

    Raises Refused where the fix cannot be said as a strategic merge patch.
    """
    fix = held.finding.fix
    if fix is None:
        raise Refused("no fix is known")
    manifest = held.rendered.manifest
    called = held.source.name if held.source is not None else manifest.name
    value: dict[str, Any] = {
        "apiVersion": manifest.api_version,
        "kind": manifest.kind,
        "metadata": {"name": called},
    }
    for patch in fix.patches:
        if isinstance(patch, NewDocument) or not isinstance(patch, Set | Append):
            raise Refused("an overlay's patch does not take anything away")
        steps = patch.path[len(manifest.base) :]
        _put(value, steps, manifest.data, patch.value, appends=isinstance(patch, Append))
    name = f"{called.lower()}-{manifest.kind.lower()}-hardening.yaml"
    path = posixpath.join(folder, name)
    known = read(path)
    merged = as_mapping(_only(path, known)) if known is not None else {}
    files = {path: create([NewFile(value=_merge(merged, value), comment=_COMMENT)])}
    if known is None:
        files.update([_registered(folder, name, read)])
    return files


def _put(value: dict[str, Any], path: Path, seen: Any, new: Value, *, appends: bool) -> None:
    """Write a value at a path; items of lists go by their names, as strategic merge has it."""
    holder: Any = value
    for depth, step in enumerate(path):
        last = depth == len(path) - 1
        item = reach(seen, path[: depth + 1])
        if isinstance(step, int):
            name = as_mapping(item).get("name")
            if name is None:
                raise Refused("an item without a name cannot be patched from an overlay")
            found = next((one for one in holder if one.get("name") == name), None)
            if found is None:
                found = {"name": name}
                holder.append(found)
            holder = found
        elif last:
            holder[step] = _merge(holder.get(step), [new] if appends else new)
        else:
            empty: Any = [] if isinstance(path[depth + 1], int) else {}
            holder = holder.setdefault(step, empty)


def _merge(old: Any, new: Any) -> Any:
    """Mappings are merged, lists joined by the names of their items; else the new one holds."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return {**old, **{key: _merge(old.get(key), value) for key, value in new.items()}}
    if isinstance(old, list) and isinstance(new, list):
        joined = list(old)
        for item in new:
            name = as_mapping(item).get("name")
            index = next(
                (i for i, one in enumerate(joined) if name and as_mapping(one).get("name") == name),
                None,
            )
            if index is not None:
                joined[index] = _merge(joined[index], item)
            elif item not in joined:
                joined.append(item)
        return joined
    return new


def _only(path: str, data: bytes) -> Any:
    found = sources(path, data)
    if len(found) != 1 or not data.lstrip().startswith(f"# {_COMMENT}".encode()):
        raise Refused(f"{path} is there already, and not podsec's")
    return found[0].data


def _registered(folder: str, name: str, read: Read) -> tuple[str, bytes]:
    """The kustomization with one more entry under `patches`."""
    for known in _NAMES:
        path = posixpath.join(folder, known)
        data = read(path)
        if data is not None:
            return path, edit(
                data, [Append(document=0, path=("patches",), value={"path": name})]
            ).data
    raise Refused("the kustomization is not here")
