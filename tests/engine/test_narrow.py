"""Some findings of a report: the wanted ones count, the others stay in it."""

from __future__ import annotations

import pytest

from bot.engine.narrow import EVERYTHING, Narrow, Spot, chosen, narrowed
from tests.formats.reports import report_on

TWO = """\
apiVersion: v1
kind: Pod
metadata:
  name: pair
spec:
  containers:
  - name: one
    image: myapp:latest
  - name: two
    image: myapp:latest
"""


@pytest.mark.parametrize(
    ("narrow", "containers", "rules"),
    [
        (Narrow(rules=("root-user",)), {"one", "two"}, {"root-user"}),
        (Narrow(paths=("deploy/",)), set(), set()),
        (Narrow(rules=("root-user",), paths=("*.yaml",)), {"one", "two"}, {"root-user"}),
        (Narrow(spot=Spot(path="pod.yaml", lines=(9, 10)), rules=("root-user",)), {"two"}, None),
        (Narrow(spot=Spot(path="other.yaml", lines=(9, 10))), set(), set()),
    ],
)
def test_what_is_wanted_counts_and_nothing_is_dropped(
    narrow: Narrow, containers: set[str], rules: set[str] | None
) -> None:
    report = report_on(pod__yaml=TWO)
    found = narrowed(report, narrow)
    assert len(found.labels) == len(report.labels)
    assert {finding.container for finding in found.introduced} == containers
    assert rules is None or {finding.rule for finding in found.introduced} == rules


def test_a_comment_of_podsecs_means_the_container_that_it_speaks_of() -> None:
    report = report_on(pod__yaml=TWO)
    one = next(f for f in report.introduced if f.container == "one")
    spot = Spot(path="pod.yaml", lines=(9, 10), fingerprints=frozenset({one.fingerprint}))
    assert {f.container for f in chosen(report.introduced, Narrow(spot=spot))} == {"one"}


def test_a_choice_has_a_key_that_is_its_own_and_short() -> None:
    assert EVERYTHING.key == ""
    assert Narrow(rules=("b", "a")).key == Narrow(rules=("a", "b")).key == "a+b"
    long = Narrow(rules=("a" * 40, "b" * 40))
    keys = {long.key, Narrow(paths=("a",)).key, Narrow(spot=Spot(path="a")).key}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {10}
