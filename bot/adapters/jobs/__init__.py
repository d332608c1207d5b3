"""The port Jobs on DBOS: SQLite embedded, PostgreSQL to scale."""

from bot.adapters.jobs.durable import DurableJobs

__all__ = ["DurableJobs"]
