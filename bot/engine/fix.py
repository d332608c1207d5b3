"""Fixes to new text, each proved before it is proposed; what is left is said, with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.config import Config
from bot.engine.check import Checker, seen_of
from bot.engine.read import kinds_of, load
from bot.kubernetes.kinds import Kinds
from bot.kubernetes.view import NOTHING, View
from bot.model.finding import Finding
from bot.rule.load import Rules
from bot.yamlpatch import Patch, Refused, edit

_ROUNDS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """A file after its fixes: what was applied, and what was left with the reason."""

    path: str
    data: bytes
    applied: tuple[Finding, ...]
    left: tuple[tuple[Finding, str], ...]


def fix_file(
    path: str,
    data: bytes,
    findings: Sequence[Finding],
    rules: Rules,
    config: Config,
    *,
    unsafe: bool,
    view: View = NOTHING,
) -> Fixed:
    """Apply the safe fixes of `findings` (and the unsafe ones if asked). Never raises.

    A fix is applied only if, afterwards, its finding is gone, no new finding came, and a second
    run would change nothing. `view` holds the other files' objects.
    """
    judge = _Judge(path=path, checker=Checker(rules, config), kinds=kinds_of(config), view=view)
    asked = {finding.fingerprint for finding in findings}
    applied: list[Finding] = []
    left: list[tuple[Finding, str]] = []
    todo: Sequence[Finding] = findings
    for _ in range(_ROUNDS):  # one fix may make another possible: a user first, then non-root
        left = [(f, why) for f in todo if (why := _why_not(f, unsafe=unsafe)) is not None]
        wanted = [f for f in todo if _why_not(f, unsafe=unsafe) is None]
        done, data, refused = _apply(judge, data, wanted)
        applied += done
        left += refused
        if not done:
            break
        todo = [finding for finding in judge.findings(data) if finding.fingerprint in asked]
    return Fixed(path=path, data=data, applied=tuple(applied), left=tuple(left))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judge:
    """What is asked of each version of the file."""

    path: str
    checker: Checker
    kinds: Kinds
    view: View

    def findings(self, data: bytes) -> tuple[Finding, ...]:
        manifests, _ = load(self.path, data, self.kinds)
        seen = [seen for manifest in manifests for seen in seen_of(manifest)]
        return self.checker.check(manifests, self.view.with_file(self.path, seen))

    def fingerprints(self, data: bytes) -> frozenset[str]:
        return frozenset(finding.fingerprint for finding in self.findings(data))


def _why_not(finding: Finding, *, unsafe: bool) -> str | None:
    if finding.fix is None:
        return finding.advice or "no fix is known"
    if finding.fix.applicability == "unsafe" and not unsafe:
        return f"test first: {finding.fix.reason}".rstrip(": ")
    return None


def _apply(
    judge: _Judge, data: bytes, wanted: Sequence[Finding]
) -> tuple[list[Finding], bytes, list[tuple[Finding, str]]]:
    """All at once where that is proved; otherwise one by one, each on what stands by then."""
    if not wanted:
        return [], data, []
    before = judge.fingerprints(data)
    try:
        return list(wanted), _proved(judge, data, wanted, before), []
    except Refused:
        pass
    done: list[Finding] = []
    refused: list[tuple[Finding, str]] = []
    result = data
    for finding in wanted:
        try:
            result = _proved(judge, data, [*done, finding], before)
        except Refused as error:
            refused.append((finding, error.reason))
        else:
            done.append(finding)
    return done, result, refused


def _patches(findings: Sequence[Finding]) -> list[Patch]:
    return [patch for f in findings if f.fix is not None for patch in f.fix.patches]


def _proved(
    judge: _Judge, data: bytes, findings: Sequence[Finding], before: frozenset[str]
) -> bytes:
    """The text after the fixes. Raises Refused where the proof fails."""
    result = edit(data, _patches(findings)).data
    after = judge.fingerprints(result)
    if staying := [f for f in findings if f.fingerprint in after]:
        raise Refused(f"the finding {staying[0].rule!r} would remain")
    if after - before:
        raise Refused("the fix would bring a new finding")
    return result
