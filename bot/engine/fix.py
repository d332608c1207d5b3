"""Fixes to new text, each proved before it is proposed; what is left is said, with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.config import Config
from bot.engine.check import check
from bot.engine.read import load
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
) -> Fixed:
    """Apply the safe fixes of `findings` (and the unsafe ones if asked). Never raises.

    A fix is applied only if, afterwards, its finding is gone, no new finding came, and a second
    run would change nothing.
    """
    asked = {finding.fingerprint for finding in findings}
    applied: list[Finding] = []
    left: list[tuple[Finding, str]] = []
    todo: Sequence[Finding] = findings
    for _ in range(_ROUNDS):  # one fix may make another possible: a user first, then non-root
        left = [(f, why) for f in todo if (why := _why_not(f, unsafe=unsafe)) is not None]
        wanted = [f for f in todo if _why_not(f, unsafe=unsafe) is None]
        done, data, refused = _apply(path, data, wanted, rules, config)
        applied += done
        left += refused
        if not done:
            break
        manifests, _skipped = load(path, data)
        rest = check(manifests, rules, config)
        todo = [finding for finding in rest if finding.fingerprint in asked]
    return Fixed(path=path, data=data, applied=tuple(applied), left=tuple(left))


def _why_not(finding: Finding, *, unsafe: bool) -> str | None:
    if finding.fix is None:
        return finding.advice or "no fix is known"
    if finding.fix.applicability == "unsafe" and not unsafe:
        return f"test first: {finding.fix.reason}".rstrip(": ")
    return None


def _apply(
    path: str, data: bytes, wanted: Sequence[Finding], rules: Rules, config: Config
) -> tuple[list[Finding], bytes, list[tuple[Finding, str]]]:
    """All at once where that is proved; otherwise one by one, each on what stands by then."""
    if not wanted:
        return [], data, []
    before = _fingerprints(path, data, rules, config)
    try:
        return list(wanted), _proved(path, data, wanted, before, rules, config), []
    except Refused:
        pass
    done: list[Finding] = []
    refused: list[tuple[Finding, str]] = []
    for finding in wanted:
        try:
            attempt = _proved(path, data, [*done, finding], before, rules, config)
        except Refused as error:
            refused.append((finding, error.reason))
        else:
            done.append(finding)
            del attempt
    result = _proved(path, data, done, before, rules, config) if done else data
    return done, result, refused


def _patches(findings: Sequence[Finding]) -> list[Patch]:
    return [patch for f in findings if f.fix is not None for patch in f.fix.patches]


def _proved(
    path: str,
    data: bytes,
    findings: Sequence[Finding],
    before: frozenset[str],
    rules: Rules,
    config: Config,
) -> bytes:
    """The text after the fixes. Raises Refused where the proof fails."""
    result = edit(data, _patches(findings)).data
    after = _fingerprints(path, result, rules, config)
    if staying := [f for f in findings if f.fingerprint in after]:
        raise Refused(f"the finding {staying[0].rule!r} would remain")
    if after - before:
        raise Refused("the fix would bring a new finding")
    return result


def _fingerprints(path: str, data: bytes, rules: Rules, config: Config) -> frozenset[str]:
    manifests, _ = load(path, data)
    return frozenset(finding.fingerprint for finding in check(manifests, rules, config))
