"""Jobs in memory: deliveries are kept, nothing is worked on."""

from __future__ import annotations

from bot.errors import Unavailable
from bot.model.delivery import Delivery, Job


class FakeJobs:
    """The port Jobs; `down` makes the store one that does not answer."""

    def __init__(self, *, down: bool = False) -> None:
        self.down = down
        self.deliveries: dict[str, Delivery] = {}
        self.stopped_with: float | None = None

    def accept(self, delivery: Delivery) -> bool:
        if self.down:
            raise Unavailable("the job store does not answer")
        new = delivery.id not in self.deliveries
        self.deliveries.setdefault(delivery.id, delivery)
        return new

    def start(self) -> None:
        return

    def is_current(self, _job: Job) -> bool:
        return True

    def stop(self, drain: float) -> None:
        self.stopped_with = drain

    def ready(self) -> bool:
        return not self.down

    def drain_until_idle(self, seconds: float) -> bool:
        return True
