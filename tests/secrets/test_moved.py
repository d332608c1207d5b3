"""Every kind of secret is moved to a Secret, or podsec says what to do; its value is shown nowhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.engine.read import load
from bot.kubernetes.workload import CONTAINER_LISTS, reach
from bot.yamlpatch import read
from bot.yamlpatch.comments import comments
from tests.conftest import ROOT
from tests.e2e.conftest import World, contract, played, world
from tests.secrets.sown import Sown, field

__all__ = ["contract", "played", "world"]
FIELD = field("one")
MOVED = [one for one in FIELD.sown if one.fate == "moved"]
ONLY = ("--rule", "plaintext-secret", "--rule", "secret-in-command")
_REFERENCE = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)")


def podsec(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "bot", *words],
        capture_output=True, text=True, check=False, timeout=170, cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / ".cache")},
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    return done


def sow(folder: Path, files: dict[str, bytes] | Any) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (folder / ".git").mkdir()
    return folder


def found(folder: Path) -> list[dict[str, Any]]:
    """The findings whose places hold a secret."""
    said = json.loads(podsec(folder, "check", ".", "--format", "json").stdout)["findings"]
    return [one for one in said if "clear text" in one["message"] or "committed" in one["message"]]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sow(tmp_path_factory.mktemp("before"), FIELD.files)


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The repository after `podsec fix --unsafe`, and what that said."""
    folder = sow(tmp_path_factory.mktemp("after"), FIELD.files)
    done = podsec(folder, "fix", "--unsafe", *ONLY, ".")
    return folder, done.stdout + done.stderr


@pytest.fixture(scope="module")
def after(said: tuple[Path, str]) -> Path:
    return said[0]


def letters(text: str) -> str:
    """A value may also leak as a name that is made of it."""
    return re.sub(r"[^A-Z0-9\n]", "", text.upper())


def leaked(text: str) -> list[str]:
    plain = letters(text)
    return sorted(
        mark
        for mark in FIELD.marks
        if mark in text or (len(letters(mark)) >= 10 and letters(mark) in plain)
    )


def test_at_least_forty_kinds_are_sown() -> None:
    assert len({one.kind for one in FIELD.sown}) >= 40
    assert len(FIELD.marks) >= 200


@pytest.mark.parametrize("one", FIELD.sown, ids=lambda one: f"{one.file}: {one.kind}")
def test_a_secret_is_moved_or_advised(one: Sown, after: Path) -> None:
    text = (after / one.file).read_text(encoding="utf-8")
    held = [mark for mark in FIELD.marks if mark in one.value]
    if one.fate == "advised":
        assert all(mark in text for mark in held)
    else:
        assert [mark for mark in held if mark in text] == []


def test_what_is_left_is_advised_and_all_else_is_gone(before: Path, after: Path) -> None:
    left = found(after)
    assert {one["fix"] for one in left} == {"advice"}
    assert len(left) == len([one for one in FIELD.sown if one.fate == "advised"])
    assert len(found(before)) - len(left) >= 200


def test_no_output_of_the_command_line_holds_a_value(said: tuple[Path, str], before: Path) -> None:
    assert leaked(said[1]) == []
    assert "read -rs -p" in said[1]
    for form in ("text", "json", "sarif", "junit", "github", "markdown"):
        assert leaked(podsec(before, "check", ".", "--format", form).stdout) == [], form
    done = podsec(before, "fix", "--unsafe", *ONLY, "--diff", ".")
    new = [row for row in done.stdout.splitlines() if row.startswith("+")]
    assert len(new) > 200
    assert leaked("\n".join(new)) == []
    assert leaked(done.stderr) == []


def test_what_is_said_does_not_depend_on_the_values(tmp_path: Path) -> None:
    rest = {name for name in FIELD.files if not name.startswith("planted/")}
    outputs = []
    for seed in ("one", "two"):
        sown = field(seed)
        folder = sow(tmp_path / seed, {name: sown.files[name] for name in rest})
        done = podsec(folder, "fix", "--unsafe", *ONLY, ".")
        outputs.append(done.stdout + done.stderr)
        texts = {name: (folder / name).read_bytes() for name in sorted(rest)}
        for one in sown.sown:  # what stays is the user's own: only its place may differ
            value = one.value.encode()
            if one.fate == "advised":
                texts = {name: text.replace(value, b"@") for name, text in texts.items()}
        outputs.append(repr({n: re.sub(rb"\$\$\w+", b"", t) for n, t in texts.items()}))
    assert outputs[:2] == outputs[2:]


def test_a_second_run_changes_nothing(after: Path) -> None:
    texts = {path: path.read_bytes() for path in after.rglob("*.*") if path.is_file()}
    podsec(after, "fix", "--unsafe", *ONLY, ".")
    assert {path: path.read_bytes() for path in texts} == texts


@pytest.mark.parametrize("name", sorted(FIELD.files))
def test_comments_and_line_ends_stay(name: str, after: Path) -> None:
    old, new = FIELD.files[name], (after / name).read_bytes()
    assert comments(read(new)) == comments(read(old))
    assert (b"\r\n" in new) == (b"\r\n" in old)
    assert new.replace(b"\r\n", b"").count(b"\n") == 0 or b"\r" not in old


Containers = Iterator[tuple[tuple[str, str, str], dict[str, Any]]]


def containers(folder: Path) -> Containers:
    """Every container, by file, workload and name."""
    for name in sorted(FIELD.files):
        manifests, _ = load(name, (folder / name).read_bytes())
        for manifest in manifests:
            pod = reach(manifest.data, manifest.pod_path) if manifest.pod_path else {}
            for which in CONTAINER_LISTS:
                for one in pod.get(which) or ():
                    yield (name, manifest.name, one["name"]), one


