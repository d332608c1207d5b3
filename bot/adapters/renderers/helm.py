"""`helm template` over a copy of a chart: no network, no home, no plugins, bounded.

Without `--validate` and `--dry-run=server` helm asks no cluster: `lookup` finds nothing. What a
chart reads with `.Files` is in the copy, which holds files only, no links.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from bot.cache import Cache
from bot.engine.helm.rendering import NotRendered, Request
from bot.errors import Malformed, NotInstalled, Unavailable
from bot.process import Completed, Confinement, closed_environment, run

_MOST_BYTES = 4_000_000
_SECONDS = 20.0
_MOST_HELD = 50_000_000
"""Bytes of rendered texts that are remembered in memory."""
_KEPT_SECONDS = 30 * 86400.0
_CHART = "chart"
_MOST_REASON = 300
_MISSING = "helm is not installed, or not on PATH"


class Helm:
    """Renders charts; what was rendered once is remembered, on disk where there is a `cache`."""

    def __init__(
        self,
        program: str | None = None,
        cache: Cache | None = None,
        *,
        seconds: float = _SECONDS,
    ) -> None:
        """Without a `program` it is looked for on PATH; each rendering may take `seconds`."""
        self._seconds = seconds
        self._program = program or shutil.which("helm")
        self._cache = cache
        self._known: dict[bytes, bytes | NotRendered] = {}
        self._held = 0
        self.renders = 0
        """How many times the program ran."""

    def missing(self) -> str | None:
        """What has to be installed first; None where charts can be rendered."""
        return _MISSING if self._program is None else None

    def render(self, request: Request) -> bytes:
        """The rendered text. Raises NotRendered with helm's reason, and NotInstalled."""
        key = _digest_of(request)
        known = self._known.get(key)
        if known is None:
            known = self._outcome(request, key)
            self._held += len(known) if isinstance(known, bytes) else _MOST_REASON
            if self._held > _MOST_HELD:  # a service lives long, and charts change
                self._known, self._held = {}, 0
            self._known[key] = known
        if isinstance(known, NotRendered):
            raise NotRendered(known.reason)
        return known

    def _outcome(self, request: Request, key: bytes) -> bytes | NotRendered:
        try:
            return self._remembered(request, key)
        except NotRendered as refused:
            return refused

    def _remembered(self, request: Request, key: bytes) -> bytes:
        if self._cache is None or self._program is None:
            return self._rendered(request)
        stamp = _stamp(self._program)
        kept = self._cache.get("helm", stamp, key.hex())
        if kept is not None and kept.is_fresh:
            return kept.data
        text = self._rendered(request)
        self._cache.put("helm", stamp, key.hex(), data=text, seconds=_KEPT_SECONDS)
        return text

    def _rendered(self, request: Request) -> bytes:
        if self._program is None:
            raise NotInstalled(_MISSING)
        with tempfile.TemporaryDirectory(prefix="podsec-helm-") as name:
            folder = Path(name).resolve()
            _write(folder / _CHART, request.files)
            for number, data in enumerate(request.values):
                (folder / f"{number}.yaml").write_bytes(data)
            self.renders += 1
            try:
                done = run(
                    [self._program, *_arguments(request, folder)],
                    environment=closed_environment(GOMEMLIMIT="1000MiB", GOMAXPROCS="2"),
                    seconds=self._seconds,
                    most_bytes=_MOST_BYTES,
                    confinement=Confinement(reads=(folder,)),
                )
            except (Malformed, Unavailable) as error:
                raise NotRendered(str(error)) from error
        if done.code != 0:
            raise NotRendered(_reason(done, str(folder)))
        return done.stdout


def _arguments(request: Request, folder: Path) -> list[str]:
    values = [f"--values={folder / f'{number}.yaml'}" for number in range(len(request.values))]
    schema = [] if request.checks_schema else ["--skip-schema-validation"]
    start = ["template", request.release, str(folder / _CHART)]
    return [*start, *values, *schema, f"--namespace={request.namespace}", "--skip-tests"]


def _stamp(program: str) -> str:
    """Which helm it is, without running it."""
    there = Path(program).resolve().stat()
    return f"{program} {there.st_size} {there.st_mtime_ns}"


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files of a chart; what would leave its folder is no file of it."""
    for name, data in files.items():
        if _is_inside(name):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def _is_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and ".." not in parts and not name.startswith("/")


def _digest_of(request: Request) -> bytes:
    """What the outcome depends on, but for the program."""
    terms = (request.release, request.namespace, request.checks_schema, request.attempt)
    digest = hashlib.sha256()
    parts = [
        part for name in sorted(request.files) for part in (name.encode(), request.files[name])
    ]
    for part in (repr(terms).encode(), *request.values, b"", *parts):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


def _reason(done: Completed, folder: str) -> str:
    """Helm's own words, without this machine's paths."""
    text = done.stderr.decode("utf-8", "replace")
    if done.code < 0 or "out of memory" in text[:2000] or "cannot allocate memory" in text[:2000]:
        return "it needs more memory or time than it may use"
    lines = [line for line in text.splitlines() if line.startswith("Error:")] or text.splitlines()
    said = " ".join(lines[:1]).removeprefix("Error: ")
    said = said.replace(f"{folder}/{_CHART}/", "").replace(folder, "")
    return said[:_MOST_REASON] or "helm failed without a word"
