"""GitHub on your laptop, for the demo and the tests.

REST and a little GraphQL over real bare git repositories, clones and pushes over HTTP, signed
webhooks, App JWTs and installation tokens, and a page for every pull request. It listens on
loopback only, and shares no code with the bot.
"""

from bot.sandbox.repository import SandboxRepository
from bot.sandbox.sandbox import Sandbox

__all__ = ["Sandbox", "SandboxRepository"]
