"""GitHub behind the port Forge: the one gateway over PyGithub."""

from bot.adapters.github.forge import GitHubForges
from bot.adapters.github.limiter import Limiter, Limits

__all__ = ["GitHubForges", "Limiter", "Limits"]
