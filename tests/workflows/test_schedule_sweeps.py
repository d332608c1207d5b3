"""When repositories are due: by their own clock, each moment once, spread over the hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from bot.adapters.records import MemoryRecords
from bot.model.delivery import Job, RepositoryRef
from bot.workflows.due import next_due
from bot.workflows.schedule_sweeps import Agenda
from bot.workflows.sweep_memory import Remembered, keep

NOW = datetime(2026, 11, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def ref(number: int, name: str = "acme/shop") -> RepositoryRef:
    return RepositoryRef(id=number, full_name=name, installation=7)


class Clock:
    """An agenda, and the jobs that it added."""

    def __init__(self, *repositories: RepositoryRef) -> None:
        self.records, self.listed, self.asked, self.database = MemoryRecords(), repositories, 0, ""
        self.agenda = Agenda(
            records=self.records, listed=self._list, database=lambda: self.database
        )

    def _list(self) -> tuple[RepositoryRef, ...]:
        self.asked += 1
        return self.listed

    def tick(self, now: datetime) -> list[Job]:
        added: list[Job] = []
        self.agenda.tick(now, added.append)
        return added


def test_a_schedule_keeps_its_local_hour_over_the_change_of_the_clocks() -> None:
    for day, hour in ((20, 3), (26, 4)):  # Berlin leaves summer time on 25 October 2026
        at = next_due("0 5 * * *", "Europe/Berlin", datetime(2026, 10, day, tzinfo=UTC), 1)
        assert at.hour == hour
        assert at - datetime(2026, 10, day, hour, tzinfo=UTC) < HOUR


def test_many_repositories_of_one_schedule_are_spread_over_an_hour() -> None:
    moments = sorted(next_due("0 5 * * 1", "UTC", NOW, number) for number in range(200))
    assert moments[0] >= datetime(2026, 11, 9, 5, tzinfo=UTC)
    assert moments[-1] < datetime(2026, 11, 9, 6, tzinfo=UTC)
    assert len(set(moments)) > 150
    assert max(b - a for a, b in pairwise(moments)) < HOUR / 6


def test_a_new_repository_is_due_within_the_hour_and_then_by_its_schedule() -> None:
    clock = Clock(ref(1), ref(2))
    assert clock.tick(NOW) == []
    assert sorted(job.repository.id for job in clock.tick(NOW + HOUR)) == [1, 2]
    assert clock.tick(NOW + 2 * HOUR) == []
    clock.agenda.reschedule(ref(1), ("0 0 * * *", "Asia/Tokyo"), NOW + 2 * HOUR)
    (job,) = clock.tick(NOW + timedelta(days=1, hours=4))
    assert (job.repository.id, job.kind) == (1, "sweep_repository")
    assert clock.asked == 2, "the repositories are listed once a day"


def test_a_crash_between_adding_a_job_and_moving_its_moment_adds_the_same_job_again() -> None:
    clock = Clock(ref(1))
    clock.tick(NOW)
    before = dict(clock.records.texts)
    (first,) = clock.tick(NOW + HOUR)
    clock.records.texts = before
    (again,) = clock.tick(NOW + HOUR + timedelta(minutes=10))
    assert again.id == first.id


def test_what_podsec_may_no_longer_reach_is_not_swept_and_a_new_name_is_learned() -> None:
    clock = Clock(ref(1), ref(2))
    clock.tick(NOW)
    clock.listed = (ref(2, "acme/renamed"),)
    (job,) = clock.tick(NOW + timedelta(days=1))
    assert job.repository.full_name == "acme/renamed"


def test_a_newer_database_of_the_scanner_asks_again_about_images_and_nothing_else() -> None:
    clock = Clock(ref(1), ref(2))
    clock.tick(NOW)
    clock.tick(NOW + HOUR)
    said = Remembered(tree="t", branches="b", stamp="s", images=("nginx:1",), database="2026-11-04")
    keep(clock.records, 1, said)
    keep(clock.records, 2, Remembered(tree="t", branches="b", stamp="s"))
    clock.database = "2026-11-04"
    assert clock.tick(NOW + 2 * HOUR) == []
    clock.database = "2026-11-05"
    (job,) = clock.tick(NOW + 3 * HOUR)
    assert job.id == "images/1/2026-11-05"
