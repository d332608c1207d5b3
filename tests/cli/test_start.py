"""`podsec check FILE` starts fast: it loads no job engine, no web framework, no client."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import SOFT
from tests.conftest import ROOT

HEAVY = frozenset(
    {
        *("dbos", "sqlalchemy", "psycopg", "fastapi", "starlette", "uvicorn", "jinja2"),
        *("github", "git", "requests", "httpx", "urllib3", "graphql", "asyncio", "cryptography"),
        *("jsonschema", "markdown_it", "xml", "zoneinfo"),
    }
)
# of our own: what renders, maps and draws, where there is nothing to render
LATER = ("bot.engine.gitops", "bot.adapters.renderers", "bot.engine.network", "bot.cli.map")
REPORT = """
import sys
from bot.cli import main
try:
    main()
except SystemExit as left:
    assert left.code in (0, 1), left.code
print('\\n'.join({*sys.modules, *(name.partition('.')[0] for name in sys.modules)}), file=sys.stderr)
"""


@pytest.mark.parametrize("command", ["check", "fix"])
def test_checking_a_file_loads_nothing_heavy(command: str, tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(SOFT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", REPORT, command, "pod.yaml"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stderr.splitlines())
    assert "bot" in loaded
    assert loaded & HEAVY == set()
    if command == "check":
        assert {name for name in loaded if name.startswith(LATER)} == set()
