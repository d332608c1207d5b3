"""An image on disk as an OCI layout (image specification, image-layout.md)."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from bot.errors import Malformed

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class Layout:
    """A folder that parts are added to, each checked; `left` bytes may still come."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self.left = most_bytes

    def add(self, digest: str, body: bytes) -> None:
        """Write a part that is at hand."""
        with self.open(digest) as into:
            into.write(body)

    @contextlib.contextmanager
    def open(self, digest: str) -> Iterator[BinaryIO]:
        """Write a part as it comes. Raises Malformed where it is not what its digest names."""
        algorithm, _, name = digest.partition(":")
        path = self._folder / "blobs" / algorithm / name  # a digest of the manifest's grammar
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            checked = _Checked(stream, algorithm)
            yield cast("BinaryIO", checked)  # only written to
        self.left = max(0, self.left - checked.size)
        if checked.hexdigest() != name:
            path.unlink()
            raise Malformed("a layer is something else than its digest names")

    def finish(self, manifest: str, size: int) -> None:
        """Name the manifest: what readers begin with."""
        entry = {"mediaType": _MANIFEST, "digest": manifest, "size": size}
        index = {"schemaVersion": 2, "manifests": [entry]}
        (self._folder / "index.json").write_text(json.dumps(index))
        (self._folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')


class _Checked:
    """A file that is digested while it is written."""

    def __init__(self, stream: BinaryIO, algorithm: str) -> None:
        self._stream = stream
        self._digest = hashlib.new(algorithm)
        self.size = 0

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        self.size += len(data)
        return self._stream.write(data)

    def hexdigest(self) -> str:
        return self._digest.hexdigest()
