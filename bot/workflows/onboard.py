"""The pull request before the first sweep: merged, podsec sweeps; closed, it never does."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Literal

from bot.config import PATHS
from bot.engine.grouping import groups
from bot.engine.posture import posture
from bot.formats.onboarding import TITLE, body_of, scaffold
from bot.model.sweep import ONBOARDING, ONBOARDING_BRANCH, Dress
from bot.workflows.survey import Survey
from bot.workflows.tend import Content, Gardener, Stand

Onboarding = Literal["done", "proposed", "waiting", "refused", "pointless"]


def onboard(stand: Stand, survey: Callable[[], Survey], *, asked: bool) -> Onboarding:
    """Propose a config where none is; `asked`: somebody wants it, whatever was refused before.

    `survey` is asked for where a pull request is to be opened. It is not renewed afterwards.
    """
    pull = stand.work.newest(ONBOARDING)
    if pull is not None and pull.state == "open":
        return "waiting"
    if pull is not None and not (asked or pull.wants_again):
        return "done" if pull.state == "merged" else "refused"
    found = survey()
    config = found.terms.config
    wanted = groups(found.report.introduced, config.sweep, found.terms.owners, found.terms.rules)
    if not wanted:
        return "pointless"
    text = scaffold(config)
    content = Content(
        branch=ONBOARDING_BRANCH,
        key=ONBOARDING,
        title=TITLE,
        message=f"{TITLE}\n\nSweep the whole repository on a schedule.",
        files={PATHS[0]: text},
        modes={},
        built=hashlib.sha256(text).hexdigest()[:40],
        prints=frozenset(),
        draft=False,
    )
    gardener = Gardener(stand, Dress())
    if gardener.is_edited(ONBOARDING_BRANCH, pull):
        return "waiting"
    gardener.put(content, pull, partial(body_of, posture(found.report), wanted, config))
    return "proposed"
