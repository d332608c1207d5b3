"""Fixed files on their way from one process to another that holds their findings already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from bot.engine.fix import Fixed
from bot.frozen import frozen
from bot.model.finding import Finding

_Reference: TypeAlias = "int | Finding"
"""The number of a finding that the other process holds, or one that came with an earlier fix."""


@frozen
class Packed:
    """A file after its fixes, without the objects that its findings came from."""

    path: str
    data: bytes
    applied: tuple[_Reference, ...]
    left: tuple[tuple[_Reference, str], ...]
    lessened: tuple[tuple[_Reference, Finding], ...]


def packed(fixed: Fixed, findings: Sequence[Finding]) -> Packed:
    """What is sent; `findings` are those that both processes hold. Which fixes rest on which stays.

    It cannot be asked for any more, since it is tried out among the objects.
    """
    numbers = {finding.fingerprint: number for number, finding in enumerate(findings)}

    def refer(finding: Finding) -> _Reference:
        number = numbers.get(finding.fingerprint, -1)
        return number if number >= 0 and findings[number] is finding else _portable(finding)

    def mention(finding: Finding) -> _Reference:
        """One that was not fixed: what its patches are is not asked any more."""
        number = numbers.get(finding.fingerprint, -1)
        return number if number >= 0 and findings[number] == finding else _portable(finding)

    return Packed(
        path=fixed.path,
        data=fixed.data,
        applied=tuple(map(refer, fixed.applied)),
        left=tuple((mention(finding), why) for finding, why in fixed.left),
        lessened=tuple((refer(one), _portable(other)) for one, other in fixed.lessened),
    )


def unpacked(sent: Packed, findings: Sequence[Finding]) -> Fixed:
    """The file after its fixes, with this process's own findings."""

    def find(reference: _Reference) -> Finding:
        return findings[reference] if isinstance(reference, int) else reference

    return Fixed(
        path=sent.path,
        data=sent.data,
        applied=tuple(map(find, sent.applied)),
        left=tuple((find(finding), why) for finding, why in sent.left),
        lessened=tuple((find(one), other) for one, other in sent.lessened),
    )


def _portable(finding: Finding) -> Finding:
    """The same with its patches made, and its undoing said: neither asks the manifests again."""
    fix = finding.fix
    if fix is None:
        return finding
    made = replace(fix, make=partial(tuple, fix.patches), unmake=partial(str, fix.undo), move=None)
    return replace(finding, fix=made)
