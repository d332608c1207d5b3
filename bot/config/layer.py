"""One source of the config: an operator's file, a repository's file, or the command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from typing import Any, Literal

from bot.config.globs import below
from bot.errors import ConfigError
from bot.frozen import frozen
from bot.yamlpatch import Node, Stream, Unreadable, read

Problem = tuple[int, str]
"""A 1-based line, and `key: what was expected`."""
LayerKind = Literal["operator", "organisation", "repository", "option"]
_MOST = 10
_TEXTUAL = (("kubernetesVersion",), ("resources", "cpuRequest"), ("resources", "cpuLimit"))


@frozen
class Layer:
    """What one source says; `lines` are the 1-based lines of its keys, by dotted name."""

    kind: LayerKind
    path: str
    data: Mapping[str, Any]
    lines: Mapping[str, int] = field(default_factory=dict)

    def counted_from(self, folder: str) -> Layer:
        """The same, from a file in `folder` below the root: its globs count from there."""
        data = dict(self.data)
        if "paths" in data:
            data["paths"] = {
                key: [below(glob, folder) for glob in globs] for key, globs in data["paths"].items()
            }
        if "suppressions" in data:
            data["suppressions"] = [
                {**entry, "path": below(entry.get("path", "**"), folder)}
                for entry in data["suppressions"]
            ]
        return replace(self, data=data) if folder else self

    def origin(self, key: str) -> str:
        """Where a key was set: file and line, or the option."""
        if self.kind == "option":
            return self.path
        while key not in self.lines and "." in key:
            key = key.rpartition(".")[0]
        return f"{self.path}:{self.lines.get(key, 1)}"


def read_layer(data: bytes, path: str, kind: LayerKind = "repository") -> Layer:
    """Read and validate a file. Raises ConfigError: `file:line: key: what was expected`."""
    layer, found = examine(data, path, kind)
    _refuse(path, found)
    return layer


def examine(
    data: bytes, path: str, kind: LayerKind = "repository"
) -> tuple[Layer, tuple[Problem, ...]]:
    """A file and all that is wrong with it, by line; where anything is, the layer says nothing."""
    empty = Layer(kind=kind, path=path, data={})
    try:
        stream = read(data)
        value = stream.value(0) if stream.documents else None
    except Unreadable as error:
        return empty, ((error.line, error.reason),)
    if value is None:
        return empty, ()
    # a repository without a config does not pay for the schema
    from bot.config.messages import problems  # noqa: PLC0415  # as said above
    from bot.config.schema import SCHEMAS  # noqa: PLC0415  # as said above

    _as_written(value, stream)
    found = problems(value, SCHEMAS[kind], stream)
    if found:
        return empty, tuple(found)
    layer = Layer(kind=kind, path=path, data=value, lines=dict(_lines(stream)))
    return layer, tuple(_facts(layer))


def _refuse(path: str, found: Sequence[Problem]) -> None:
    """Raises ConfigError where there are problems, with the first of them."""
    if found:
        more = [f"and {len(found) - _MOST} more"] if len(found) > _MOST else []
        text = [f"{path}:{line}: {problem}" for line, problem in found[:_MOST]]
        raise ConfigError("\n".join([*text, *more]))


def _as_written(value: Any, stream: Stream) -> None:
    """Numbers that are meant as text: 1.30 is no 1.3."""
    for *way, key in _TEXTUAL:
        holder = value.get(way[0]) if way and isinstance(value, dict) else value
        if isinstance(holder, dict) and type(holder.get(key)) in (int, float):
            node, _ = stream.find(0, (*way, key))
            holder[key] = node.resolved.text


def _lines(stream: Stream) -> Iterator[tuple[str, int]]:
    root = stream.documents[0].root
    todo: list[tuple[str, Node]] = [("", root)] if root is not None else []
    while todo:
        name, node = todo.pop()
        node = node.resolved
        for key, value in node.pairs:
            below = f"{name}.{key.text}".lstrip(".")
            yield below, stream.line_of(key.start)
            todo.append((below, value))
        for index, item in enumerate(node.items):
            below = f"{name}.{index}"
            yield below, stream.line_of(item.start)
            todo.append((below, item))


def _facts(layer: Layer) -> Iterator[Problem]:
    """What a schema cannot say: days of the calendar, time zones by name, moments that come."""
    yield from _days(layer, "suppressions", layer.data.get("suppressions", ()))
    yield from _days(layer, "scan.ignore", layer.data.get("scan", {}).get("ignore", ()))
    zone = layer.data.get("schedule", {}).get("timeZone")
    if zone is not None and not _is_zone(zone):
        key = "schedule.timeZone"
        yield layer.lines[key], f"{key}: there is no time zone {zone!r}, such as 'Europe/Berlin'"
    cron = layer.data.get("schedule", {}).get("cron")
    if cron is not None and not _is_cron(cron):
        key = "schedule.cron"
        yield layer.lines[key], f"{key}: {cron!r} never comes, expected such as '0 5 * * 1'"


def _days(layer: Layer, name: str, entries: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """Last days that no calendar has."""
    for index, entry in enumerate(entries):
        key = f"{name}.{index}.until"
        try:
            date.fromisoformat(entry.get("until", "2000-01-01"))
        except ValueError:
            yield (
                layer.lines[key],
                f"{key}: expected a day such as 2027-01-31, not {entry['until']!r}",
            )


def _is_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo  # noqa: PLC0415  # 20 ms that only a schedule pays

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _is_cron(text: str) -> bool:
    """Whether it is five fields that name a moment, such as no 31st of February."""
    from datetime import UTC, datetime  # noqa: PLC0415  # only a schedule pays

    from croniter import CroniterError, croniter  # noqa: PLC0415  # the same

    try:
        croniter(text, datetime.now(UTC)).get_next(datetime)
    except (CroniterError, ValueError):
        return False
    return True
