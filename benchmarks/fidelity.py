"""What edits of real manifests change beside what they mean to: podsec beside ruamel.yaml.

Run: python -m benchmarks.fidelity. Part one makes the same edits with both and counts lines; part
two runs every fix, the unsafe ones too, over all manifests of the corpora.
"""

from __future__ import annotations

import difflib
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_bytes
from typing import TypeAlias

from benchmarks.measure import table
from benchmarks.trees import others, shared
from bot.config import DEFAULT
from bot.engine.fix import Fixed
from bot.engine.read import load
from bot.engine.secret_moves import Moves
from bot.model.change import ChangedFile, ChangeSet
from bot.rule.load import load_rules
from bot.workflows.check_path import Asked, check_files
from bot.workflows.fix_path import fix_files
from bot.yamlpatch import Node, Patch, Refused, Stream, Unreadable, edit, read
from bot.yamlpatch.comments import comments
from tests.yamlpatch import oracle
from tests.yamlpatch.corpora import KINDS, manifests, old_lines_lost, pods, unrelated

Place: TypeAlias = tuple[str | int, ...]


def noise(before: str, after: str, smallest: int) -> int:
    """Lines that a diff shows beyond the `smallest` that the edit needs."""
    return max(0, changed_lines(before, after) - smallest)


def changed_lines(before: str, after: str) -> int:
    """Added and removed lines of a line diff."""
    matcher = difflib.SequenceMatcher(None, before.split("\n"), after.split("\n"), autojunk=False)
    steps = (step for step in matcher.get_opcodes() if step[0] != "equal")
    return sum(last - first + new_last - new_first for _, first, last, new_first, new_last in steps)


# -- part one: single edits, side by side


@dataclass(slots=True)
class Tally:
    """What became of one kind of edit over all files."""

    files: int = 0
    podsec_made: int = 0
    podsec_noise: int = 0
    podsec_wrong: int = 0
    lost: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    ruamel_made: int = 0
    ruamel_clean: int = 0
    ruamel_noise: int = 0

    def row(self, kind: str) -> list[str]:
        """A row of the table."""
        return [
            kind,
            str(self.files),
            f"{self.podsec_made}/{self.files}",
            str(self.podsec_noise),
            str(self.podsec_wrong),
            str(self.lost),
            f"{self.ruamel_clean}/{self.ruamel_made}",
            str(self.ruamel_noise),
        ]


def single_edits(files: dict[str, bytes]) -> dict[str, Tally]:
    """Every kind of edit on every file that has a place for it."""
    tallies = {kind: Tally() for kind in KINDS}
    for data in files.values():
        found = pods(data)
        for kind, make in KINDS.items():
            patches = make(found)
            if patches:
                one_edit(data, patches, tallies[kind])
    return tallies


def one_edit(data: bytes, patches: Sequence[Patch], tally: Tally) -> None:
    """Make one edit with both, and count."""
    tally.files += 1
    try:
        edited = edit(data, patches)
    except Refused as refused:
        tally.refused[refused.reason] += 1
        return
    before, after = data.decode(), edited.data.decode()
    tally.podsec_made += 1
    tally.podsec_noise += unrelated(before, after, edited.edits)
    tally.lost += old_lines_lost(before, after)
    wanted = oracle.apply(oracle.read_plainly(before), patches)
    tally.podsec_wrong += not oracle.same(oracle.read_plainly(after), wanted)
    if dumped := by_ruamel(before, patches):
        tally.ruamel_made += 1
        more = min(noise(before, one, changed_lines(before, after)) for one in dumped)
        tally.ruamel_clean += more == 0
        tally.ruamel_noise += more


def by_ruamel(text: str, patches: Sequence[Patch]) -> list[str]:
    """The same edit by ruamel.yaml's round trip, with its guesses of the indentation.

    At its best: quotes are kept, nothing is wrapped, the file's end is put right.
    """
    from ruamel.yaml import YAML  # noqa: PLC0415  # the peer
    from ruamel.yaml.util import load_yaml_guess_indent  # noqa: PLC0415  # the same

    out = []
    try:
        _, indent, offset = load_yaml_guess_indent(text.split("\n---", maxsplit=1)[0])
        for mapping in {2, indent or 2}:
            yaml = YAML()
            yaml.preserve_quotes = True
            yaml.width = 1 << 20
            yaml.explicit_start = text.startswith("---")  # type: ignore[assignment]  # None there
            yaml.indent(mapping=mapping, sequence=indent or 2, offset=offset or 0)
            stream = io.StringIO()
            yaml.dump_all(oracle.apply(list(yaml.load_all(text)), patches), stream)
            end = text[len(text.rstrip("\n")) :]
            out.append(stream.getvalue().rstrip("\n") + end)
    except Exception:  # noqa: BLE001  # whatever it raises, it did not make the edit
        return []
    return out


# -- part two: all fixes of all rules


@dataclass(slots=True)
class Whole:
    """What `podsec fix --unsafe` did to all files."""

    files: int = 0
    judged: int = 0
    changed: int = 0
    findings: int = 0
    applied: int = 0
    left: Counter[str] = field(default_factory=Counter)
    noise: int = 0
    comments: int = 0
    unreadable: int = 0
    different: int = 0
    again: int = 0

    def rows(self) -> list[list[str]]:
        """The rows of the table."""
        return [
            ["files", str(self.files)],
            ["files with Kubernetes objects", str(self.judged)],
            ["findings", str(self.findings)],
            ["fixed", str(self.applied)],
            ["files changed", str(self.changed)],
            ["changed lines that are not part of a fix", str(self.noise)],
            ["comments lost, moved or changed", str(self.comments)],
            ["changed files that do not parse again", str(self.unreadable)],
            ["changed files that mean something else than the patches say", str(self.different)],
            ["files that a second run changes", str(self.again)],
        ]


