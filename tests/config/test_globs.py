"""Globs over paths and names."""

from __future__ import annotations

import pytest

from bot.config import Paths
from bot.config.globs import below, matches

FITS = [
    ("deploy", "deploy/a.yaml"),
    ("deploy", "x/deploy/a.yaml"),
    ("deploy/", "x/deploy/a/b.yaml"),
    ("*.yaml", "x/y/a.yaml"),
    ("deploy/*.yaml", "deploy/a.yaml"),
    ("deploy/**", "deploy/a/b/c.yaml"),
    ("**/base/*.yaml", "base/a.yaml"),
    ("**/base/*.yaml", "x/y/base/a.yaml"),
    ("deploy/**/web.yaml", "deploy/web.yaml"),
    ("deploy/**/web.yaml", "deploy/a/b/web.yaml"),
    ("/deploy/a", "deploy/a/b.yaml"),
    ("app-?.yaml", "app-1.yaml"),
    ("app-[12].yaml", "app-2.yaml"),
    ("app-[!12].yaml", "app-3.yaml"),
    ("a+(b).yaml", "a+(b).yaml"),
]
MISSES = [
    ("deploy", "deployment/a.yaml"),
    ("deploy", "mydeploy/a.yaml"),
    ("deploy/*.yaml", "deploy/x/a.yaml"),
    ("deploy/*.yaml", "x/deploy/a.yaml"),
    ("/deploy/a", "x/deploy/a/b.yaml"),
    ("*.yaml", "a.yml"),
    ("app-[!12].yaml", "app-1.yaml"),
    ("a.yaml", "aXyaml"),
    ("app-?.yaml", "app-/.yaml"),
]


@pytest.mark.parametrize(("glob", "path"), FITS)
def test_a_glob_fits_its_paths(glob: str, path: str) -> None:
    assert matches(glob, path, is_path=True)


@pytest.mark.parametrize(("glob", "path"), MISSES)
def test_a_glob_fits_no_other_path(glob: str, path: str) -> None:
    assert not matches(glob, path, is_path=True)


def test_a_glob_over_names_knows_no_folders() -> None:
    assert matches("web-*", "web-a/b", is_path=False)
    assert matches("*", "", is_path=False)
    assert not matches("web", "web-1", is_path=False)


def test_include_and_exclude_work_together() -> None:
    paths = Paths(include=("deploy",), exclude=("deploy/old", "*.tmpl.yaml"))
    assert paths.hold("deploy/a.yaml")
    assert not paths.hold("other/a.yaml")
    assert not paths.hold("deploy/old/a.yaml")
    assert not paths.hold("deploy/a.tmpl.yaml")


def test_who_names_an_excluded_folder_wants_it_judged() -> None:
    paths = Paths(exclude=("fixtures", "old"))
    assert not paths.hold("x/fixtures/a.yaml")
    inside = paths.asked_for("x/fixtures")
    assert inside.hold("x/fixtures/a.yaml")
    assert not inside.hold("x/fixtures/old/a.yaml")


@pytest.mark.parametrize(
    ("glob", "expected"),
    [("*.yaml", "a/b/**/*.yaml"), ("x/y", "a/b/x/y"), ("/x", "a/b/x"), ("old/", "a/b/**/old/")],
)
def test_a_glob_of_a_folder_is_one_of_the_root(glob: str, expected: str) -> None:
    assert below(glob, "a/b") == expected
    assert below(glob, "") == glob
