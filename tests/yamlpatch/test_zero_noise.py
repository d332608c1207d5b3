"""Every fix of every rule on all real manifests: nothing changes but what the patches say."""

from __future__ import annotations

from pathlib import Path

from benchmarks.fidelity import all_fixes
from tests.yamlpatch.corpora import manifests


def test_all_fixes_of_real_manifests_change_nothing_else(shared: Path) -> None:
    whole = all_fixes(manifests(shared))
    assert whole.changed > 150
    assert whole.applied > 1000
    assert whole.noise == 0
    assert whole.comments == 0
    assert whole.unreadable == 0
    assert whole.different == 0
    assert whole.again == 0
