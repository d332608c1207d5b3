"""What every Records keeps, in memory and in both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.adapters.records import MemoryRecords, RecordTable
from bot.errors import Unavailable
from bot.ports import Records


def keeps_its_word(records: Records) -> None:
    assert records.find("config", "a") is None
    records.keep("config", "a", "one")
    records.keep("config", "a", "one")
    records.keep("config", "a", "two ü")
    records.keep("other", "a", "three")
    records.keep("config", "b", "four")
    assert records.find("config", "a") == "two ü"
    assert records.all("config") == (("a", "two ü"), ("b", "four"))
    records.drop("config", "a")
    records.drop("config", "a")
    assert records.all("config") == (("b", "four"),)
    records.keep("config", "a", "two ü")
    assert records.find("config", "a") == "two ü"


def test_memory_keeps_what_the_port_promises() -> None:
    keeps_its_word(MemoryRecords())


def test_a_database_keeps_what_the_port_promises(url: str) -> None:
    first, second = RecordTable(url), RecordTable(url)
    keeps_its_word(first)
    assert second.find("config", "b") == "four"
    first.close()
    second.close()


def test_what_is_kept_is_found_by_every_worker_and_replaced_by_what_comes_later(url: str) -> None:
    one, other = RecordTable(url), RecordTable(url)
    try:
        assert one.find("sweep", "1") is None
        one.keep("sweep", "1", "first")
        other.keep("sweep", "1", "später")
        other.keep("sweep", "2", "b")
        other.keep("due", "1", "c")
        assert one.find("sweep", "1") == "später"
        assert one.all("sweep") == (("1", "später"), ("2", "b"))
        one.keep("sweep", "1", "first")
        assert other.find("sweep", "1") == "first"
    finally:
        one.close()
        other.close()


def test_a_database_that_is_down_is_unavailable(tmp_path: Path) -> None:
    records = RecordTable(f"sqlite:///{tmp_path}/no/such/folder/podsec.db")
    with pytest.raises(Unavailable):
        records.find("config", "a")
