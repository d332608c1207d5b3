"""Refs in GraphQL: the default branch, branches below a prefix, and their compare-and-set."""

from __future__ import annotations

from typing import Any

from bot.sandbox import events
from bot.sandbox.repository_store import ZERO
from bot.sandbox.webhooks import Webhooks
from bot.sandbox.world import Refusal, Repository, World


def default_branch(home: Repository) -> dict[str, Any] | None:
    """The default branch with its commit and tree; None where nothing was pushed yet."""
    sha = home.store.refs().get(f"refs/heads/{home.default_branch}")
    return None if sha is None else _ref(home, home.default_branch, sha)


def listed(
    home: Repository,
    refPrefix: str,  # noqa: N803  # GraphQL's name
    first: int | None = None,
    after: str | None = None,
) -> dict[str, Any]:
    """The refs below a prefix; their names are without it."""
    if first is None or not 1 <= first <= 100:
        raise Refusal(422, "You must provide a `first` value of 1 to 100.")
    found = [
        _ref(home, ref.removeprefix(refPrefix), sha)
        for ref, sha in home.store.refs("refs/heads").items()
        if ref.startswith(refPrefix)
    ]
    start = int(after or 0)
    end = min(len(found), start + first)
    page = {"hasNextPage": end < len(found), "endCursor": str(end) if end > start else None}
    return {"nodes": found[start:end], "pageInfo": page}


def _ref(home: Repository, name: str, sha: str) -> dict[str, Any]:
    tree = home.store.message_of(sha)[0]
    commit = {"__typename": "Commit", "oid": sha, "tree": {"oid": tree}}
    return {"name": name, "target": commit}


def update(
    world: World, hooks: Webhooks, home: Repository, wanted: list[dict[str, Any]], sender: str
) -> None:
    """Carry out all updates, or none: each names what the ref must be before."""
    refs = home.store.refs("refs")
    for one in wanted:
        _demand(home, refs.get(one["name"], ZERO), one)
    for one in wanted:
        name, before, after = one["name"], refs.get(one["name"], ZERO), one["afterOid"]
        if after == ZERO:
            home.store.delete_ref(name)
        else:
            home.store.set_ref(name, after)
        events.pushed(world, hooks, home, name, before, after, sender)


def _demand(home: Repository, before: str, one: dict[str, Any]) -> None:
    name, after, expected = one["name"], one["afterOid"], one.get("beforeOid")
    if not name.startswith("refs/heads/"):
        raise Refusal(422, f"{name} is not a branch")
    if expected is not None and expected != before:
        raise Refusal(422, f"Reference cannot be updated: {name} is at {before}, not {expected}")
    if after != ZERO and home.store.resolve(after) is None:
        raise Refusal(422, "Object does not exist")
    if ZERO in (before, after) or one.get("force"):
        return
    if not home.store.is_ancestor(before, after):
        raise Refusal(422, "Update is not a fast forward")
