"""A local git checkout, read through GitPython: commits, trees and what changed between them."""

from bot.adapters.git.checkout import Checkout, Range

__all__ = ["Checkout", "Range"]
