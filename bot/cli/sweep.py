"""`podsec sweep`: one repository, now."""

from __future__ import annotations

import os
import re

from bot.app import sweep_now
from bot.errors import UserError
from bot.formats.plain import visible
from bot.settings import Settings

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")


def run(repository: str) -> None:
    """Sweep and print what became of each group. Raises PodsecError."""
    if not _NAME.fullmatch(repository):
        raise UserError(f"{repository!r}: expected OWNER/REPO")
    swept = sweep_now(Settings.from_environment(os.environ), repository)
    print(f"{repository}: {swept.state}")
    for line in swept.lines:
        print(f"  {visible(line)}")
