"""How much of the hardening that charts lack gets a proved fix.

Run: python -m benchmarks.charts [PATH ...] [--why].

Without a path it reads the corpora of ../shared and the fixture repositories. Needs helm on PATH,
or the tools of the tests. A chart counts as hardened where every hardening of its containers that
the engine has a fix for is proved by rendering, in its values or its templates; what the engine
has no fix for is printed beside. Public charts are given as paths: none is kept in the repository.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import table
from benchmarks.trees import ROOT, members
from bot.adapters.renderers import Helm
from bot.config import DEFAULT
from bot.engine.check import Checker
from bot.engine.helm.chart import Content, charts_of
from bot.engine.helm.judge import judge
from bot.engine.helm.marks import is_template
from bot.engine.helm.mend import ChartFixed, ChartFixer
from bot.engine.helm.rendering import ChartSource
from bot.engine.helm.value_sets import value_sets
from bot.engine.read import load
from bot.kubernetes.custom_kinds import KNOWN
from bot.model.finding import Finding
from bot.rule.load import load_rules

HARDENING = frozenset(
    {
        "privilege-escalation",
        "privileged-container",
        "root-user",
        "root-uid",
        "undropped-capabilities",
        "unset-seccomp",
        "writable-root-filesystem",
    }
)
_LARGEST = 2_000_000


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one chart."""

    folder: str
    fixed: ChartFixed
    seconds: float
    renders: int

    @property
    def wanted(self) -> int:
        """Hardening findings of containers that the engine has a fix for, done or not."""
        return self.done + sum(1 for one, _ in self.fixed.left if _has_fix(one))

    @property
    def done(self) -> int:
        """Of these, those that are proved."""
        return sum(1 for one in self.fixed.applied if _is_hardening(one))

    @property
    def advised(self) -> int:
        """Hardening findings that the engine only has advice for."""
        return sum(1 for one, _ in self.fixed.left if _is_hardening(one) and one.fix is None)

    @property
    def numbers(self) -> tuple[int, int, int, int]:
        """What the table shows."""
        return self.done, self.wanted, self.advised, self.renders

    @property
    def by(self) -> str:
        """What was edited."""
        templates = any(map(is_template, self.fixed.files))
        values = any(not is_template(path) for path in self.fixed.files)
        return "+".join(n for n, is_so in (("values", values), ("template", templates)) if is_so)


def _is_hardening(finding: Finding) -> bool:
    return finding.rule in HARDENING


def _has_fix(finding: Finding) -> bool:
    return _is_hardening(finding) and finding.fix is not None


def content(root: Path) -> Content:
    """The files of a tree, but for what is too large to be a chart's."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.parts and path.stat().st_size < _LARGEST
    }


def corpora() -> Iterator[tuple[str, Content]]:
    """The trees of the corpora, by name."""
    found: dict[str, dict[str, bytes]] = {}
    for name, data in members():
        tree, _, path = name.partition("/")
        found.setdefault(tree, {})[path] = data
    return iter(found.items())


def outcomes(name: str, files: Content, program: str | None) -> Iterator[Outcome]:
    """Each chart of a tree, judged and fixed with the unsafe fixes too."""
    rules = load_rules()
    objects = [
        manifest
        for path, data in files.items()
        if path.endswith((".yaml", ".yml")) and not is_template(path)
        for manifest in load(path, data)[0]
    ]
    helm = Helm(program)
    for chart in charts_of(files):
        start, before = time.perf_counter(), helm.renders
        source = ChartSource(chart, files, helm.render, KNOWN)
        sets = value_sets(chart, files, objects)
        report = judge(source, sets, Checker(rules, DEFAULT), complete=True)
        fixed = ChartFixer(rules, DEFAULT, complete=True, unsafe=True).fix(report)
        yield Outcome(
            folder=f"{name}/{chart.folder}",
            fixed=fixed,
            seconds=time.perf_counter() - start,
            renders=helm.renders - before,
        )


def main(arguments: Sequence[str]) -> int:
    """Print a row a chart, then the share."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--helm", help="the program, where it is not on PATH")
    parser.add_argument("--why", action="store_true", help="say what is left, and why")
    given = parser.parse_args(arguments)
    trees = [(path.name, content(path)) for path in given.paths]
    if not trees:
        fixtures = sorted((ROOT / "fixtures" / "repos").glob("*/repo"))
        trees = [*corpora(), *((path.parent.name, content(path)) for path in fixtures)]
    found = [one for tree in trees for one in outcomes(*tree, given.helm)]
    needy = [one for one in found if one.wanted]
    rows = [[one.folder, *map(str, one.numbers), one.by, f"{one.seconds:.1f}"] for one in needy]
    print(table(["chart", "proved", "fixable", "advice", "renders", "by", "seconds"], rows))
    whole = sum(1 for one in needy if one.done == one.wanted)
    done, wanted = sum(one.done for one in needy), sum(one.wanted for one in needy)
    print(f"{len(found)} charts, {len(needy)} lack hardening that the engine has a fix for")
    print(f"charts hardened by a proved fix: {whole} of {len(needy)} ({whole / len(needy):.0%})")
    print(f"findings: {done} of {wanted} ({done / wanted:.0%})")
    if given.why:
        why = Counter(reason for one in found for f, reason in one.fixed.left if _has_fix(f))
        for reason, number in why.most_common(30):
            print(f"{number:5} {reason}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
