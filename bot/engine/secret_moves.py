"""Which literal goes to which key of which Secret: the same key for equal ones, however many files.

Values are compared by a keyed hash in memory; the key comes from the edge, lives as long as the
run, and is stored nowhere.
"""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from bot.config.model import Secrets
from bot.engine.companion import Companion, Read, companions
from bot.engine.secret_patch import patches_of
from bot.frozen import frozen
from bot.kubernetes.kustomization import folder_of
from bot.kubernetes.namespace import Place
from bot.kubernetes.secret import key_of
from bot.kubernetes.secret_place import SecretsInView, home_of, secret_name, variable_of
from bot.kubernetes.view import Seen, View
from bot.model.finding import Finding
from bot.model.move import Move, Moved, Needed, Spot
from bot.yamlpatch import Path


@frozen
class _Literal:
    """One literal: a variable's whole value, or a piece of a text."""

    finding: Finding
    move: Move
    variable: str
    place: Place
    home: str
    same: bytes
    """Equal for equal literals."""
    is_piece: bool
    has_lines: bool

    @property
    def container(self) -> tuple[str, int, Path]:
        """The identity of the container that it stands in."""
        return self.finding.file, self.finding.document, self.move.container


@dataclass(slots=True, kw_only=True)
class _Goal:
    """A key of a Secret, and the literals that go there."""

    home: str
    secret: str
    key: str
    found: bool
    literals: Sequence[_Literal]


@dataclass(slots=True, kw_only=True)
class _Taken:
    """What is given away: keys of Secrets by the home of a namespace, variables by container."""

    keys: set[tuple[str, str, str]] = field(default_factory=set)
    variables: dict[tuple[str, int, Path], set[str]] = field(
        default_factory=lambda: defaultdict(set)
    )


class Moves:
    """The moves of all findings of a run. `key` is random; without one no values are compared."""

    def __init__(self, findings: Iterable[Finding], view: View, key: bytes | None) -> None:
        self._view = view
        self._taken = _Taken()
        literals = list(_literals(findings, view, key))
        groups: dict[tuple[str, bytes], list[_Literal]] = {}
        for literal in literals:
            groups.setdefault((literal.home, literal.same), []).append(literal)
        self._goals = [self._goal(group) for group in groups.values()]
        self._spots = self._shared_out()

    @property
    def promised(self) -> tuple[Seen, ...]:
        """The Secrets that the checklist asks for, as other objects will see them."""
        return tuple(_seen(goal, goal.literals[0].place) for goal in self._goals if not goal.found)

    def placed(self, finding: Finding) -> Finding:
        """The finding with the patches that its place among all others asks for."""
        spots, fix = self._spots.get(finding.fingerprint), finding.fix
        if spots is None or fix is None or fix.move is None:
            return finding
        if len(spots) != max(1, len(fix.move.pieces)):
            return finding  # another round, another text
        return replace(finding, fix=replace(fix, make=partial(patches_of, fix.move, spots)))

    def moved(self, applied: Collection[str], wishes: Secrets, read: Read | None) -> Moved:
        """What must be done for the fixes that were applied, by their fingerprints.

        `wishes` are the config's; `read` gives the text of any file of the tree, and None where
        there is none. Without a tree there are no files beside the manifest.
        """
        needed: dict[tuple[str, str], tuple[Needed, _Literal]] = {}
        for goal in self._goals:
            first = next((x for x in goal.literals if x.finding.fingerprint in applied), None)
            if first is not None:
                where = goal.home, goal.secret
                so_far = needed.get(where, (self._empty(goal, first), first))[0]
                needed[where] = _with_key(so_far, goal, first), first
        wanted = [Companion(needed=one, file=first.finding.file) for one, first in needed.values()]
        return companions(wanted, self._view, wishes, read)

    def _empty(self, goal: _Goal, first: _Literal) -> Needed:
        place = first.place
        secrets = self._view.derived(SecretsInView)
        given = goal.home.removeprefix("namespace ") if goal.home.startswith("names") else None
        return Needed(
            namespace=place.namespace or given,
            secret=goal.secret,
            keys=(),
            is_there=secrets.reads(place, first.move.workload, goal.secret),
        )

    def _goal(self, literals: Sequence[_Literal]) -> _Goal:
        """A key that is there already, if one fits any of the literals; else a new one."""
        leader = next((one for one in literals if not one.is_piece), literals[0])
        home = leader.home
        found = next(self._fitting(literals), None)
        secret, key = found or self._free(leader)
        self._taken.keys.add((home, secret, key))
        return _Goal(home=home, secret=secret, key=key, found=found is not None, literals=literals)

    def _fitting(self, literals: Sequence[_Literal]) -> Iterator[tuple[str, str]]:
        secrets = self._view.derived(SecretsInView)
        for one in literals:
            for ask in (secrets.read_as, secrets.fit):
                known = ask(one.place, one.move.workload, one.variable)
                if known and (one.home, known.secret, known.key) not in self._taken.keys:
                    yield known.secret, known.key

    def _free(self, one: _Literal) -> tuple[str, str]:
        secrets = self._view.derived(SecretsInView)
        name = secret_name(one.move.workload)
        stem = name.removesuffix("-secrets")
        names = (name, f"{stem}-env-secrets", *(f"{stem}-env-secrets-{n}" for n in range(2, 99)))
        secret = next(n for n in names if not secrets.is_made(one.place, n))
        wish = key_of(one.variable)
        longer = f"{variable_of(one.move.container_name)}_{wish}"
        keys = (wish, longer, *(f"{longer}_{number}" for number in range(2, 9_999)))
        taken = self._taken.keys
        return secret, next(key for key in keys if (one.home, secret, key) not in taken)

    def _shared_out(self) -> dict[str, tuple[Spot, ...]]:
        """The spots of each finding, in the order of its pieces."""
        spots: dict[str, list[Spot]] = defaultdict(list)
        of = {id(one): goal for goal in self._goals for one in goal.literals}
        for one in sorted((x for g in self._goals for x in g.literals), key=_order):
            spots[one.finding.fingerprint].append(self._spot(one, of[id(one)]))
        return {fingerprint: tuple(found) for fingerprint, found in spots.items()}

    def _spot(self, one: _Literal, goal: _Goal) -> Spot:
        name = one.variable if not one.is_piece else _variable_there(one, goal)
        if name is not None:
            return Spot(secret=goal.secret, key=goal.key, variable=name, is_new=False)
        taken = self._taken.variables[one.container]
        # a variable of one's own could hide one that envFrom brings
        wish = f"{one.variable}_VALUE" if one.move.inherits else one.variable
        names = (wish, *(f"{wish}_{number}" for number in range(2, 9_999)))
        name = next(n for n in names if n not in taken and n not in one.move.variables)
        taken.add(name)
        return Spot(secret=goal.secret, key=goal.key, variable=name, is_new=True)


