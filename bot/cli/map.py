"""`podsec map`: draw what deploys what in a repository."""

from __future__ import annotations

from pathlib import Path

from bot.disk import DiskFiles
from bot.engine.gitops.map import map_repository
from bot.errors import UserError


def run(path: str, format_: str) -> str:
    """The map of the folder at `path`. Raises UserError where there is none."""
    folder = Path(path)
    if not folder.is_dir():
        raise UserError(f"{path}: no such folder; a map is drawn of a repository's folder")
    repository = map_repository(DiskFiles(folder))
    if format_ == "mermaid":
        from bot.formats.map.mermaid import to_mermaid

        return to_mermaid(repository)
    if format_ == "svg":
        from bot.formats.map.svg import to_svg

        return to_svg(repository)
    from bot.formats.map.text import to_text

    return to_text(repository)
