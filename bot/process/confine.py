"""What a program may reach that reads other people's input: a few folders, and no network."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_LAUNCHER = Path(__file__).with_name("launcher.py")
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache")
_SECONDS = 20
_INTERPRETER = 3
"""The program header that names a dynamic loader (ELF, PT_INTERP)."""
NOWHERE = "/nonexistent"
"""A HOME and a PATH in which nothing is found (Debian's policy manual, 9.2.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """The bounds of a program beside time and output; the launcher draws them in the child.

    `reads` are the folders and files that it may read, `writes` those that it may also write.
    The kernel enforces it where it can (Landlock, seccomp; see `launcher`), the limits always.
    """

    reads: tuple[Path, ...] = ()
    writes: tuple[Path, ...] = ()
    memory: int = 2_000_000_000
    """Bytes of data that the program may hold."""
    largest_file: int = 0
    """Bytes of the largest file that it may write."""

    def command(self, program: str, arguments: Sequence[str], seconds: float) -> list[str]:
        """The command that draws the bounds, then becomes the program."""
        real = Path(program).resolve()
        libraries = () if _is_static(real) else _LIBRARIES
        said = {
            "runs": [str(real), *libraries],
            "reads": [str(path.resolve()) for path in self.reads],
            "writes": [str(path.resolve()) for path in self.writes],
            "limits": {
                "RLIMIT_CORE": 0,
                "RLIMIT_CPU": max(1, round(seconds)),
                "RLIMIT_DATA": self.memory,
                "RLIMIT_FSIZE": self.largest_file,
                "RLIMIT_NOFILE": 512,
            },
        }
        start = [sys.executable, "-I", "-S", str(_LAUNCHER), json.dumps(said)]
        return [*start, str(real), *arguments]


def closed_environment(**added: str) -> dict[str, str]:
    """An environment with nothing of ours: no home, no programs, no proxy."""
    return {"HOME": NOWHERE, "PATH": NOWHERE, "LANG": "C.UTF-8", **added}


def confinements() -> tuple[str, ...]:
    """What the kernel of this machine enforces on a confined program, in words."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(_LAUNCHER)],
        capture_output=True,
        check=False,
        timeout=_SECONDS,
    )
    return tuple(done.stdout.decode().splitlines()) if done.returncode == 0 else ()


def _is_static(program: Path) -> bool:
    """Whether an ELF program needs no loader and no library of the machine (64 bits, elf(5))."""
    try:
        with program.open("rb") as stream:
            head = stream.read(64)
            if head[:5] != b"\x7fELF\x02":
                return False
            start, size, count = (
                int.from_bytes(head[a:b], "little") for a, b in ((32, 40), (54, 56), (56, 58))
            )
            stream.seek(start)
            table = stream.read(size * count)
    except OSError:
        return False
    kinds = (int.from_bytes(table[i : i + 4], "little") for i in range(0, len(table), size or 1))
    return _INTERPRETER not in kinds
