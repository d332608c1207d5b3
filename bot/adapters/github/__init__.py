"""GitHub behind the port Forge: the one gateway over PyGithub."""

from bot.adapters.github.forge import GitHubForges

__all__ = ["GitHubForges"]
