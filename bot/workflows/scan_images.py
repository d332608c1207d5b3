"""Ask the team's scanner about images: each digest once, within bounds of number and time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import field, replace

from bot.engine.tags import newer_tags
from bot.errors import Gone, NotPermitted, PodsecError, RateLimited, TransientError
from bot.frozen import frozen
from bot.kubernetes.image import ImageReference, parse
from bot.model.image import ImageAnswer, ImagePlan, Pinned
from bot.model.vulnerability import ImageReport, ScannerState
from bot.ports import Registry, Scanner
from bot.workflows.image_memory import ImageMemory

_STATE_SECONDS = 20.0
_LEAST_SECONDS = 1.0


@frozen
class ScanLimits:
    """How long all scans of a job may take, how long one may, how many run at once."""

    seconds: float = 600
    seconds_each: float = 300
    at_once: int = 2
    most_images: int = 100


@frozen
class Scanning:
    """Whom to ask, and what is kept of the answers; `name` is the scanner's."""

    name: str
    registry: Registry
    scanner: Scanner
    memory: ImageMemory
    limits: ScanLimits = field(default_factory=ScanLimits)
    newer_tags: int = 0


def scan_images(plans: Sequence[ImagePlan], scanning: Scanning) -> tuple[ImageAnswer, ...]:
    """An answer for each image, in their order: a report, or the reason why there is none.

    Never raises what podsec raises on purpose: a scanner that is down is a reason too.
    """
    asked = [plan for plan in plans if not plan.reason]
    if not asked:
        return tuple(ImageAnswer(plan=plan, reason=plan.reason) for plan in plans)
    deadline = time.monotonic() + scanning.limits.seconds
    state, trouble = _state(scanning.scanner)
    job = _Job(scanning, state, trouble, deadline)
    answers = _in_parallel(asked[: scanning.limits.most_images], job, scanning.limits.at_once)
    return tuple(answers.get(id(plan)) or _without(plan, scanning.limits) for plan in plans)


def last_report(plan: ImagePlan, scanning: Scanning) -> ImageReport | None:
    """What is remembered of an image, however old; nobody is asked."""
    reference = parse(plan.reference)
    image = scanning.memory.pinned(reference) if reference is not None else None
    if image is None:
        return None
    return scanning.memory.last(image, plan.platform, scanning.name)


def _without(plan: ImagePlan, limits: ScanLimits) -> ImageAnswer:
    """The answer for an image that was not asked about, or whose answer did not come in time."""
    late = f"it was not scanned: {limits.most_images} images and {limits.seconds:.0f} seconds are"
    return ImageAnswer(plan=plan, reason=plan.reason or f"{late} what one check may take")


def _state(scanner: Scanner) -> tuple[ScannerState | None, str]:
    """The scanner as it is, or what ails it."""
    try:
        return scanner.state(_STATE_SECONDS), ""
    except PodsecError as error:
        return None, str(error)


def _in_parallel(plans: Sequence[ImagePlan], job: _Job, at_once: int) -> dict[int, ImageAnswer]:
    """The answers that came in time, by the identity of their plans."""
    pool = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="scan")
    futures: dict[Future[ImageAnswer], ImagePlan] = {
        pool.submit(job.answer, plan): plan for plan in plans
    }
    try:
        done, _ = wait(futures, timeout=job.left + 1)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return {id(futures[future]): future.result() for future in done}


class _Job:
    """One call of the workflow: what all its images share. Its threads share nothing else."""

    def __init__(
        self, scanning: Scanning, state: ScannerState | None, trouble: str, deadline: float
    ) -> None:
        self._scanning = scanning
        self._state = state
        self._trouble = trouble
        self._deadline = deadline

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return max(0.0, self._deadline - time.monotonic())

    def answer(self, plan: ImagePlan) -> ImageAnswer:
        """The answer for one image."""
        reference = parse(plan.reference)
        if reference is None:
            return ImageAnswer(plan=plan, reason="it is no image reference")
        try:
            image = self._pinned(reference, plan.reference)
        except TransientError as error:
            return self._remembered(reference, plan, str(error))
        except PodsecError as error:
            return ImageAnswer(plan=plan, reason=str(error))
        report, reason = self._report(image, plan)
        return ImageAnswer(
            plan=plan,
            image=image,
            report=replace(report, reference=plan.reference) if report is not None else None,
            reason=reason,
            moved_from=self._scanning.memory.moved_from(image),
            newer=self._newer(reference, image, plan) if report is not None else (),
        )

    def _remembered(self, reference: ImageReference, plan: ImagePlan, reason: str) -> ImageAnswer:
        """What was known of an image while its registry still answered."""
        image = self._scanning.memory.pinned(reference)
        if image is None:
            return ImageAnswer(plan=plan, reason=reason)
        report, why = self._older(image, plan, reason)
        return ImageAnswer(plan=plan, image=image, report=report, reason=why)

    def _pinned(self, reference: ImageReference, written: str) -> Pinned:
        """The image by its digest; what a registry refused is not asked for again at once."""
        memory = self._scanning.memory
        refused = memory.refusal(written)
        if refused is not None:
            raise Gone(refused)
        try:
            return self._scanning.registry.pin(reference)
        except (Gone, NotPermitted, RateLimited) as error:
            memory.refuse(written, str(error))
            raise

    def _report(self, image: Pinned, plan: ImagePlan) -> tuple[ImageReport | None, str]:
        """A report and nothing; an older one and why; or none and why."""
        memory, state = self._scanning.memory, self._state
        if state is None:
            return self._older(image, plan, self._trouble)
        kept = memory.report(image, plan.platform, state)
        if kept is not None:
            return kept, ""
        if self.left < _LEAST_SECONDS:
            return self._older(image, plan, "there was no time left to scan it")
        seconds = min(self._scanning.limits.seconds_each, self.left)
        try:
            report = self._scanning.scanner.scan(image, plan.platform, seconds)
        except PodsecError as error:
            return self._older(image, plan, str(error))
        memory.keep(image, plan.platform, state, report)
        return report, ""

    def _older(self, image: Pinned, plan: ImagePlan, reason: str) -> tuple[ImageReport | None, str]:
        """The last report that this scanner gave, and why it gives none now."""
        return self._scanning.memory.last(image, plan.platform, self._scanning.name), reason

    def _newer(
        self, reference: ImageReference, image: Pinned, plan: ImagePlan
    ) -> tuple[tuple[str, ImageReport], ...]:
        """Reports of newer tags, where that is wanted; that there are none is no trouble."""
        most = self._scanning.newer_tags
        if most <= 0 or image.tag is None:
            return ()
        found: list[tuple[str, ImageReport]] = []
        try:
            tags = self._scanning.registry.tags(reference)
            for tag in newer_tags(image.tag, tags, most):
                newer = self._scanning.registry.pin(replace(reference, tag=tag, digest=None))
                report, _ = self._report(newer, plan)
                if report is not None:
                    found.append((tag, report))
        except PodsecError:
            return tuple(found)
        return tuple(found)