def _variable_there(one: _Literal, goal: _Goal) -> str | None:
    """A variable of the container that holds the same, and that the text may refer to."""
    at = one.move.in_env
    held = {
        name for name, secret, key in one.move.reads if (secret, key) == (goal.secret, goal.key)
    }
    held |= {
        other.variable
        for other in goal.literals
        if not other.is_piece and other.container == one.container
    }
    names = one.move.variables if at is None else one.move.variables[:at]
    return next((name for name in names if name in held), None)


def _literals(findings: Iterable[Finding], view: View, key: bytes | None) -> Iterator[_Literal]:
    moving = [finding for finding in findings if finding.fix is not None and finding.fix.move]
    for finding in sorted(moving, key=_place):
        assert finding.fix is not None
        move = finding.fix.move
        assert move is not None
        place = Place(finding.namespace, folder_of(finding.file))
        text = move.text()
        parts = [(piece.name, text[piece.start : piece.end]) for piece in move.pieces]
        for number, (name, value) in enumerate(parts or [(move.name, text)]):
            yield _Literal(
                finding=finding,
                move=move,
                variable=name,
                place=place,
                home=home_of(view, place),
                same=_digest(value, key) or f"{finding.fingerprint}/{number}".encode(),
                is_piece=bool(parts),
                has_lines="\n" in value,
            )


def _digest(value: str, key: bytes | None) -> bytes | None:
    data = value.encode("utf-8", "surrogatepass")
    return hmac.digest(key, data, "sha256") if key is not None else None


def _place(finding: Finding) -> tuple[str, int, int, str]:
    return finding.file, finding.region.line, finding.region.column, finding.field


def _order(one: _Literal) -> tuple[str, int, int, str]:
    return _place(one.finding)


def _with_key(needed: Needed, goal: _Goal, first: _Literal) -> Needed:
    return replace(
        needed,
        keys=(*needed.keys, goal.key),
        found=(*needed.found, *([goal.key] if goal.found else [])),
        files=(*needed.files, *([goal.key] if first.has_lines else [])),
    )


def _seen(goal: _Goal, place: Place) -> Seen:
    return Seen(
        file=f"{place.folder}/".lstrip("/"),
        api_version="v1",
        kind="Secret",
        name=goal.secret,
        namespace=place.namespace,
        data={"metadata": None, "type": None, "data": {goal.key: None}},
    )
