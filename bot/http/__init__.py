"""HTTP to hosts that others name: only where podsec may go, within bounds of size and time."""

from bot.http.client import Client, Limits, Request, Response
from bot.http.hosts import Hosts

__all__ = ["Client", "Hosts", "Limits", "Request", "Response"]
