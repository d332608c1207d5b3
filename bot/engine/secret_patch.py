"""A move to a Secret as patches: the literal goes, a reference comes; never a value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.kubernetes.secret import key_of
from bot.kubernetes.secret_place import secret_name
from bot.model.move import Move, Spot
from bot.yamlpatch import Append, Insert, Patch, Path, Rename, Set, Value


def default_spots(move: Move) -> tuple[Spot, ...]:
    """Where the literals go as far as the container alone can tell."""
    secret = secret_name(move.workload)
    if not move.pieces:
        return (Spot(secret=secret, key=key_of(move.name), variable=move.name, is_new=False),)
    return tuple(
        Spot(secret=secret, key=key_of(piece.name), variable=piece.name, is_new=True)
        for piece in move.pieces
    )


def patches_of(move: Move, spots: Sequence[Spot]) -> tuple[Patch, ...]:
    """The patches; there is a spot for each piece, or one for the whole value."""
    path = (*move.container, *move.field)
    if not move.pieces:
        source = _source(spots[0])
        return (Rename(document=move.document, path=path, key="valueFrom", value=source),)
    text = Set(document=move.document, path=path, value=_replaced(move, spots))
    return (text, *_variables(move, spots))


def _replaced(move: Move, spots: Sequence[Spot]) -> str:
    text = move.text()
    pairs = sorted(zip(move.pieces, spots, strict=True), key=lambda pair: -pair[0].start)
    for piece, spot in pairs:
        text = f"{text[: piece.start]}$({spot.variable}){text[piece.end :]}"
    return text


def _variables(move: Move, spots: Sequence[Spot]) -> Iterator[Patch]:
    """The variables that read the Secret; one that another refers to stands before it.

    `$(NAME)` is expanded from what stands earlier in the list (EnvVar, core/v1).
    """
    env: Path = (*move.container, "env")
    index = move.in_env
    for spot in dict.fromkeys(spots):
        if not spot.is_new:
            continue
        entry: Value = {"name": spot.variable, "valueFrom": _source(spot)}
        if index is None:
            yield Append(document=move.document, path=env, value=entry)
        else:
            yield Insert(document=move.document, path=env, index=index, value=entry)


def _source(spot: Spot) -> Value:
    return {"secretKeyRef": {"name": spot.secret, "key": spot.key}}
