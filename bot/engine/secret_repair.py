"""The moves to Secrets of a change: one repair, apart from all other fixes."""

from __future__ import annotations

from collections.abc import Callable

from bot.config import Config
from bot.engine.fix import Fixer
from bot.engine.quiet import fix_quietly
from bot.engine.secret_moves import Moves
from bot.kubernetes.view import View
from bot.model.change import ChangeSet
from bot.model.finding import Finding, Report
from bot.model.move import Moved
from bot.model.plan import Repair
from bot.rule.load import Rules


def moving(report: Report) -> tuple[Finding, ...]:
    """The findings that a change introduces and whose fix moves a literal to a Secret."""
    return tuple(f for f in report.introduced if f.fix is not None and f.fix.move is not None)


def repair_secrets(  # a change, what it is judged by, and what is around it
    report: Report,
    changes: ChangeSet,
    rules: Rules,
    config: Config,
    view: View,
    *,
    key: bytes,
    read: Callable[[str], bytes | None],
) -> tuple[Repair, Moved]:
    """The files with their literals moved, and what must be done for it.

    `view` holds the objects around the change; `key` is random; `read` gives any file of the tree.
    """
    wanted = moving(report)
    moves = Moves(wanted, view, key)
    fixer = Fixer(rules, config, view, moves)
    files: dict[str, bytes] = {}
    applied: list[Finding] = []
    left: list[tuple[Finding, str]] = []
    for file in changes.files:
        found = [finding for finding in wanted if finding.file == file.path]
        if not found or file.data is None:
            continue
        fixed = fix_quietly(fixer, file.path, file.data, found, unsafe=True)
        applied += fixed.applied
        left += fixed.left
        if fixed.data != file.data:
            files[file.path] = fixed.data
    moved = moves.moved({finding.fingerprint for finding in applied}, config.secrets, read)
    together = {**files, **dict(moved.files)}
    return Repair(files=together, applied=tuple(applied), left=tuple(left)), moved
