"""`podsec policies`: NetworkPolicies for a tree: printed, written, drawn, or explained."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.loaders import collect, find
from bot.cli.beside import Beside
from bot.cli.home import Wishes, config_at, home_of
from bot.cli.output import emit
from bot.cli.rewrite import Changed, rewrite
from bot.errors import UserError
from bot.formats.network.drawing import drawings, reached
from bot.formats.network.explain import explain
from bot.formats.network.svg import to_svg
from bot.formats.network.text import to_dot, to_mermaid, to_text
from bot.formats.plain import counted, visible
from bot.kubernetes.network_actor import Actor
from bot.kubernetes.network_grants import Planned, Proposed
from bot.kubernetes.network_reach import names_of, ports_of
from bot.workflows.propose_policies import policies_of

_OUTSIDE = "outside"


@dataclass(frozen=True, slots=True, kw_only=True)
class PoliciesOptions:
    """What the command line says beside the paths."""

    wishes: Wishes
    write: bool = False
    graph: str | None = None
    explain: tuple[str, str] | None = None


def run(paths: Sequence[str], options: PoliciesOptions) -> int:
    """Print, write, draw or explain; returns the exit code: 1 where a file was not written."""
    gc.disable()  # as in podsec check
    paths, port = _port(paths, options)
    if not paths:
        raise UserError("name the folder to look at, such as: podsec policies deploy/")
    home = home_of(paths[0])
    config = config_at(home, options.wishes)
    found = find(paths, home.root, config.paths, strict=False)
    shown = {entry.name: entry.shown for entry in found.entries}
    beside = Beside(root=home.root, shown=shown)
    proposed = policies_of(collect(found), config, beside.read)
    if options.explain is not None:
        emit(_explained(proposed.planned, options.explain, port), None)
        return 0
    if options.graph is not None:
        emit(_drawn(proposed.planned, options.graph), None)
        return 0
    if not options.write:
        texts = (text.decode() for text in proposed.policies.values())
        emit("---\n".join(texts), None)
    failed = _put(proposed, beside) if options.write else 0
    _tell_rest(proposed, beside)
    return int(failed > 0)


def _port(paths: Sequence[str], options: PoliciesOptions) -> tuple[Sequence[str], int | None]:
    """The paths, and the port of `--explain A B PORT`, which stands behind them."""
    last = paths[-1] if options.explain is not None and paths else ""
    if last.isdecimal() and len(last) <= 5 and not Path(last).exists():
        return paths[:-1], int(last)
    return paths, None


def _explained(planned: Planned, pair: tuple[str, str], port: int | None) -> str:
    source = None if pair[0] == _OUTSIDE else _named(planned, pair[0])
    target = _named(planned, pair[1])
    ports = [(port, "TCP")] if port is not None else sorted(ports_of(planned)[target])
    if not ports:
        raise UserError(f"{pair[1]} declares no port: name one behind the paths")
    return explain(planned, source, target, ports)


def _named(planned: Planned, name: str) -> Actor:
    """The workload of a name; where several have it, of a longer one. Raises UserError."""
    names = names_of(planned.survey.inferred.actors)
    wanted = [actor for actor, known in names.items() if known == name]
    wanted = wanted or [
        actor for actor in names if name in (actor.name, f"{actor.kind}/{actor.name}")
    ]
    if len(wanted) == 1:
        return wanted[0]
    if wanted:
        choice = ", ".join(sorted(names[actor] for actor in wanted)[:5])
        raise UserError(f"several workloads are called {name!r}: say one of {choice}")
    choice = ", ".join(sorted(names.values())[:10])
    raise UserError(f"no workload is called {name!r}; there are {choice or 'none'}")


def _drawn(planned: Planned, graph: str) -> str:
    found = reached(planned)
    if graph == "text":
        return to_text(found)
    make = {"mermaid": to_mermaid, "dot": to_dot, "svg": to_svg}[graph]
    return make(drawings(found))


def _put(proposed: Proposed, beside: Beside) -> int:
    """Write the files; returns how many could not be."""
    failed = 0
    for path, data in (*proposed.policies.items(), *proposed.kustomizations.items()):
        name = beside.name(path)
        reason = _written(Path(name), beside.read(path), data)
        failed += reason is not None
        _tell(f"wrote {name}" if reason is None else f"not written {name}: {reason}")
    return failed


def _written(path: Path, before: bytes | None, data: bytes) -> str | None:
    try:
        if before is None:
            with path.open("xb") as stream:
                stream.write(data)
        else:
            rewrite(path, before, data)
    except Changed:
        return "it changed meanwhile; run podsec policies again"
    except OSError as error:
        return error.strerror or type(error).__name__
    return None


def _tell_rest(proposed: Proposed, beside: Beside) -> None:
    """What was left out and why, what policies cut already, and the count."""
    planned = proposed.planned
    for one in planned.declined:
        what = f"{beside.name(one.actor.file)}: {one.actor.kind} {one.actor.name}"
        _tell(f"{what} gets no policy: {one.reason}")
    for edge in planned.cut:
        to = f"{edge.target.name} on port {edge.endpoint.port}"
        said = "; ".join(map(str, edge.evidence[:2]))
        _tell(f"{edge.source.name} seems to use {to} ({said}), and policies do not let it")
    for path in proposed.unlisted:
        _tell(f"{beside.name(path)} is listed by no kustomization: list it where it is to go")
    number = len(planned.survey.inferred.actors)
    policies = f"{len(proposed.policies)} polic{'y' if len(proposed.policies) == 1 else 'ies'}"
    _tell(f"{policies} for {counted(number, 'workload')}")


def _tell(text: str) -> None:
    print(visible(f"podsec: {text}"), file=sys.stderr)
