"""The new texts of the files that a group mends, and what must be said of them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from secrets import token_bytes

from bot.engine.fix import Fixer
from bot.engine.grouping import NETWORK
from bot.engine.plan import repair
from bot.engine.secret_repair import repair_secrets
from bot.formats.network.proposal import who_may_talk
from bot.kubernetes.network_actor import Actor
from bot.model.built import Built
from bot.model.change import ChangeSet
from bot.model.finding import Report
from bot.model.move import Moved
from bot.model.plan import Repair
from bot.model.sweep import Group
from bot.workflows.propose_policies import policies_of
from bot.workflows.survey import Survey


class Builder:
    """Builds groups of one survey; equal secrets get equal keys, in whatever group."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._fixer = Fixer(survey.asked.rules, survey.asked.config, survey.view)
        self._secret = token_bytes(32)

    def build(self, group: Group) -> Built | None:
        """What mends the group; None where no fix of it can be made."""
        moved, said = None, ""
        if group.kind is NETWORK:
            found, said = self._policies(group)
        else:
            found, moved = self._repaired(group, *self._narrowed(group))
        if not found.files:
            return None
        entries = self._survey.snapshot.files
        return Built(
            repair=found,
            moved=moved,
            said=said,
            modes={path: entries[path].mode for path in found.files if path in entries},
            digest=self._digest(group, found),
        )

    def _repaired(
        self, group: Group, report: Report, changes: ChangeSet
    ) -> tuple[Repair, Moved | None]:
        survey = self._survey
        if not any(f.fix is not None and f.fix.move is not None for f in group.findings):
            unsafe = group.kind.draft
            return repair(report, changes, self._fixer, unsafe=unsafe), None
        return repair_secrets(
            report,
            changes,
            survey.asked.rules,
            survey.asked.config,
            survey.view,
            key=self._secret,
            read=survey.read,
        )

    def _policies(self, group: Group) -> tuple[Repair, str]:
        """The policies for the workloads of the group's files, and who may talk to whom."""
        survey = self._survey
        files = frozenset(finding.file for finding in group.findings)
        proposed = policies_of(survey.changes, survey.terms.config, survey.read, files)
        made = {_of(one.actor) for one in proposed.planned.written if one.actor is not None}
        left = {_of(one.actor): one.reason for one in proposed.planned.declined}
        return Repair(
            files={**proposed.policies, **proposed.kustomizations},
            applied=tuple(f for f in group.findings if (f.file, f.kind, f.name) in made),
            left=tuple(
                (f, left[f.file, f.kind, f.name])
                for f in group.findings
                if (f.file, f.kind, f.name) in left
            ),
        ), who_may_talk(proposed)

    def _narrowed(self, group: Group) -> tuple[Report, ChangeSet]:
        """The report and the files of a group alone."""
        wanted = {finding.fingerprint for finding in group.findings}
        files = {finding.file for finding in group.findings}
        report, changes = self._survey.report, self._survey.changes
        labels = tuple(label for label in report.labels if label.finding.fingerprint in wanted)
        kept = tuple(file for file in changes.files if file.path in files)
        return replace(report, labels=labels), replace(changes, files=kept)

    def _digest(self, group: Group, found: Repair) -> str:
        """Equal where the same files of the same base get the same texts."""
        hashed = hashlib.sha256(group.kind.name.encode())
        entries = self._survey.snapshot.files
        for path, data in sorted(found.files.items()):
            before = entries[path].blob if path in entries else ""
            row = f"\0{path}\0{before}\0{hashlib.sha256(data).hexdigest()}"
            hashed.update(row.encode("utf-8", "surrogateescape"))
        return hashed.hexdigest()[:40]


def _of(actor: Actor) -> tuple[str, str, str]:
    return actor.file, actor.kind, actor.name
