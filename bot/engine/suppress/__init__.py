"""Suppressions: read what is written in files, then decide what of it holds."""

from bot.engine.suppress.decide import Allowance, Decision, decide
from bot.engine.suppress.written import Peers, peers_of, written

__all__ = ["Allowance", "Decision", "Peers", "decide", "peers_of", "written"]
