"""The changed files of a pull request, judged beside what they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.engine.read import mentions_object
from bot.errors import Unavailable
from bot.formats.check_run import NO_OBJECT
from bot.kubernetes.build_file import is_build_file
from bot.kubernetes.view import View
from bot.model.change import ChangedFile, ChangeSet
from bot.model.delivery import PullRef
from bot.model.finding import Report, Skipped
from bot.ports import Forge
from bot.workflows.check_change import check_change
from bot.workflows.check_path import Asked
from bot.workflows.render_change import NOT_RENDERED, Scenes

_LOOKS = 3
_OWN = ".podsec/"


def collect(forge: Forge, pull: PullRef) -> tuple[PullRef, ChangeSet]:
    """The changes, and the pull request as it was when they were read: a push may come between.

    Raises Unavailable where one comes each time.
    """
    for _ in range(_LOOKS):
        changes = forge.changes(pull)
        if changes.head in (None, pull.head_sha):
            return pull, changes
        pull = forge.pull(pull.repository, pull.number)
    raise Unavailable("the pull request was pushed to each time that it was read")


def has_manifests(changes: ChangeSet) -> bool:
    """Whether any file may hold a Kubernetes object, or may have held one."""
    return any(map(_mentions, changes.files))


def judge(
    changes: ChangeSet,
    asked: Asked,
    ignored: tuple[Skipped, ...] = (),
    scenes: Scenes = NOT_RENDERED,
) -> tuple[Report, View]:
    """All findings of the changed files, labelled by whether they stood before.

    `ignored` is what was not read beside them, `scenes` what is rendered. The view holds the
    objects after the change.
    """
    files = held(changes, asked).files
    read = scenes.read
    manifests = [
        file for file in files if file.unread is not None or _mentions(file) or file.path in read
    ]
    builds = (*changes.builds, *(file for file in files if _is_build(file)))
    wanted = replace(changes, files=tuple(manifests), builds=builds)
    report, view = check_change(wanted, asked, scenes)
    plain = (file for file in files if file.path not in read)
    skipped = (*ignored, *report.skipped, *_without_object(plain), *_cut(changes))
    report = replace(
        report,
        skipped=tuple(sorted(skipped, key=lambda item: (item.file, item.line))),
        excluded=sum(1 for file in changes.files if _has_text(file) and not _is_held(file, asked)),
    )
    return report, view


def held(changes: ChangeSet, asked: Asked) -> ChangeSet:
    """The change without the files that the config leaves out."""
    return replace(changes, files=tuple(f for f in changes.files if _is_held(f, asked)))


def _is_held(file: ChangedFile, asked: Asked) -> bool:
    """Whether a file is to be judged; the examples of own rules are soft on purpose."""
    return asked.config.paths.hold(file.path) and not file.path.startswith(_OWN)


def _has_text(file: ChangedFile) -> bool:
    return file.data is not None or file.unread is not None


def _mentions(file: ChangedFile) -> bool:
    return any(
        data is not None and mentions_object(file.path, data)
        for data in (file.data, file.base_data)
    )


def _is_build(file: ChangedFile) -> bool:
    return file.data is not None and is_build_file(file.path.rpartition("/")[2])


def _without_object(files: Iterable[ChangedFile]) -> Iterator[Skipped]:
    for file in files:
        if file.data is not None and not _mentions(file):
            yield Skipped(file=file.path, line=1, reason=NO_OBJECT)


def _cut(changes: ChangeSet) -> Iterator[Skipped]:
    """What GitHub does not list."""
    if changes.is_cut:
        reason = f"GitHub lists the first {len(changes.files)} files of a pull request"
        yield Skipped(file="all further files", line=1, reason=reason)
