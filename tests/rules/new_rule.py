"""A new rule folder from the skeleton: `make rule NAME=host_network`."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from bot import __version__

ROOT = Path(__file__).resolve().parent.parent.parent
SKELETON = Path(__file__).parent / "skeleton"
NEXT = """\
{folder}/ is a small rule that works: make it yours.
  1. rule.yaml: what it demands and how it is fixed; README.md: its four headings.
  2. examples/pass and examples/fail: at least one manifest each.
  3. make record: writes findings.txt, fixed/ and the generated blocks; review what it wrote.
  4. make check, make test
"""


class Refused(Exception):
    """The name will not do, and why."""


def create(name: str, root: Path = ROOT) -> Path:
    """Copy the skeleton to `rules/NAME`. Raises Refused."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        raise Refused(f"{name!r} is no snake_case name: make rule NAME=host_network")
    if name.startswith(("no_", "require_", "missing_")):
        raise Refused(f"{name!r} must name the state that is found: it is read after 'allow'")
    folder = root / "rules" / name
    if folder.exists():
        raise Refused(f"rules/{name} exists")
    shutil.copytree(SKELETON, folder)
    for path in (folder / "README.md", folder / "rule.yaml"):
        text = path.read_text(encoding="utf-8").replace("RULE-ID", name.replace("_", "-"))
        path.write_text(text.replace("since: 0.0.0", f"since: {__version__}"), encoding="utf-8")
    return folder


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: make rule NAME=host_network", file=sys.stderr)
        return 2
    try:
        folder = create(arguments[0])
    except Refused as error:
        print(f"make rule: {error}", file=sys.stderr)
        return 2
    print(NEXT.format(folder=folder.relative_to(ROOT)), end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
