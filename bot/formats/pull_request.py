"""Repairs as follow-up pull requests: what changed and why, the risk, and how to undo it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.config.pulls import Pulls
from bot.formats.markdown import code, details, fenced, inert, plain, table
from bot.formats.review import named
from bot.formats.text import counted
from bot.model.delivery import OWN_BRANCHES, PullRef
from bot.model.finding import Finding
from bot.model.plan import Repair
from bot.model.review import Proposal
from bot.rule.load import Rules

LONGEST_TABLE = 24_000
_LONGEST_PATCH = 40_000
_MOST_LINES = 100
_QUOTED = re.compile(r"[\x00-\x1f\x7f\"\\]")


def to_proposal(
    repair: Repair, pull: PullRef, rules: Rules, asked_by: str, *, draft: bool
) -> Proposal:
    """The follow-up pull request into the pull request's own branch."""
    kind = "test-first" if draft else "safe"
    what = "that want a test" if draft else "that are safe"
    number = counted(len(repair.applied), "hardening fix").replace("fixs", "fixes")
    title = f"Harden pods: {number} for #{pull.number}" + (" (test first)" if draft else "")
    lines = dict.fromkeys(f"- {line_of(finding)}" for finding in repair.applied)
    message = f"{title}\n\n" + "\n".join(list(lines)[:_MOST_LINES])
    return Proposal(
        branch=f"{OWN_BRANCHES}{pull.number}-{kind}",
        base_ref=pull.head_ref,
        base_sha=pull.head_sha,
        title=title,
        body=_body(repair, pull, rules, (number, what, asked_by), draft=draft),
        message=message,
        files=repair.files,
        draft=draft,
    )


def dressed(proposal: Proposal, pulls: Pulls) -> Proposal:
    """The proposal in the customs of its repository."""
    title = pulls.title.replace("{title}", proposal.title)
    message = proposal.message.replace(proposal.title, title, 1)
    return replace(
        proposal, title=title, message=message, sign_off=pulls.sign_off, labels=pulls.labels
    )


def of_some(proposal: Proposal, key: str, words: str) -> Proposal:
    """The proposal for a choice of findings, on a branch of its own; no key is no choice."""
    if not key:
        return proposal
    return replace(
        proposal, branch=f"{proposal.branch}-{key}", title=f"{proposal.title}: {plain(words, 80)}"
    )


def line_of(finding: Finding) -> str:
    """What a commit message says of a fix."""
    place = f"{finding.kind}/{finding.name}" + (
        f" {finding.container}" if finding.container else ""
    )
    title = finding.fix.title if finding.fix else finding.rule
    return plain(f"{finding.file}: {place}: {title}")


def _body(
    repair: Repair, pull: PullRef, rules: Rules, words: tuple[str, str, str], *, draft: bool
) -> str:
    number, what, asked_by = words
    intro = f"{number} {what}, for #{pull.number}, asked for by {code(asked_by)}."
    parts = [intro, _advice(draft=draft), "### What changes and why", _changes(repair, rules)]
    if repair.left:
        rows = [(where(f), inert(f.message), inert(why)) for f, why in repair.left]
        grid = table(("where", "finding", "why not"), rows, LONGEST_TABLE)
        parts.append(details(f"Not fixed here: {counted(len(rows), 'finding')}", grid))
    parts.append("### How to undo it")
    parts.append(
        "Close this pull request, or revert its one commit after the merge. podsec renews it on "
        "the next `/podsec fix`, unless somebody else has pushed to its branch."
    )
    return "\n\n".join(parts)


def _advice(*, draft: bool) -> str:
    if draft:
        return (
            "**Test first.** Each fix below may stop the workload for the reason that stands "
            "beside it. Deploy this branch to a test namespace, wait until the pods are ready, "
            "use the application, and look for `permission denied` and `read-only file system` "
            "in its log. After the safe pull request is merged, `/podsec fix` renews this one."
        )
    return (
        "These fixes do not change what the containers may do in use: podsec knows the images, "
        "or the field is safe for any. Each was proved: the file was read again, the finding is "
        "gone, no new one came, and every other byte is unchanged."
    )


