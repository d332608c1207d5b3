"""The port Memory in the database of the jobs: what every worker is to know."""

from bot.adapters.memory.table import TableMemory

__all__ = ["TableMemory"]
