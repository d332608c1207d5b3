"""What one file says by itself: judged once, and worth remembering."""

from __future__ import annotations

from bot.config import Config
from bot.engine.check import Candidate, Checker, seen_of
from bot.engine.read import kinds_of, load, without_schema
from bot.engine.suppress import peers_of, written
from bot.frozen import frozen
from bot.kubernetes.view import Seen
from bot.model.finding import Skipped
from bot.model.suppression import Suppression
from bot.rule.load import Rules


@frozen
class FileVerdict:
    """What the rules find in a file, and what other files may ask of it; plain data throughout."""

    candidates: tuple[Candidate, ...] = ()
    written: tuple[Suppression, ...] = ()
    seen: tuple[Seen, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    manifests: int = 0
    workloads: int = 0
    without_schema: int = 0


class Judge:
    """The rules and the config by which files are judged, one by one."""

    def __init__(self, rules: Rules, config: Config) -> None:
        self.checker = Checker(rules, config)
        self._peers = peers_of(rules)
        self._kinds = kinds_of(config)
        self._version = config.kubernetes_version

    def verdict(self, name: str, data: bytes) -> FileVerdict:
        """Judge a file. Never raises: what cannot be judged is in `skipped`."""
        manifests, skipped = load(name, data, self._kinds)
        candidates = self.checker.found(manifests)
        return FileVerdict(
            candidates=candidates,
            written=tuple(written(manifests, self._peers)),
            seen=tuple(seen for manifest in manifests for seen in seen_of(manifest)),
            skipped=(*skipped, *self.checker.failures()),
            manifests=len(manifests),
            workloads=sum(1 for manifest in manifests if manifest.pods),
            without_schema=without_schema(manifests, self._version),
        )
