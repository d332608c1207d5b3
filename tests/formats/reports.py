"""Reports for the tests of formats: what checking some files gives."""

from __future__ import annotations

from datetime import date

from bot.config import DEFAULT, Config
from bot.engine.fix import fix_file
from bot.engine.replace import replacements
from bot.model.change import ChangedFile, ChangeSet
from bot.model.finding import Finding, Report
from bot.model.replacement import Replacement
from bot.rule.load import load_rules
from bot.workflows.check_path import Asked, check_files

RULES = load_rules()


def report_on(config: Config = DEFAULT, **files: str) -> Report:
    """A report on files, whose names are written with `__` for a dot."""
    changed = tuple(
        ChangedFile(path=name.replace("__", "."), status="added", data=text.encode())
        for name, text in files.items()
    )
    asked = Asked(rules=RULES, config=config, today=date(2026, 11, 24))
    return check_files(ChangeSet(files=changed), asked)[0]


def fixes(text: str, finding: Finding) -> tuple[Replacement, ...]:
    data = text.encode()
    if finding.remedy != "safe":
        return ()
    fixed = fix_file(finding.file, data, [finding], RULES, DEFAULT, unsafe=False)
    return replacements(data, fixed.data) if fixed.applied else ()


POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: shop
spec:
  containers:
  - name: web
    image: shop:latest # a tag that moves
    env:
    - name: DB_PASSWORD
      value: hunter2-Xq9vT7pL
    securityContext:
      privileged: true
"""
