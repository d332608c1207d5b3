"""The port Records: small texts by kind and key, beside the jobs in their database."""

from bot.adapters.records.memory import MemoryRecords
from bot.adapters.records.table import RecordTable

__all__ = ["MemoryRecords", "RecordTable"]
