"""`podsec rules test`: the examples of a repository's own rules are their tests."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bot.cli.home import home_of, own_files
from bot.config import DEFAULT, Config
from bot.engine.check import check, view_of
from bot.engine.fix import fix_file
from bot.engine.read import load
from bot.errors import UserError
from bot.formats.plain import counted, visible
from bot.kubernetes.view import View
from bot.model.finding import Finding
from bot.rule.load import Rules, load_rules
from bot.rule.own import FOLDER, own_rules
from bot.rule.rule import Rule


def run(path: str) -> tuple[str, int]:
    """What to print, and the exit code: 1 where an example does not hold. Raises UserError."""
    root = home_of(path).root
    own = own_rules(own_files(root))
    if not own:
        raise UserError(f"{root / FOLDER}: there is no rule here; one is NAME/rule.yaml")
    rules = load_rules().joined(own)
    lines: list[str] = []
    failed = tested = 0
    for rule in own:
        for name, problem in _tried(rule, root / FOLDER / rule.folder / "examples", rules):
            tested += 1
            failed += bool(problem)
            lines.append(f"{'FAIL' if problem else 'ok  '} {rule.id}: {name}")
            lines += [f"     {line}" for line in problem.splitlines()]
    verdict = f"{failed} failed" if failed else "all hold"
    lines.append(f"{counted(len(own), 'rule')}, {counted(tested, 'example')}: {verdict}.")
    return "\n".join(map(visible, lines)) + "\n", int(failed > 0)


def _tried(rule: Rule, folder: Path, rules: Rules) -> Iterator[tuple[str, str]]:
    """Each example with what is wrong with it; empty where it holds."""
    config = replace(DEFAULT, rules={rule.id: "on"})
    for which in ("pass", "fail"):
        files = sorted(path for path in (folder / which).glob("*") if path.is_file())
        if not files:
            yield f"examples/{which}/", "there is no example here"
        for path in files:
            yield f"examples/{which}/{path.name}", _problem(rule, path, rules, config)


def _problem(rule: Rule, path: Path, rules: Rules, config: Config) -> str:
    data = path.read_bytes()
    manifests, skipped = load(path.name, data)
    if skipped:
        return f"not judged: line {skipped[0].line}: {skipped[0].reason}"
    view = view_of(manifests, complete=True)
    found = [f for f in check(manifests, rules, config, view) if f.rule == rule.id]
    if path.parent.name == "pass":
        return "\n".join(f"line {f.region.line}: {f.message}" for f in found)
    if not found:
        return "the rule finds nothing"
    return _unfixed(rule, path, data, found, rules, config)


def _unfixed(
    rule: Rule, path: Path, data: bytes, found: list[Finding], rules: Rules, config: Config
) -> str:
    """What the fix makes of an example, beside what is recorded in fixed/."""
    if rule.fix_meta is None:
        return ""
    view = View(complete=True)
    fixed = fix_file(path.name, data, found, rules, config, unsafe=True, view=view)
    recorded = path.parent.parent / "fixed" / path.name
    if not recorded.is_file():
        return f"there is no examples/fixed/{path.name}; the fix makes it\n{_text(fixed.data)}"
    expected = recorded.read_bytes()
    if expected == fixed.data:
        return ""
    old, new = _text(expected).splitlines(), _text(fixed.data).splitlines()
    names = f"fixed/{path.name}", "what the fix makes"
    rows = list(difflib.unified_diff(old, new, *names, lineterm=""))
    return "\n".join(rows) or "the line ends differ"


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
