"""The command `podsec`: parse arguments, call a workflow, print, exit."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable

from bot.errors import PermanentError, TransientError, UserError


def main() -> None:
    """Run `podsec`. Exit codes: 0, 1 findings, 2 usage, 3 a bug, 4 given up, 75 later."""
    gc.set_threshold(100_000, 20, 20)  # nothing that a start makes is garbage
    from bot.cli.commands import app

    raise SystemExit(carry_out(app))


def carry_out(command: Callable[[], object]) -> int:
    """Run a command that may leave by SystemExit; what it raises becomes a line and a code."""
    try:
        command()
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except UserError as error:
        return _leave(str(error), 2)
    except TransientError as error:
        return _leave(f"{error}; try again later", 75)
    except PermanentError as error:
        return _leave(str(error), 4)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141  # as a program that SIGPIPE ends: who reads us has seen enough
    except Exception as error:
        if os.environ.get("PODSEC_DEBUG") == "1":
            import traceback

            traceback.print_exc()
        hint = "run again with PODSEC_DEBUG=1 and report what it prints"
        return _leave(f"a bug in podsec: {type(error).__name__}: {error}; {hint}", 3)
    return 0


def end_at_interrupt() -> None:
    """Let Ctrl-C end the command with 130: 1 would mean findings."""
    signal.signal(signal.SIGINT, lambda *_: sys.exit(130))


def _leave(message: str, code: int) -> int:
    for line in message.splitlines():
        print(f"podsec: {line}", file=sys.stderr)
    return code
