"""Files of a tree."""

from bot.adapters.loaders.plain import collect

__all__ = ["collect"]