def _changes(repair: Repair, rules: Rules) -> str:
    rows = [(where(f), _fix(f, rules), risk_of(f), undo_of(f)) for f in repair.applied]
    return table(("where", "fix", "risk", "undo"), rows, LONGEST_TABLE)


def where(finding: Finding) -> str:
    """The place of a finding, in a table."""
    text = code(f"{finding.file}:{finding.region.line}") + f" {finding.kind} {code(finding.name)}"
    return text + (f", container {code(finding.container)}" if finding.container else "")


def _fix(finding: Finding, rules: Rules) -> str:
    title = finding.fix.title if finding.fix else ""
    return f"{inert(title)} ({named(finding.rule, rules)}: {inert(finding.message)})"


def risk_of(finding: Finding) -> str:
    """What a fix may break, and the facts that it rests on."""
    fix = finding.fix
    if fix is None or fix.applicability == "safe":
        return "none known" + (f": {inert(fix.reason)}" if fix is not None and fix.reason else "")
    return inert(fix.reason) or "may stop the workload"


def undo_of(finding: Finding) -> str:
    """How a fix is taken back by hand."""
    fix = finding.fix
    return inert(fix.undo) if fix is not None else ""


def to_patch_reply(
    repair: Repair, before: Mapping[str, bytes], secrets: Mapping[str, Sequence[tuple[int, int]]]
) -> str:
    """What a fork gets instead of a pull request: a patch for `git apply`.

    `secrets` holds, by file, the lines (first, last) that must not be repeated.
    """
    lead = "This pull request comes from a fork, where podsec does not push."
    if not repair.files:
        return f"{lead} There is nothing that can be fixed safely."
    parts: list[str] = []
    hidden: list[str] = []
    for path, data in sorted(repair.files.items()):
        patch = _fitting(path, before[path], data, secrets.get(path, ()))
        if patch is None or sum(map(len, (*parts, patch))) > _LONGEST_PATCH:
            hidden.append(path)
        else:
            parts.append(patch)
    return "\n\n".join([lead, *_patched("".join(parts)), *_hidden(hidden)])


def _patched(patch: str) -> list[str]:
    if not patch:
        return []
    how = "Save the patch as `podsec.patch` and run `git apply podsec.patch`:"
    return [f"{how}\n\n{fenced('diff', patch.removesuffix(chr(10)).split(chr(10)))}"]


def _hidden(paths: Sequence[str]) -> list[str]:
    if not paths:
        return []
    listed = table(("file",), [(code(path),) for path in paths], 4_000)
    text = (
        "Run `podsec fix` on your branch for these files: a comment would be too short for their "
        "patch, would spoil its characters, or would repeat a secret."
    )
    return [f"{text}\n\n{listed}"]


def _fitting(
    path: str, before: bytes, after: bytes, secrets: Sequence[tuple[int, int]]
) -> str | None:
    """The diff of a file, or None where a comment cannot hold it.

    Comments lose carriage returns and bytes that are not UTF-8; git quotes some paths; and no row
    may repeat a line of `secrets`.
    """
    if b"\r" in before or _QUOTED.search(path) or not (_is_text(before) and _is_text(after)):
        return None
    patch = unified(path, before, after)
    shown = [_old_lines(row) for row in patch.split("\n") if row.startswith("@@")]
    if any(first <= end and start <= last for first, last in shown for start, end in secrets):
        return None
    return patch


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def unified(path: str, before: bytes, after: bytes) -> str:
    """A diff that `git apply` takes, final newlines and carriage returns included."""
    old = _terminated(before.decode("utf-8", "replace"))
    new = _terminated(after.decode("utf-8", "replace"))
    rows = difflib.unified_diff(old, new, fromfile=f"a/{path}", tofile=f"b/{path}")
    return "".join(
        row if row.endswith("\n") else row + "\n\\ No newline at end of file\n" for row in rows
    )


def _old_lines(header: str) -> tuple[int, int]:
    """The lines, first and last, that a hunk shows of the old text."""
    start, _, length = header.split(" ")[1].removeprefix("-").partition(",")
    return int(start), int(start) + int(length or 1) - 1


def _terminated(text: str) -> list[str]:
    """Lines with their breaks; only a line feed ends one, as for git."""
    *whole, last = text.split("\n")
    lines = [line + "\n" for line in whole]
    return [*lines, last] if last else lines