def literals(one: dict[str, Any]) -> dict[str, str]:
    return {e["name"]: str(e["value"]) for e in one.get("env", ()) if "value" in e}


def references(one: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """The keys of Secrets by the variable that reads them."""
    sources = {e["name"]: e["valueFrom"] for e in one.get("env", ()) if "valueFrom" in e}
    assert all("value" not in e or "valueFrom" not in e for e in one.get("env", ()))
    return {
        name: (source["secretKeyRef"]["name"], source["secretKeyRef"]["key"])
        for name, source in sources.items()
    }


def solved(old: str, new: str) -> dict[str, str]:
    """What the references of a new text must stand for so that it says the same as the old one."""
    if old == new:
        return {}
    names = _REFERENCE.findall(new)
    parts = [re.escape(part) for part in _REFERENCE.split(new)[::2]]
    match = re.fullmatch("(.*)".join(parts), old, re.DOTALL)
    assert match is not None
    return dict(zip(names, match.groups(), strict=True))


def test_every_container_gets_what_it_got_before(before: Path, after: Path) -> None:
    """A key stands for one value wherever it is read; equal values of a namespace share a key."""
    keys: dict[tuple[str, str], set[str]] = defaultdict(set)
    homes: dict[str, set[tuple[str, str]]] = defaultdict(set)
    new = dict(containers(after))
    for place, old in containers(before):
        now = new[place]
        env, read_by = literals(old), references(now)
        meant = {name: value for name, value in env.items() if name in read_by}
        pairs = [(value, literals(now)[name]) for name, value in env.items() if name not in meant]
        for field_ in ("command", "args"):
            pairs += zip(old.get(field_, ()), now.get(field_, ()), strict=True)
        for old_text, new_text in pairs:
            for name, value in solved(old_text, new_text).items():
                assert meant.setdefault(name, value) == value, place
        for name, value in meant.items():
            keys[read_by[name]].add(value)
            homes[value].add(read_by[name])
    assert len(keys) >= 200
    assert [key for key, meant_by in keys.items() if len(meant_by) != 1] == []
    assert [value for value, places in homes.items() if len(places) != 1] == []


def test_a_variable_stands_before_the_one_that_refers_to_it(after: Path) -> None:
    for place, one in containers(after):
        names: list[str] = []
        for entry in one.get("env", ()):
            referred = _REFERENCE.findall(str(entry.get("value", "")))
            assert set(referred) <= set(names), place
            names.append(entry["name"])
        assert len(names) == len(set(names)), place


def test_nothing_new_is_a_secret_with_a_value(after: Path) -> None:
    texts = [path.read_text(encoding="utf-8") for path in after.rglob("*.yaml")]
    kinds = [one.get("kind") for text in texts for one in yaml.safe_load_all(text) if one]
    assert kinds.count("Secret") == 1  # the one that was there


def test_a_pull_request_moves_them_in_a_draft_of_its_own(world: World) -> None:
    files = {name: data for name, data in FIELD.files.items() if not name.startswith("planted/")}
    shop = world.shop()
    number = shop.open(files)
    assert shop.say(number, "/podsec fix") == ["eyes", "rocket"]
    pulls = {pull["head"]["ref"]: pull for pull in shop.followups(number)}
    draft = pulls[f"podsec/fix/{number}-secrets"]
    assert draft["draft"]
    assert "Needs Secrets before the merge" in draft["body"]
    assert "- [ ] Create the Secret" in draft["body"]
    assert "- [ ] Replace every value that was moved" in draft["body"]
    outputs = {"logs": world.logs}
    # GitHub itself shows the author's lines beside a comment, as its `diff_hunk`
    outputs["comments"] = repr([comment["body"] for comment in shop.comments(number)])
    outputs["conversation"] = repr(shop.repository.comments(number))
    outputs["reviews"] = repr(shop.repository.reviews(number))
    for ref, pull in pulls.items():
        outputs[f"pull request {ref}"] = repr(pull)
        outputs[f"commit of {ref}"] = shop.repository.message(ref)
        rows = shop.repository.diff("feature", ref).split("\n")
        outputs[f"new lines of {ref}"] = "\n".join(row for row in rows if row.startswith("+"))
        outputs[f"checks of {ref}"] = repr(shop.repository.check_runs(pull["head"]["sha"]))
    outputs["checks"] = repr(shop.repository.check_runs(shop.head(number)))
    for path in world.folder.glob("podsec.db*"):
        outputs[f"database {path.name}"] = path.read_bytes().decode("utf-8", "replace")
    assert len(outputs) > 15
    assert "valueFrom" in outputs[f"new lines of podsec/fix/{number}-secrets"]
    for name, output in outputs.items():
        assert output, name
        assert leaked(output) == [], name
    moved = {n: shop.repository.read(draft["head"]["ref"], n) or b"" for n in files}
    for one in MOVED:
        text = moved.get(one.file, b"").decode()
        assert [mark for mark in FIELD.marks if mark in one.value and mark in text] == [], one.kind


def test_a_pull_request_with_nothing_else_to_fix_says_so_to_fix_safe(world: World) -> None:
    shop = world.shop()
    number = shop.open({"commands/twin.yaml": FIELD.files["commands/twin.yaml"]})
    shop.say(number, "/podsec fix safe")
    assert [
        pull for pull in shop.followups(number) if pull["head"]["ref"].endswith("secrets")
    ] == []
