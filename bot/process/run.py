"""A program run to its end: time, output and environment are bounded; never a shell."""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import Malformed, NotInstalled, Unavailable
from bot.process.confine import Confinement

# what a program may need of the outside: where programs and certificates are, and the proxy
_KEPT = (
    "PATH",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
)
_GLANCE = 0.5
"""Seconds after which it is looked whether the program has ended while others hold its pipes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """How a program ended, and what it printed."""

    code: int
    stdout: bytes
    stderr: bytes


def clean_environment(**added: str) -> dict[str, str]:
    """What a program is given: no secret of podsec's own, the same words everywhere."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", **added}


def run(
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    seconds: float,
    most_bytes: int = 1_000_000,
    folder: Path | None = None,
    confinement: Confinement | None = None,
) -> Completed:
    """Run a program to its end; `most_bytes` bounds each of its two outputs.

    Whatever it started is killed with it. A confinement bounds what it reaches of the machine.
    Raises NotInstalled, Unavailable where it takes longer than `seconds`, and Malformed where it
    prints more. No message repeats an argument but the first: arguments may hold what is not to be
    shown.
    """
    name = arguments[0]
    program = shutil.which(name, path=environment.get("PATH"))
    if program is None:
        raise NotInstalled(f"{Path(name).name} is not installed, or not on PATH")
    command = [program, *arguments[1:]]
    if confinement is not None:
        command = confinement.command(program, arguments[1:], seconds)
    try:
        child = subprocess.Popen(
            command,
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise NotInstalled(f"{program} cannot be run: {error.strerror}") from error
    try:
        outputs = _read(child, time.monotonic() + seconds, most_bytes)
    except TimeoutError:
        raise Unavailable(f"{Path(name).name} took longer than {seconds:.0f} seconds") from None
    except OverflowError:
        raise Malformed(f"{Path(name).name} printed more than {most_bytes} bytes") from None
    finally:
        _end(child)
    return Completed(code=child.returncode, stdout=outputs[0], stderr=outputs[1])


def _read(child: subprocess.Popen[bytes], deadline: float, most_bytes: int) -> list[bytes]:
    """Both outputs, until they are closed or the program has ended."""
    assert child.stdout is not None
    assert child.stderr is not None
    pipes = [child.stdout, child.stderr]
    parts: dict[int, bytearray] = {pipe.fileno(): bytearray() for pipe in pipes}
    with selectors.DefaultSelector() as waiting:
        for pipe in pipes:
            os.set_blocking(pipe.fileno(), False)
            waiting.register(pipe, selectors.EVENT_READ)
        while waiting.get_map():
            ready = waiting.select(min(_left(deadline), _GLANCE))
            if not ready and _has_ended(child):
                break  # something that it started holds the pipes
            for key, _ in ready:
                if not _took(key.fd, parts[key.fd], most_bytes):
                    waiting.unregister(key.fileobj)
    while not _has_ended(child):
        time.sleep(min(_left(deadline), 0.005))
    return [bytes(parts[pipe.fileno()]) for pipe in pipes]


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _took(pipe: int, into: bytearray, most_bytes: int) -> bool:
    """Whether the pipe is still open; what it had is added."""
    data = os.read(pipe, 65536)
    into += data
    if len(into) > most_bytes:
        raise OverflowError
    return bool(data)


def _has_ended(child: subprocess.Popen[bytes]) -> bool:
    """Whether it has ended; its number stays taken, so that its group can still be killed."""
    return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _end(child: subprocess.Popen[bytes]) -> None:
    os.killpg(child.pid, signal.SIGKILL)  # the group's leader is not reaped yet, so it is there
    child.wait()
    for pipe in (child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()
