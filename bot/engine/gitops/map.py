"""A repository's files to its map."""

from __future__ import annotations

from bot.engine.gitops.draft import Draft
from bot.engine.gitops.map_charts import draw_charts
from bot.engine.gitops.map_deployers import draw_deployers
from bot.engine.gitops.map_kustomize import draw_kustomizations
from bot.model.files import Files
from bot.model.repository_map import RepositoryMap


def map_repository(files: Files) -> RepositoryMap:
    """The whole map: kustomizations, charts, and what Argo CD and Flux deploy of them."""
    draft = Draft(files)
    draw_kustomizations(draft)
    draw_charts(draft)
    draw_deployers(draft)
    return draft.finished()


def map_kustomizations(files: Files) -> RepositoryMap:
    """The part of the map that decides what is rendered: only kustomizations are read."""
    draft = Draft(files)
    draw_kustomizations(draft)
    return draft.finished()
