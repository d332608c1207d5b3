"""What moved secrets want besides the edits: files beside the manifests, a checklist at the end."""

from __future__ import annotations

import os
import posixpath
import sys
from collections.abc import Mapping
from pathlib import Path

from bot.formats.plain import visible
from bot.formats.pull_request import unified
from bot.formats.secret_checklist import to_text
from bot.frozen import frozen
from bot.model.move import Moved


@frozen
class Beside:
    """The files of a tree, those too that were not judged; `shown` names those that were."""

    root: Path
    shown: Mapping[str, str]

    def name(self, path: str) -> str:
        """A file as the user would write it."""
        if path in self.shown:
            return self.shown[path]
        folder = posixpath.dirname(path)
        for name, shown in self.shown.items():
            if posixpath.dirname(name) == folder:
                return str(Path(shown).parent / posixpath.basename(path))
        return os.path.relpath(self.root / path)

    def read(self, path: str) -> bytes | None:
        """The content of a file, None where there is none."""
        try:
            return Path(self.name(path)).read_bytes()
        except OSError:
            return None


def put(moved: Moved, beside: Beside, *, is_dry: bool) -> str:
    """Write the files, unless dry; returns the difference. What a person must do is told."""
    diffs: list[str] = []
    for path, data in moved.files:
        name = beside.name(path)
        diffs.append(unified(name, beside.read(path) or b"", data))
        _tell(f"would write {name}" if is_dry else _written(Path(name), data))
    for line in to_text(moved, beside.name).splitlines():
        _tell(line)
    return "".join(diffs)


def _written(path: Path, data: bytes) -> str:
    try:
        path.write_bytes(data)
    except OSError as error:
        return f"not written {path}: {error.strerror or type(error).__name__}"
    return f"wrote {path}"


def _tell(text: str) -> None:
    print(visible(text), file=sys.stderr)
