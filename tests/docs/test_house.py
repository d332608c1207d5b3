"""The house rules that a machine can check."""

from __future__ import annotations

import re
import subprocess

from tests.conftest import ROOT

MODULES = sorted([*(ROOT / "bot").rglob("*.py"), *(ROOT / "rules").rglob("*.py")])
HOSTS = re.compile(r"pypi\.org|pythonhosted|registry\.npmjs|proxy\.golang|deb\.debian\.org")


def committed() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_no_module_is_over_400_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {count}"
        for path in MODULES
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    ]
    assert long == []


def test_each_module_opens_with_a_sentence() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in MODULES
        if "/examples/" not in str(path)
        and not path.read_text(encoding="utf-8").startswith(('"""', 'r"""'))
    ]
    assert silent == []


def test_no_committed_file_names_a_package_registry_or_a_path_of_this_machine() -> None:
    named = []
    for name in committed():
        if name == "tests/docs/test_house.py":
            continue
        text = (ROOT / name).read_bytes().decode("utf-8", "replace")
        if HOSTS.search(text) or str(ROOT) + "/" in text:
            named.append(name)
    assert named == []


def test_locked_dependencies_carry_hashes_and_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert "://" not in text
        assert "--index-url" not in text
