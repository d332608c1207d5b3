"""The async edge: read the request, then work in a thread."""

from bot.web.application import application

__all__ = ["application"]
