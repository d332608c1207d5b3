"""Git through GitPython: a local checkout, and partial clones of what GitHub holds."""

from bot.adapters.git.checkout import Checkout, Range
from bot.adapters.git.clones import Clones

__all__ = ["Checkout", "Clones", "Range"]
