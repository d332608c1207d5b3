"""What a pull request does to who may talk to whom, among the manifests around it."""

from __future__ import annotations

from dataclasses import replace

from bot.engine.network.news import added, news
from bot.engine.network.plan import plan
from bot.engine.network.remarks import RULE, remarks
from bot.engine.network.survey import survey
from bot.kubernetes.text_sources import Read
from bot.model.change import ChangeSet
from bot.model.delivery import PullRef
from bot.model.network_review import NetworkReview
from bot.ports import Forge
from bot.workflows.around import around
from bot.workflows.check_path import Asked, check_files
from bot.workflows.propose_policies import manifests_of

_MOST_FILES = 40
"""Files that are read beside those of the change: each is a request."""


def review_network(forge: Forge, pull: PullRef, changes: ChangeSet, asked: Asked) -> NetworkReview:
    """Workloads that come without a policy, and connections that are cut or opened.

    Nothing is said where the manifests around the change are not known.
    """
    if not asked.config.is_on(RULE, default=True):
        return NetworkReview()
    whole = around(forge, pull, changes, asked, _MOST_FILES)
    return NetworkReview() if whole is None else network_review(whole, asked)


def network_review(whole: ChangeSet, asked: Asked) -> NetworkReview:
    """The same for a change that holds all files of its trees."""
    old = ChangeSet(files=tuple(replace(file, data=file.base_data) for file in whole.files))
    before = survey(manifests_of(old, asked.config), _reader(old))
    after = survey(manifests_of(whole, asked.config), _reader(whole))
    new = added(before, after)
    if not new:
        return NetworkReview(news=news(before, after))
    report, _ = check_files(whole, replace(asked, is_complete=True))
    counted = [finding for finding in report.introduced if finding.rule == RULE]
    planned = plan(after, asked.config.network)
    return NetworkReview(remarks=remarks(planned, counted, whole, new), news=news(before, after))


def _reader(changes: ChangeSet) -> Read:
    def read(path: str) -> bytes | None:
        file = changes.file(path)
        return file.data if file is not None else None

    return read
