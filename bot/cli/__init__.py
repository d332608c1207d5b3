"""The command `podsec`: parse arguments, call a workflow, print, exit."""

from __future__ import annotations

import os
import sys
import traceback

from bot.errors import PermanentError, TransientError, UserError


def main() -> None:
    """Run `podsec`. Exit codes: 0, 1 findings, 2 usage, 3 a bug, 4 given up, 75 later."""
    from bot.cli.commands import app

    try:
        app()
    except UserError as error:
        _leave(f"podsec: {error}", 2)
    except TransientError as error:
        _leave(f"podsec: {error}; try again later", 75)
    except PermanentError as error:
        _leave(f"podsec: {error}", 4)
    except Exception as error:
        if os.environ.get("PODSEC_DEBUG") == "1":
            traceback.print_exc()
        hint = "run again with PODSEC_DEBUG=1 and report what it prints"
        _leave(f"podsec: a bug in podsec: {type(error).__name__}: {error}; {hint}", 3)


def _leave(message: str, code: int) -> None:
    print(message, file=sys.stderr)
    raise SystemExit(code)
