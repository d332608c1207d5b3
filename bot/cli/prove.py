"""`podsec fix` where files are rendered: each fix is proved by rendering again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.adapters.renderers import Kustomize
from bot.engine.fix import Fixed, Fixer
from bot.engine.read import kinds_of
from bot.engine.secret_moves import Moves
from bot.workflows.fix_rendered import Terms, fix_rendered

if TYPE_CHECKING:
    from bot.cli.check import Checked


def proved(
    fixed: Iterator[Fixed], checked: Checked, moves: Moves, *, unsafe: bool, asks: bool
) -> Iterator[Fixed]:
    """The files with what of their fixes rendering proves."""
    asked, scene = checked.asked, checked.scene
    terms = Terms(
        asked=asked,
        fixer=Fixer(asked.rules, asked.config, checked.view, moves, asked.attributes),
        renderer=Kustomize(kinds_of(asked.config)),
        view=checked.view,
        unsafe=unsafe,
        asks=asks,
    )
    return fix_rendered(fixed, checked.report.findings, checked.changes, scene, terms)