def all_fixes(files: dict[str, bytes]) -> Whole:
    """Every fix, the unsafe ones too, on every file; then once more."""
    whole = Whole(files=len(files))
    first = run(files, whole)
    after = files | {name: fixed.data for name, fixed in first.items()}
    second = run(after, Whole())
    whole.again = sum(fixed.data != after[name] for name, fixed in second.items())
    for name, fixed in first.items():
        compare(files[name], fixed, whole)
    return whole


def run(files: dict[str, bytes], whole: Whole) -> dict[str, Fixed]:
    """What `podsec fix --unsafe` makes of a directory, by its own workflow."""
    changes = ChangeSet(
        files=tuple(map(as_file, files.items())), builds=tuple(map(as_file, others()))
    )
    asked = Asked(
        rules=load_rules(),
        config=DEFAULT,
        today=datetime.now(UTC).date(),
        is_complete=True,
        is_informed=True,
    )
    report, view = check_files(changes, asked)
    whole.judged = sum(1 for name, data in files.items() if load(name, data)[0])
    moves = Moves(report.findings, view, token_bytes(32))
    done = {one.path: one for one in fix_files(changes, report, asked, view, moves, unsafe=True)}
    whole.findings = len(report.findings)
    for fixed in done.values():
        whole.applied += len(fixed.applied)
        whole.left.update(why for _, why in fixed.left)
    return done


def as_file(pair: tuple[str, bytes]) -> ChangedFile:
    """A file of the directory: all of it counts."""
    return ChangedFile(path=pair[0], status="added", data=pair[1])


def compare(before: bytes, fixed: Fixed, whole: Whole) -> None:
    """Hold a changed file against what it was and what its fixes say."""
    if fixed.data == before:
        return
    whole.changed += 1
    try:
        old, new = read(before), read(fixed.data)
    except Unreadable:
        whole.unreadable += 1
        return
    whole.comments += comments(old) != comments(new)
    patches = [patch for finding in fixed.applied if finding.fix for patch in finding.fix.patches]
    expected = oracle.apply(oracle.read_plainly(old.text), patches)
    whole.different += not oracle.same(oracle.read_plainly(new.text), expected)
    whole.noise += noisy_lines(old, new)


def noisy_lines(old: Stream, new: Stream) -> int:
    """Lines of a line diff that hold nothing whose meaning has changed, by the trees of both."""
    one, other = Spots(old), Spots(new)
    removed, added = one.lines_of_change(other), other.lines_of_change(one)
    matcher = difflib.SequenceMatcher(
        None, old.text.split("\n"), new.text.split("\n"), autojunk=False
    )
    count = 0
    for tag, first, last, new_first, new_last in matcher.get_opcodes():
        if tag != "equal":
            count += sum(line not in removed for line in range(first, last))
            count += sum(line not in added for line in range(new_first, new_last))
    return count


class Spots:
    """What each place of a file holds, and on which lines (from 0) it stands."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._leaves: dict[Place, tuple[str, range]] = {}
        self._holders: dict[Place, tuple[bool, range]] = {}
        """By place: whether it is a flow collection, and its lines from its key on."""
        for document in stream.documents:
            if document.root is not None:
                self._walk(document.root, (document.index,), document.root.start)

    def _walk(self, node: Node, place: Place, start: int) -> None:
        first, last = (self._stream.line_of(at) - 1 for at in (start, self._stream.tail(node)))
        lines = range(first, max(first, last) + 1)
        if not node.pairs and not node.items:
            self._leaves[place] = f"{node.kind} {node.plain} {node.text}", lines
            return
        self._holders[place] = node.flow, lines
        for key, value in node.pairs:
            self._walk(value, (*place, key.resolved.text), key.start)
        for index, item in enumerate(node.items):
            self._walk(item, (*place, index), item.start)

    def _changed(self, other: Spots) -> set[Place]:
        """The leaves that the other file has not, or has otherwise."""
        return {
            place
            for place, (what, _) in self._leaves.items()
            if place not in other._leaves or other._leaves[place][0] != what
        }

    def lines_of_change(self, other: Spots) -> set[int]:
        """The lines of what the other file lacks or has otherwise.

        A collection that is new counts by its first line, one in flow style by all of its lines.
        """
        changed = self._changed(other)
        around = {p[:depth] for p in changed | other._changed(self) for depth in range(len(p) + 1)}
        found = {line for place in changed for line in self._leaves[place][1]}
        for place in around & self._holders.keys():
            flow, lines = self._holders[place]
            if flow:
                found.update(lines)
            elif place not in other._holders:
                found.add(lines.start)
        return found


def main() -> None:
    """Print both tables."""
    files = manifests(shared())
    tallies = single_edits(files)
    print("Single edits of real manifests. Lines: of a line diff. Noise: lines beyond the edit.\n")
    head = ["edit", "files", "podsec: made", "noise", "wrong", "old lines lost"]
    head += ["ruamel.yaml: clean", "noise"]
    print(table(head, [tally.row(kind) for kind, tally in tallies.items()]))
    refused = Counter[str]()
    for tally in tallies.values():
        refused += tally.refused
    for reason, count in refused.most_common():
        print(f"  refused {count}: {reason}")
    whole = all_fixes(files)
    print("\nEvery fix of every rule, the unsafe ones too, on all manifests of the corpora.\n")
    print(table(["podsec fix --unsafe", ""], whole.rows()))
    print("\nWhat was not fixed, and why:")
    for reason, count in whole.left.most_common(12):
        print(f"  {count:5} {reason[:90]}")


if __name__ == "__main__":
    main()
