"""Verdicts as text, in three parts that are read apart: facts, columns, rows.

Rows are ready to be printed; what the report does not show of a finding stands in its columns.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from bot.engine.check import Candidate
from bot.engine.verdict import FileVerdict
from bot.formats.json import text_of
from bot.frozen import frozen
from bot.kubernetes.view import Seen
from bot.model.finding import Finding, Fix, Region, Severity, Skipped
from bot.model.suppression import Match, Place, Suppression

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@frozen(kw_only=False)
class Packed:
    """A verdict as text.

    `facts` is a JSON object of what other files may ask; `columns` a JSON list with a row for each
    finding; `rows` a JSON object a line, as the report prints it.
    """

    facts: str
    columns: str
    rows: str


def pack(verdict: FileVerdict) -> Packed:
    """Pack a verdict; the file's name is left out, since it is known by then."""
    facts: dict[str, Any] = {
        "m": verdict.manifests,
        "w": verdict.workloads,
        "n": verdict.without_schema,
    }
    if verdict.skipped:
        facts["s"] = [[skipped.line, skipped.reason] for skipped in verdict.skipped]
    if verdict.written:
        facts["x"] = [_written(suppression) for suppression in verdict.written]
    if verdict.seen:
        facts["o"] = [_seen(seen) for seen in verdict.seen]
    rows = "\n".join(text_of(candidate.finding) for candidate in verdict.candidates)
    return Packed(_dumps(facts), _dumps([_columns(c) for c in verdict.candidates]), rows)


def _columns(candidate: Candidate) -> list[Any]:
    found = candidate.finding
    block = found.block
    return [
        found.rule,
        found.severity,
        found.fingerprint,
        candidate.question,
        [block.line, block.column, block.end_line, block.end_column],
        found.document,
        found.remedy,
        found.advice,
        found.sensitive,
    ]


@dataclass(slots=True)
class Columns:
    """What is kept of one finding beside its row."""

    rule: str
    severity: Severity
    fingerprint: str
    question: Any
    block: list[Any]
    document: int
    remedy: str | None
    advice: str | None
    sensitive: bool


def columns(text: str) -> list[Columns]:
    """The columns of a file's findings, in order."""
    found = [Columns(*row) for row in json.loads(text)]
    for column in found:
        if column.question is not None:
            column.question = _tupled(column.question)
    return found


def _tupled(value: Any) -> Any:
    """A question as its rule asked it: JSON has no tuples."""
    return tuple(_tupled(item) for item in value) if isinstance(value, list) else value


def finding_of(file: str, column: Columns, row: str) -> Finding:
    """A finding whose fix is told, not made: it has no patches."""
    said = json.loads(row)
    end_column = said["end_column"]
    return Finding(
        rule=column.rule,
        control=said["control"],
        severity=said["severity"],
        profile=said["profile"],
        file=file,
        region=Region(
            line=said["line"],
            column=said["column"],
            end_line=said["end_line"],
            end_column=end_column,
        ),
        block=Region(
            line=column.block[0],
            column=column.block[1],
            end_line=column.block[2],
            end_column=column.block[3],
        ),
        kind=said["kind"],
        name=said["name"],
        namespace=said["namespace"],
        container=said["container"],
        field=said["field"],
        pointer=said["pointer"],
        message=said["message"],
        fingerprint=column.fingerprint,
        document=column.document,
        fix=_told(column, said),
        stored_remedy=column.remedy,
        advice=column.advice,
        sensitive=column.sensitive,
    )


def _told(column: Columns, said: dict[str, Any]) -> Fix | None:
    if column.remedy not in ("safe", "unsafe"):
        return None
    return Fix(
        title="",
        applicability="safe" if column.remedy == "safe" else "unsafe",
        make=tuple,
        reason=said["fix_reason"],
        unmake=partial(str, said["fix_undo"]),
    )


def skipped_of(file: str, facts: dict[str, Any]) -> Iterator[Skipped]:
    """What was not judged."""
    for line, reason in facts.get("s", ()):
        yield Skipped(file=file, line=line, reason=reason)


def _written(said: Suppression) -> list[Any]:
    assert isinstance(said.scope, Place)  # only a config's entry speaks of others
    until = said.until.isoformat() if said.until else None
    place = [said.scope.reach, said.scope.lines, said.scope.containers]
    return [said.rule, said.reason, said.source, said.line, place, until, said.fault]


def written_of(file: str, facts: dict[str, Any]) -> Iterator[Suppression]:
    """The suppressions that a file carries."""
    for rule, reason, source, line, (reach, lines, containers), until, fault in facts.get("x", ()):
        scope: Place | Match = Place(
            reach=reach,
            lines=tuple((first, last) for first, last in lines),
            containers=tuple(containers),
        )
        yield Suppression(
            rule=rule,
            reason=reason,
            source=source,
            file=file,
            line=line,
            scope=scope,
            until=date.fromisoformat(until) if until else None,
            fault=fault,
        )


def _seen(seen: Seen) -> list[Any]:
    return [seen.api_version, seen.kind, seen.name, seen.namespace, seen.data, seen.pod_path]


def seen_of(file: str, facts: dict[str, Any]) -> Iterator[Seen]:
    """What other files may ask of this one's objects."""
    for api_version, kind, name, namespace, data, pod_path in facts.get("o", ()):
        yield Seen(
            file=file,
            api_version=api_version,
            kind=kind,
            name=name,
            namespace=namespace,
            data=data,
            pod_path=None if pod_path is None else tuple(pod_path),
        )


def lines(rows: str) -> Sequence[str]:
    """The rows of a packed verdict."""
    return rows.split("\n") if rows else ()
