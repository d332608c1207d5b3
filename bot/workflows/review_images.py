"""The images of a pull request: those that it brings are scanned, and judged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.config import Config
from bot.engine.image_review import to_image_review
from bot.engine.image_uses import brought, image_uses, plan_scans
from bot.engine.read import kinds_of, load, mentions_object
from bot.engine.vex import VexStatement, read_vex
from bot.errors import ConfigError
from bot.frozen import frozen
from bot.kubernetes.kinds import Kinds
from bot.model.change import ChangedFile, ChangeSet
from bot.model.delivery import PullRef
from bot.model.image import ImagePlan, ImageUse
from bot.model.image_review import ImageReview
from bot.model.scan_policy import ScanPolicy
from bot.model.vulnerability import ImageReport
from bot.workflows.scan_images import Scanning, last_report, scan_images


@frozen
class ImageScans:
    """How images of pull requests are scanned; `scanning` is None where no scanner is set.

    `web_url` is where people see GitHub: the full report of a scan stands in the check run.
    """

    scanning: Scanning | None
    web_url: str

    def plans(self, changes: ChangeSet, config: Config) -> tuple[ImagePlan, ...]:
        """The images that a change brings; none where nobody scans."""
        return image_plans(changes, kinds_of(config)) if self.scanning is not None else ()

    def remembered(self, changes: ChangeSet, config: Config) -> tuple[ImageReport, ...]:
        """The last reports of the images of a change, named as it names them.

        Nobody is asked: what a first check does not know yet, `/podsec fix` after it does.
        """
        if self.scanning is None:
            return ()
        kinds = kinds_of(config)
        loaded = (load(file.path, file.data, kinds)[0] for file in changes.files if file.data)
        plans = plan_scans([use for manifests in loaded for use in image_uses(manifests)])
        found = ((plan, last_report(plan, self.scanning)) for plan in plans)
        return tuple(replace(report, reference=plan.reference) for plan, report in found if report)

    def statements(
        self, policy: ScanPolicy, read: Callable[[str], bytes | None]
    ) -> tuple[VexStatement, ...]:
        """What the policy's VEX documents say. Raises ConfigError."""
        return vex_of(policy, read) if self.scanning is not None else ()

    def review(
        self,
        plans: Sequence[ImagePlan],
        changes: ChangeSet,
        said: Collection[str],
        policy: ScanPolicy,
        statements: Sequence[VexStatement],
    ) -> ImageReview:
        """What a review says of images; `said` are the fingerprints of earlier comments.

        Nothing here raises what podsec raises on purpose: the rest of the review stands.
        """
        if self.scanning is None or not plans:
            return ImageReview()
        asked = replace(self.scanning, newer_tags=policy.newer_tags)
        answers = scan_images(plans, asked)
        today = datetime.now(UTC).date()
        return to_image_review(answers, changes, said, policy, today, statements)

    def report_url(self, pull: PullRef) -> str:
        """Where the full report stands: among the check runs of the pull request."""
        return f"{self.web_url}/{pull.repository.full_name}/pull/{pull.number}/checks"


def image_plans(changes: ChangeSet, kinds: Kinds) -> tuple[ImagePlan, ...]:
    """The images that a change brings, each once; `kinds` are those that make pods."""
    return plan_scans([use for file in changes.files for use in _brought(file, kinds)])


def vex_of(policy: ScanPolicy, read: Callable[[str], bytes | None]) -> tuple[VexStatement, ...]:
    """The statements of the policy's documents; `read` gives a file of the base branch.

    Raises ConfigError for a document that is not there, or none.
    """
    found: list[VexStatement] = []
    for path in policy.vex:
        data = read(path)
        if data is None:
            raise ConfigError(f"scan.vex: there is no file {path}")
        found += read_vex(data, path)
    return tuple(found)


def _brought(file: ChangedFile, kinds: Kinds) -> tuple[ImageUse, ...]:
    """The uses of images that a file's change brings."""
    if file.data is None or not mentions_object(file.path, file.data):
        return ()
    now, _ = load(file.path, file.data, kinds)
    if file.base_data is None:
        return image_uses(now)
    before, _ = load(file.path, file.base_data, kinds)
    return brought(image_uses(now), image_uses(before))
