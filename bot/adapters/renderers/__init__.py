"""Programs that make objects of sources, run within bounds on a copy of what they may read."""

from bot.adapters.renderers.helm import Helm
from bot.adapters.renderers.kustomize import Kustomize

__all__ = ["Helm", "Kustomize"]
