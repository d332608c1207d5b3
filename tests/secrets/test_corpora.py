"""How right the detection is on real manifests, by the labels beside this file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.config import DEFAULT
from bot.engine.check import Checker
from bot.engine.read import load
from bot.kubernetes.secret import classify
from bot.rule.load import Rules, load_rules
from tests.secrets.corpora import Labels, entries, labels, unpack
from tests.secrets.measure import Score

FLOOR = 0.95
NAMED = re.compile(r" in '([^']+)': ")


@pytest.fixture(scope="session")
def corpora(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return unpack(shared, tmp_path_factory.mktemp("corpora"))


def measured(root: Path, said: Labels) -> Score:
    score = Score()
    for entry in entries(root):
        place = (entry.file, entry.container, entry.name)
        found = bool(classify(entry.name, entry.value))
        score.add(" ".join(place), found=found, secret=place in said.secrets)
    return score


def total(file: str, corpora: dict[str, Path]) -> Score:
    """The score over all corpora of a file of labels that are at hand; each one's is printed."""
    score = Score()
    for corpus, said in labels(file).items():
        if corpus in corpora:
            one = measured(corpora[corpus], said)
            print(f"{corpus}: {said.entries} entries: {one}")
            score.hits += one.hits
            score.false += one.false
            score.missed += one.missed
    print(f"all of {file}: {score}")
    return score


def test_the_labels_are_of_the_corpora_as_they_are(corpora: dict[str, Path]) -> None:
    for corpus, said in labels("labels.yaml").items():
        found = list(entries(corpora[corpus]))
        assert len(found) == said.entries, corpus
        assert len({(entry.name, entry.value) for entry in found}) == said.distinct, corpus
        places = {(entry.file, entry.container, entry.name) for entry in found}
        assert said.secrets <= places, corpus


@pytest.mark.parametrize("file", ["labels.yaml", "labels-held-out.yaml"])
def test_precision_and_recall_on_the_corpora(file: str, corpora: dict[str, Path]) -> None:
    """Those that the detection was not tuned on count where they are among the shared ones."""
    score = total(file, corpora)
    assert score.precision >= FLOOR, score.false
    assert score.recall >= FLOOR, score.missed


def test_the_rule_finds_what_the_labels_name_and_nothing_else(corpora: dict[str, Path]) -> None:
    rule = load_rules().get("plaintext-secret")
    assert rule is not None
    checker = Checker(Rules((rule,)), DEFAULT)
    for corpus, said in labels("labels.yaml").items():
        root = corpora[corpus]
        found = set()
        for path in sorted((*root.rglob("*.yaml"), *root.rglob("*.yml"))):
            file = str(path.relative_to(root))
            for finding in checker.check(load(file, path.read_bytes())[0]):
                named = NAMED.search(finding.message)
                assert named is not None
                container = f"{finding.kind}/{finding.name}/{finding.container}"
                found.add((finding.file, container, named[1]))
        assert found == said.secrets, corpus
