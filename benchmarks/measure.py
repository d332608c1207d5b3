"""One command, measured as a whole process: CPU seconds, wall seconds, peak memory."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a command took; memory is the peak of its largest process, in MB."""

    cpu: float
    wall: float
    memory: float
    code: int


def measure(
    command: Sequence[str], environment: Mapping[str, str] | None = None, limit: float = 3600
) -> Measured:
    """Run a command with its output thrown away. A run beyond `limit` seconds is ended."""
    with tempfile.TemporaryFile() as nowhere:
        began = time.monotonic()
        process = subprocess.Popen(
            command,
            stdout=nowhere,
            stderr=nowhere,
            env={**os.environ, **(environment or {})},
            cwd=Path.home(),
        )
        deadline = began + limit
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > deadline:
                process.kill()
            time.sleep(0.01)
        process.returncode = os.waitstatus_to_exitcode(status)
        return Measured(
            cpu=usage.ru_utime + usage.ru_stime,
            wall=time.monotonic() - began,
            memory=usage.ru_maxrss / 1024,
            code=process.returncode,
        )


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns of text."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [head, *rows]
    ]
    return "\n".join(lines)
