"""Kustomizations rendered by `kubectl kustomize` or `kustomize build`, without network or plugins.

A wrapper outside of the copy asks for the annotations that say where each object was written
(https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/buildmetadata/). Files are
read wherever they are in the copy, as Flux does: nothing else is there to be read.
"""

from __future__ import annotations

import json
import posixpath
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.adapters.renderers.copy import write_copy
from bot.adapters.renderers.rendered import MARKS, read_rendered
from bot.cache import Cache
from bot.errors import Malformed, NotInstalled, Unavailable
from bot.kubernetes.kinds import Kinds
from bot.kubernetes.workload import dig
from bot.model.files import Files
from bot.model.manifest import Manifest
from bot.model.rendering import Origin, Rendering, Root, Tool
from bot.process import Completed, Confinement, closed_environment, run
from bot.yamlpatch import Unreadable, read

SECONDS = 30.0
_MOST_BYTES = 20_000_000
_KEPT_SECONDS = 30 * 86400.0
_TREE, _WRAPPER = "tree", "wrapper"
_MISSING = "kubectl (or kustomize) is not installed, or not on PATH"


class Kustomize:
    """Renders kustomizations; `kinds` tell where objects hold pods, `cache` keeps what was made."""

    def __init__(
        self,
        kinds: Kinds,
        cache: Cache | None = None,
        program: str | None = None,
        seconds: float = SECONDS,
    ) -> None:
        """Without a `program` it is looked for on PATH; `seconds` bound each root."""
        self._kinds, self._cache, self._seconds = kinds, cache, seconds
        self._program = program or shutil.which("kustomize") or shutil.which("kubectl")

    @property
    def tool(self) -> Tool:
        """What it renders."""
        return "kustomize"

    def missing(self) -> str | None:
        """What has to be installed first; None where it can render."""
        return _MISSING if self._program is None else None

    def render(self, root: Root, reads: Sequence[str], files: Files) -> Rendering:
        """What a kustomization makes of the files at `reads`, or why it makes nothing.

        Raises NotInstalled.
        """
        key = self._key(root, reads, files)
        known = self._cache.get("kustomize", *key) if self._cache is not None else None
        text = known.data if known is not None and known.is_fresh else None
        if text is None:
            answer = self._built(root, reads, files)
            if isinstance(answer, str):
                return Rendering(root=root, failure=answer)
            text = answer
            if self._cache is not None:
                self._cache.put("kustomize", *key, data=text, seconds=_KEPT_SECONDS)
        found = read_rendered(root, text, self._kinds, _origin)
        return Rendering(root=root, text=text, objects=tuple(found))

    def _key(self, root: Root, reads: Sequence[str], files: Files) -> tuple[str, ...]:
        """What the outcome depends on: the program, the root, the content of all files."""
        if self._cache is None or self._program is None:
            return ()
        program = Path(self._program).resolve()
        there = program.stat() if program.exists() else None
        stamp = f"{program} {there.st_size} {there.st_mtime_ns}" if there else str(program)
        return (stamp, root.folder, _digest(reads, files))

    def _built(self, root: Root, reads: Sequence[str], files: Files) -> bytes | str:
        """What is printed; a text is the reason why nothing is."""
        if self._program is None:
            raise NotInstalled(_MISSING)
        with tempfile.TemporaryDirectory(prefix="podsec-") as name:
            folder = Path(name).resolve()
            reason = write_copy(folder / _TREE, reads, files)
            if reason is not None:
                return reason
            _wrap(folder / _WRAPPER, root)
            try:
                done = self._run(folder)
            except (Unavailable, Malformed) as error:
                return str(error)
            return done.stdout if done.code == 0 else _reason(done, folder)

    def _run(self, folder: Path) -> Completed:
        assert self._program is not None
        verb = "build" if Path(self._program).name.startswith("kustomize") else "kustomize"
        wrapper = str(folder / _WRAPPER)
        arguments = [verb, wrapper, "--load-restrictor", "LoadRestrictionsNone"]
        return run(
            [self._program, *arguments],
            environment=closed_environment(GOMEMLIMIT="256MiB", GOMAXPROCS="2"),
            seconds=self._seconds,
            most_bytes=_MOST_BYTES,
            folder=folder,
            confinement=Confinement(reads=(folder,)),
        )


def _wrap(folder: Path, root: Root) -> None:
    folder.mkdir()
    wrapper = {
        "resources": [posixpath.join("..", _TREE, root.folder)],
        "buildMetadata": ["originAnnotations", "transformerAnnotations"],
    }
    (folder / "kustomization.yaml").write_text(json.dumps(wrapper))


def _digest(reads: Sequence[str], files: Files) -> str:
    import hashlib  # noqa: PLC0415  # only what is remembered pays for it

    digest = hashlib.sha256()
    for path in sorted(set(reads)):
        data = files.read(path)
        if data is not None:
            digest.update(f"{path}\0{len(data)}\0".encode("utf-8", "surrogateescape") + data)
    return digest.hexdigest()


# kubectl's log: day, time and process, which are others each time
_KLOG = re.compile(r'^[A-Z]\d{4} [\d:.]+ +\d+ [\w.]+:\d+\] (?:"command failed" err=)?')


def _reason(done: Completed, folder: Path) -> str:
    """What the program says of the input, without the paths of this machine."""
    if done.code < 0 or b"cannot allocate memory" in done.stderr[:2000]:
        return "it needs more memory or time than it may use"
    said = done.stderr.decode("utf-8", "replace").strip().replace(f"{folder}/{_TREE}/", "")
    said = said.replace(str(folder / _TREE), ".").replace(str(folder), "")
    lines = [line for line in said.splitlines() if line.strip()]
    last = next((line for line in lines if line.lstrip().startswith("error:")), None)
    text = re.sub(r"\s+", " ", last or (lines[-1] if lines else "no reason given")).strip()
    return _KLOG.sub("", text).removeprefix("error: ")[:400]


def _origin(manifest: Manifest, _part: bytes) -> Origin:
    """Where kustomize says that it read an object, and which kustomizations changed it."""
    noted = dig(manifest.data, "metadata.annotations")
    said = noted if isinstance(noted, dict) else {}
    origin = _yaml(said.get(MARKS[0]))
    path = origin.get("path") if isinstance(origin, dict) else None
    steps = _yaml(said.get(MARKS[1]))
    configured = (
        _in_tree(step.get("configuredIn"))
        for step in (steps if isinstance(steps, list) else ())
        if isinstance(step, dict)
    )
    made_in = _in_tree(origin.get("configuredIn")) if isinstance(origin, dict) else None
    chain = dict.fromkeys(one for one in (made_in, *configured) if one is not None)
    return Origin(file=_in_tree(path), configured=tuple(chain))


def _yaml(text: Any) -> Any:
    if not isinstance(text, str):
        return None
    try:
        stream = read(text.encode())
    except Unreadable:
        return None
    return stream.value(0) if stream.documents else None


def _in_tree(path: Any) -> str | None:
    """A path from the wrapper's folder as one from the repository's root."""
    if not isinstance(path, str):
        return None
    found = posixpath.normpath(posixpath.join(_WRAPPER, path))
    return found.removeprefix(f"{_TREE}/") if found.startswith(f"{_TREE}/") else None
