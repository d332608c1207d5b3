"""The ExternalSecret that a moved literal wants, where the repository uses that operator."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.config.model import Secrets
from bot.engine.read import load
from bot.frozen import frozen
from bot.kubernetes.kustomization import folder_of, is_kustomization
from bot.kubernetes.namespace import Place
from bot.kubernetes.network_view import kustomizations_of, namespaces_of, place_of
from bot.kubernetes.secret_place import OPERATOR
from bot.kubernetes.view import Seen, View
from bot.kubernetes.workload import as_list, as_mapping
from bot.model.move import Moved, Needed, Practice
from bot.yamlpatch import Append, Refused, Value, edit

_SOPS = ".sops.yaml"
"""Where SOPS looks for its rules: in the top folder of a repository."""
_CLUSTER = "ClusterSecretStore"
_COMMENT = """\
The values are not here: put them into the store, then replace each TODO by the name there."""
Read = Callable[[str], "bytes | None"]


@frozen
class Companion:
    """A Secret that is needed, and the file of the manifest that needs it."""

    needed: Needed
    file: str


def practices_of(view: View) -> frozenset[Practice]:
    """How the repository keeps its secrets, as far as its manifests show."""
    found: set[Practice] = set()
    if any(seen.group == OPERATOR for seen in view.objects):
        found.add("external-secrets")
    if any(view.of_kind("SealedSecret")):
        found.add("sealed-secrets")
    if any(seen.data.get("sops") for seen in view.of_kind("Secret")):
        found.add("sops")
    return frozenset(found)


def companions(
    wanted: Sequence[Companion], view: View, wishes: Secrets, read: Read | None
) -> Moved:
    """The new files, registered where a kustomization in their folder lists the manifest.

    What the config wishes goes before what the repository uses. Without `read` there is no tree
    to put a file into.
    """
    practices = _practices(view, wishes, read)
    needed = tuple(one.needed for one in wanted)
    if read is None or "external-secrets" not in practices:
        return Moved(needed=needed, practices=practices)
    return replace(_written(wanted, view, wishes, read), practices=practices)


def _practices(view: View, wishes: Secrets, read: Read | None) -> frozenset[Practice]:
    if wishes.store == "secret":
        return frozenset()
    if wishes.store is not None:
        return frozenset({wishes.store})
    has_sops = read is not None and read(_SOPS) is not None
    return practices_of(view) | ({"sops"} if has_sops else frozenset())


def _written(wanted: Sequence[Companion], view: View, wishes: Secrets, read: Read) -> Moved:
    files: dict[str, bytes] = {}
    needed: list[Needed] = []
    unlisted: list[str] = []

    def current(path: str) -> bytes | None:
        return files[path] if path in files else read(path)

    for one in wanted:
        made = _external_secret(one, view, wishes)
        path = f"{folder_of(one.file)}/{one.needed.secret}.externalsecret.yaml".lstrip("/")
        if made is None or current(path) is not None:
            needed.append(one.needed)
            continue
        files[path] = made
        needed.append(replace(one.needed, companion=path))
        listed = _listed(one.file, path, current)
        if listed is not None:
            files.update([listed])
        elif view.derived(kustomizations_of).roots(folder_of(one.file)):
            unlisted.append(path)
    return Moved(
        needed=tuple(needed),
        files=tuple(files.items()),
        unlisted=tuple(unlisted),
    )


def _external_secret(one: Companion, view: View, wishes: Secrets) -> bytes | None:
    """The file; None where no store can be told, or nothing is to be made."""
    needed = one.needed
    keys = [key for key in needed.keys if key not in needed.found]
    place = Place(_own_namespace(view, one), folder_of(one.file))
    store = next(_stores(view, place), None)
    if wishes.store_name is not None:
        store = {"name": wishes.store_name, "kind": wishes.store_kind}
    if store is None or not keys or needed.is_there:
        return None
    from bot.yamlpatch.create import NewFile, create  # noqa: PLC0415  # 0.1 s that few runs need

    metadata: dict[str, Value] = {"name": needed.secret}
    if (namespace := _own_namespace(view, one)) is not None:
        metadata["namespace"] = namespace
    data: list[Value] = [{"secretKey": key, "remoteRef": {"key": "TODO"}} for key in keys]
    document: dict[str, Value] = {
        "apiVersion": f"{OPERATOR}/v1",
        "kind": "ExternalSecret",
        "metadata": metadata,
        "spec": {
            "refreshInterval": "1h",
            "secretStoreRef": dict(store),
            "target": {"name": needed.secret},
            "data": data,
        },
    }
    return create([NewFile(value=document, comment=_COMMENT)])


def _own_namespace(view: View, one: Companion) -> str | None:
    """The namespace, where the manifest says it itself and no kustomization gives it."""
    given = view.derived(kustomizations_of).namespaces(folder_of(one.file))
    return None if one.needed.namespace in given else one.needed.namespace


def _stores(view: View, place: Place) -> Iterator[Mapping[str, str]]:
    """The stores that may serve a place, the likeliest first: name and kind."""
    same = view.derived(namespaces_of).same
    made = [seen for seen in view.of_kind("ExternalSecret") if seen.group == OPERATOR]
    used = [(place_of(seen), _store(seen)) for seen in made]
    for where, store in used:
        if store and same(where, place):
            yield store
    yield from (store for _, store in used if store and store["kind"] == _CLUSTER)
    for kind in ("SecretStore", _CLUSTER):
        for seen in view.of_kind(kind):
            if seen.group == OPERATOR and (kind == _CLUSTER or same(place_of(seen), place)):
                yield {"name": seen.name, "kind": kind}


def _store(seen: Seen) -> Mapping[str, str] | None:
    said: Mapping[str, Any] = as_mapping(seen.data.get("store"))
    name = said.get("name")
    if not isinstance(name, str):
        return None
    return {"name": name, "kind": str(said.get("kind") or "SecretStore")}


def _listed(manifest: str, new: str, read: Read) -> tuple[str, bytes] | None:
    """The kustomization of the folder with the new file, where it lists the manifest."""
    folder = folder_of(manifest)
    for name in ("kustomization.yaml", "kustomization.yml", "Kustomization"):
        path = f"{folder}/{name}".lstrip("/")
        data = read(path)
        if data is None:
            continue
        for found in load(path, data)[0]:
            resources = as_list(found.data.get("resources"))
            files = {posixpath.normpath(str(entry)) for entry in resources}
            if not is_kustomization(found.api_version, found.kind) or found.base:
                continue
            if posixpath.basename(manifest) in files:
                entry = posixpath.basename(new)
                patch = Append(document=found.document, path=("resources",), value=entry)
                try:
                    return path, edit(data, [patch]).data
                except Refused:
                    return None
    return None
