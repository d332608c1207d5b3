"""GitHub behind the port Forge: the one gateway over PyGithub."""

from bot.adapters.github.app_client import AppClient
from bot.adapters.github.conversion import convert
from bot.adapters.github.forge import GitHubForges
from bot.adapters.github.limiter import Limiter, Limits
from bot.adapters.github.reader import Reader

__all__ = ["AppClient", "GitHubForges", "Limiter", "Limits", "Reader", "convert"]
