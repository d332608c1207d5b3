"""What one file says by itself: judged once, and worth remembering."""

from __future__ import annotations

from dataclasses import dataclass

from bot.config import Config
from bot.engine.check import Candidate, Checker, seen_of
from bot.engine.read import load
from bot.engine.suppress import peers_of, written
from bot.kubernetes.view import Seen
from bot.model.finding import Skipped
from bot.model.suppression import Suppression
from bot.rule.load import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class FileVerdict:
    """What the rules find in a file, and what other files may ask of it; plain data throughout."""

    candidates: tuple[Candidate, ...] = ()
    written: tuple[Suppression, ...] = ()
    seen: tuple[Seen, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    manifests: int = 0
    workloads: int = 0


class Judge:
    """The rules and the config by which files are judged, one by one."""

    def __init__(self, rules: Rules, config: Config) -> None:
        self.checker = Checker(rules, config)
        self._peers = peers_of(rules)

    def verdict(self, name: str, data: bytes) -> FileVerdict:
        """Judge a file. Never raises: what cannot be judged is in `skipped`."""
        manifests, skipped = load(name, data)
        seen = (seen_of(manifest) for manifest in manifests)
        return FileVerdict(
            candidates=self.checker.found(manifests),
            written=tuple(written(manifests, self._peers)),
            seen=tuple(one for one in seen if one is not None),
            skipped=skipped,
            manifests=len(manifests),
            workloads=sum(1 for manifest in manifests if manifest.pod_path is not None),
        )
