"""What is allowed in a chart: comments and annotations of rendered objects, at template lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.engine.helm.marks import Origin
from bot.engine.helm.rendering import Output
from bot.engine.suppress import written
from bot.engine.suppress.written import Peers
from bot.model.suppression import Place, Suppression

_RENDERED = "rendered"


def allowed_in(output: Output, peers: Peers) -> Iterator[Suppression]:
    """The suppressions that a set renders, as if the templates were judged themselves."""
    alone = [replace(one, file=_RENDERED) for one in output.manifests]
    for said in written(alone, peers):
        first = _at_or_after(output, said.line)
        if first is None or not isinstance(said.scope, Place):
            continue
        line = max(first.line - (0 if said.line in output.origins else 1), 1)
        places = [_moved(output, span, first.file) for span in said.scope.lines]
        scope = replace(said.scope, lines=tuple(span for span in places if span is not None))
        yield replace(said, file=first.file, line=line, scope=scope)


def _at_or_after(output: Output, line: int) -> Origin | None:
    later = (number for number in sorted(output.origins) if number >= line)
    number = next(later, None)
    return output.origins[number] if number is not None else None


def _moved(output: Output, span: tuple[int, int], file: str) -> tuple[int, int] | None:
    """The lines of a template that rendered lines come from."""
    found = (output.origins.get(number) for number in range(span[0], span[1] + 1))
    lines = [one.line for one in found if one is not None and one.file == file]
    return (min(lines), max(lines)) if lines else None
