"""The command line's check of a whole tree, in three walks that hold little at a time.

The first judges the files that are not remembered, each by itself. The second gathers what files
may ask of each other, and what they allow. The third yields the findings, file by file.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from bot.engine.check import Checker
from bot.engine.suppress import Decision, decide
from bot.frozen import frozen
from bot.kubernetes.partial import LISTED_AS_A_PATCH, is_named_kustomization, patch_files
from bot.kubernetes.view import Seen, View
from bot.model.change import ChangedFile
from bot.model.finding import Finding, Label, Report, Severity, Skipped
from bot.model.suppression import Suppression
from bot.verdicts.packed import Columns, columns, finding_of, lines, seen_of, skipped_of, written_of
from bot.verdicts.pool import Pool
from bot.verdicts.store import Store, key_of
from bot.workflows.check_path import Asked

_CHUNK = 128
_TASK = 32


@frozen
class Tree:
    """The files of a tree, by name, and how each is read."""

    names: Sequence[str]
    read: Callable[[str], ChangedFile]
    stamp: bytes
    progress: Callable[[int], None]
    """Told of files as they are done with."""


@frozen
class Row:
    """One finding as the JSON report shows it, without its file; `message` replaces the row's."""

    file: str
    text: str
    severity: Severity
    suppression: Suppression | None
    message: str | None
    column: Columns

    @property
    def shown(self) -> str:
        """The row as it is to be shown."""
        if self.message is None:
            return self.text
        return json.dumps({**json.loads(self.text), "message": self.message}, ensure_ascii=False)

    def finding(self) -> Finding:
        """The finding itself."""
        found = finding_of(self.file, self.column, self.text)
        return found if self.message is None else replace(found, message=self.message)

    def label(self) -> Label:
        """The finding and how it stands: where nothing stood before, all that counts is new."""
        said = self.suppression
        if said is None:
            return Label(finding=self.finding(), standing="new", in_diff=True)
        return Label(
            finding=self.finding(),
            standing="suppressed",
            in_diff=True,
            reason=said.reason,
            suppression=said,
        )


@dataclass(slots=True, kw_only=True)
class _Facts:
    """What the second walk gathers."""

    seen: list[Seen] = field(default_factory=list)
    written: list[Suppression] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    manifests: int = 0
    workloads: int = 0
    without_schema: int = 0


class TreeCheck:
    """One check of a tree; `judge` first, then `rows` as often as wanted."""

    def __init__(self, tree: Tree, asked: Asked, store: Store) -> None:
        self._tree, self._asked, self._store = tree, asked, store
        self._checker = Checker(asked.rules, asked.config)
        self._keys: dict[str, bytes] = {}
        self._facts = _Facts()
        self._decision = Decision()
        self._patches: frozenset[str] = frozenset()
        self.view = View()
        self.severities: Counter[Severity] = Counter()
        """How many findings count, after the rows were walked."""

    def judge(self, pool: Pool) -> Report:
        """Judge what is not remembered; returns the report without its findings."""
        self._first_walk(pool)
        self._second_walk()
        facts, files = self._facts, len(self._keys)
        for name in self._patches:
            facts.skipped.append(Skipped(file=name, line=1, reason=LISTED_AS_A_PATCH))
            del self._keys[name]
        self.view = View(tuple(facts.seen), self._asked.is_complete)
        allowance = self._asked.allowance()
        spoken = {said.rule for said in (*facts.written, *allowance.configured)}
        found = (row.finding() for row in self.rows() if row.column.rule in spoken)
        self._decision = decide(found if spoken else (), facts.written, allowance)
        return Report(
            labels=(),
            skipped=tuple(sorted(facts.skipped, key=lambda s: (s.file, s.line))),
            files=files,
            manifests=facts.manifests,
            workloads=facts.workloads,
            without_schema=facts.without_schema,
            verdicts=self._decision.verdicts,
        )

    def rows(self) -> Iterator[Row]:
        """All findings in order, those that are allowed too."""
        self.severities.clear()
        for names in _chunks(iter(self._keys), _CHUNK):
            keys = [self._keys[name] for name in names]
            stored = self._store.findings(keys)
            for name, key in zip(names, keys, strict=True):
                yield from self._rows(name, *stored[key])

    def labels(self) -> Iterator[Label]:
        """All findings, labelled."""
        return (row.label() for row in self.rows())

    def _rows(self, name: str, kept: str, rows: str) -> Iterator[Row]:
        for column, text in zip(columns(kept), lines(rows), strict=True):
            message: str | None = None
            if column.question is not None:
                answer = self._checker.answer(column.rule, column.question, self.view)
                if not answer:
                    continue
                message = answer if isinstance(answer, str) else None
            said = self._decision.allowed.get(column.fingerprint)
            if said is None:
                self.severities[column.severity] += 1
            yield Row(
                file=name,
                text=text,
                severity=column.severity,
                suppression=said,
                message=message,
                column=column,
            )

    def _first_walk(self, pool: Pool) -> None:
        waiting: list[list[bytes]] = []
        for packed in pool.judge(self._tasks(waiting)):
            self._store.put(dict(zip(waiting.pop(0), packed, strict=True)))
            self._tree.progress(len(packed))

    def _tasks(self, waiting: list[list[bytes]]) -> Iterator[list[tuple[str, bytes]]]:
        """Lists of files that no verdict is known of; their keys join the waiting ones."""
        for missing in _chunks(self._missing(), _TASK):
            waiting.append([key for _, _, key in missing])
            yield [(name, data) for name, data, _ in missing]

    def _missing(self) -> Iterator[tuple[str, bytes, bytes]]:
        for names in _chunks(iter(self._tree.names), _CHUNK):
            read = [file for name in names if (file := self._read(name)) is not None]
            keys = [key_of(self._tree.stamp, name, data) for name, data in read]
            known = self._store.known(keys)
            self._tree.progress(len(names) - len(read) + len(known))
            for (name, data), key in zip(read, keys, strict=True):
                self._keys[name] = key
                if key not in known:
                    yield name, data, key

    def _read(self, name: str) -> tuple[str, bytes] | None:
        file = self._tree.read(name)
        if file.data is None:
            reason = file.unread or "cannot be read"
            self._facts.skipped.append(Skipped(file=name, line=1, reason=reason))
            return None
        return name, file.data

    def _second_walk(self) -> None:
        facts = self._facts
        self._patches = self._listed_as_patches()
        for names in _chunks(iter(self._keys), _CHUNK):
            stored = self._store.facts([self._keys[name] for name in names])
            for name in names:
                if name in self._patches:
                    continue
                said = json.loads(stored[self._keys[name]])
                facts.seen += seen_of(name, said)
                facts.written += written_of(name, said)
                facts.skipped += skipped_of(name, said)
                facts.manifests += said["m"]
                facts.workloads += said["w"]
                facts.without_schema += said["n"]

    def _listed_as_patches(self) -> frozenset[str]:
        """The files of the tree that its kustomizations list as patches."""
        found: list[Seen] = []
        for names in _chunks(filter(is_named_kustomization, self._keys), _CHUNK):
            stored = self._store.facts([self._keys[name] for name in names])
            for name in names:
                found += seen_of(name, json.loads(stored[self._keys[name]]))
        listed = patch_files((seen.file, seen.data) for seen in found)
        return listed & self._keys.keys()

    def failures(self) -> tuple[Skipped, ...]:
        """Where rules failed over all objects, after the rows were walked."""
        return self._checker.failures()


def _chunks(items: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while chunk := list(islice(items, size)):
        yield chunk
