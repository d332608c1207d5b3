"""The Helm charts of a repository, with their own sub-charts and value sets."""

from __future__ import annotations

import posixpath

from bot.engine.gitops.draft import Draft
from bot.kubernetes.kustomization import folder_of
from bot.model.repository_map import Key, Node


def draw_charts(draft: Draft) -> None:
    """Add all charts; one below another's `charts` folder is its sub-chart."""
    found = sorted(path for path in draft.known if posixpath.basename(path) == "Chart.yaml")
    for path in found:
        folder = folder_of(path)
        inside = tuple(name for name in sorted(draft.known) if _is_in(name, folder, found))
        draft.add(Node(key=Key(kind="chart", path=folder), file=path, files=inside))
    for path in found:
        above, marker, _ = folder_of(path).rpartition("/charts/")
        parent = Key(kind="chart", path=above)
        if marker and parent in draft.nodes:
            draft.link(parent, Key(kind="chart", path=folder_of(path)), "depends")


def _is_in(name: str, folder: str, charts: list[str]) -> bool:
    """Whether a file belongs to the chart of a folder itself."""
    prefix = f"{folder}/" if folder else ""
    if not name.startswith(prefix) or name == f"{prefix}Chart.yaml":
        return False
    inner = (folder_of(chart) for chart in charts if folder_of(chart) != folder)
    return not any(name.startswith(f"{other}/") for other in inner if other.startswith(prefix))
