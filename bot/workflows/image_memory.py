"""What podsec keeps of images: reports by digest and database, refusals, where tags led."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from bot.cache import Cache
from bot.errors import Malformed
from bot.formats.images.record import VERSION, from_bytes, to_bytes
from bot.kubernetes.image import ImageReference
from bot.model.image import Pinned
from bot.model.vulnerability import ImageReport, ScannerState

_DAY = 86_400.0
_FRESH = _DAY
"""Seconds that a report holds, though the scanner's database be the same."""
_SPARE = 30 * _DAY
"""Seconds that a report may stand in for one that cannot be had."""
_REFUSED = 600.0
"""Seconds that podsec does not ask again for what a registry refused."""
_TAG = 90 * _DAY


class ImageMemory:
    """Memory on disk, shared by all jobs. What cannot be read is as never seen."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def report(self, image: Pinned, platform: str, state: ScannerState) -> ImageReport | None:
        """The report that this scanner, with this database, gave of an image."""
        entry = self._cache.get(*_key(image, platform, state))
        return _read(entry.data) if entry is not None and entry.is_fresh else None

    def keep(
        self, image: Pinned, platform: str, state: ScannerState, report: ImageReport
    ) -> ImageReport | None:
        """Keep a report; the one before, whatever its database was."""
        before = self.last(image, platform, state.name)
        data = to_bytes(report)
        for known in (state, report.scanner):  # the database may have come with the scan
            self._cache.put(*_key(image, platform, known), data=data, seconds=_FRESH)
        self._cache.put(*_last(image, platform, state.name), data=data, seconds=_SPARE)
        return before

    def last(self, image: Pinned, platform: str, scanner: str) -> ImageReport | None:
        """The last report of an image, however old its database; not older than a month."""
        entry = self._cache.get(*_last(image, platform, scanner))
        found = _read(entry.data) if entry is not None and entry.is_fresh else None
        return replace(found, is_stale=True) if found is not None else None

    def refusal(self, reference: str) -> str | None:
        """Why a registry refused an image a moment ago; None where it did not."""
        entry = self._cache.get("refusal", reference)
        return entry.data.decode() if entry is not None and entry.is_fresh else None

    def refuse(self, reference: str, reason: str) -> None:
        """Remember a refusal for ten minutes."""
        self._cache.put("refusal", reference, data=reason.encode(), seconds=_REFUSED)

    def pinned(self, reference: ImageReference) -> Pinned | None:
        """What a reference stood for when podsec last looked; None where it never did."""
        tag = reference.tag or "latest"
        digest = reference.digest
        if digest is None:
            entry = self._cache.get("tag", reference.repository, tag)
            digest = entry.data.decode() if entry is not None else None
        if digest is None:
            return None
        return Pinned(repository=reference.repository, tag=reference.tag, digest=digest)

    def moved_from(self, image: Pinned) -> str | None:
        """The digest that a tag led to before, where it leads elsewhere now; and remember now."""
        if image.tag is None:
            return None
        key = ("tag", image.repository, image.tag)
        entry = self._cache.get(*key)
        now = image.tag_digest or image.digest
        before = entry.data.decode() if entry is not None and entry.is_fresh else now
        if entry is None or before != now or not entry.is_fresh:
            self._cache.put(*key, data=now.encode(), seconds=_TAG)
        return before if before != now and image.tag_digest is None else None


def _key(image: Pinned, platform: str, state: ScannerState) -> tuple[str, ...]:
    return ("report", VERSION, state.name, state.version, state.day, image.digest, platform)


def _last(image: Pinned, platform: str, scanner: str) -> tuple[str, ...]:
    return ("last", VERSION, scanner, image.digest, platform)


def _read(data: bytes) -> ImageReport | None:
    with contextlib.suppress(Malformed):
        return from_bytes(data)
    return None
