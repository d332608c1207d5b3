"""What the operator of podsec brings to every pull request."""

from __future__ import annotations

from collections.abc import Callable

from bot.config import Config, Layer
from bot.config.rollout import rollout_of
from bot.frozen import frozen
from bot.model.change import ChangeSet
from bot.model.rollout import Mode, Rollout
from bot.model.vulnerability import ImageReport
from bot.ports import Records
from bot.rule.load import Rules
from bot.workflows.render_change import NO_PROGRAMS, Programs


@frozen
class Operator:
    """podsec's rules, the operator's layer of the config, what lasts, and what renders."""

    rules: Rules
    records: Records
    layer: Layer | None = None
    mode: Mode = "advise"
    programs: Programs = NO_PROGRAMS
    remembered: Callable[[ChangeSet, Config], tuple[ImageReport, ...]] = lambda *_: ()
    """What earlier scans told of the images of a change; nothing where nobody scans."""

    def rollout(self, full_name: str) -> Rollout:
        """How far podsec goes in a repository."""
        return rollout_of(self.layer, self.mode, full_name)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layer as those that go before it want it."""
        return (self.layer,) if self.layer is not None else ()
