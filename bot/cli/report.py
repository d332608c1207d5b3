"""`podsec report`: what was observed, for one organisation."""

from __future__ import annotations

import os

from bot.adapters.records import RecordTable
from bot.cli.output import emit
from bot.formats.observed import to_json, to_report
from bot.settings import stored_at
from bot.workflows.observe import observations


def run(owner: str, format_: str) -> None:
    """Print the report. Raises ConfigError, or Unavailable where the database is not there."""
    records = RecordTable(stored_at(os.environ))
    try:
        seen = observations(records, owner)
    finally:
        records.close()
    emit(to_json(seen) if format_ == "json" else to_report(seen, owner), None)
