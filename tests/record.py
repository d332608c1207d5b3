"""Write all that is recorded or generated (`make record`), or with --check say what is not current."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bot.kubernetes.images import READ, TABLE
from bot.yamlpatch import plain
from tests.docs import record as docs
from tests.images import record as images
from tests.rules import record as rules

ROOT = rules.ROOT
REPAIR = "make record"


def outputs() -> dict[Path, bytes]:
    return {**table(), **rules.outputs(), **images.outputs(), **docs.outputs()}


def table() -> dict[Path, bytes]:
    """The table of images in the form that it is read in."""
    text = json.dumps(plain(TABLE.read_bytes()), ensure_ascii=False, separators=(",", ":"))
    return {READ: text.encode() + b"\n"}


def stale() -> list[str]:
    """The files whose content differs from what is generated."""
    return [
        str(path.relative_to(ROOT))
        for path, data in sorted(outputs().items())
        if not path.is_file() or path.read_bytes() != data
    ]


def write() -> None:
    for path, data in outputs().items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        names = stale()
        for name in names:
            print(f"{name} is not current: run `{REPAIR}` and review the difference")
        return int(bool(names))
    write()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
