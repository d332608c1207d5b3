"""How far podsec goes, by the names of repositories."""

from __future__ import annotations

import pytest

from bot.config import read_layer
from bot.config.rollout import rollout_of
from bot.errors import ConfigError
from bot.model.rollout import Rollout

FILE = b"""\
rollout:
- repositories: acme/*
  mode: observe
- repositories: [acme/shop, Acme/Pay-*]
  mode: enforce
  failOn: critical
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("acme/other", Rollout(mode="observe")),
        ("ACME/shop", Rollout(mode="enforce", fail_on="critical")),
        ("acme/pay-roll", Rollout(mode="enforce", fail_on="critical")),
        ("acme-labs/shop", Rollout(mode="advise")),
        ("other/acme", Rollout(mode="advise")),
    ],
)
def test_the_last_entry_that_fits_a_repository_holds(name: str, expected: Rollout) -> None:
    layer = read_layer(FILE, "operator.yaml", "operator")
    assert rollout_of(layer, "advise", name) == expected
    assert rollout_of(None, "observe", name) == Rollout(mode="observe")


@pytest.mark.parametrize("kind", ["repository", "organisation"])
def test_only_an_operator_says_how_far_podsec_goes(kind: str) -> None:
    with pytest.raises(ConfigError, match="only an operator's config may say how far podsec goes"):
        read_layer(FILE, ".podsec.yaml", kind)  # type: ignore[arg-type]  # one of the two
