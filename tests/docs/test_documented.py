"""Is it documented, and is it true?"""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot import errors
from bot.adapters.github.tokens import PERMISSIONS
from bot.cli.commands import app
from bot.config import parse
from bot.config.schema import SCHEMA
from bot.model.permission import APP_PERMISSIONS
from bot.rule.load import load_rules
from bot.rule.own import own_rules
from bot.rule.switches import problems
from bot.sandbox.access import GRANTED
from bot.settings import SETTINGS
from bot.workflows import route
from bot.workflows.run_command import VERBS
from bot.yamlpatch import read
from tests import record
from tests.conftest import ROOT
from tests.docs.test_house import committed
from tests.invariants.test_command_line import podsec

DOCS = ROOT / "docs"
ARTICLE = ROOT / "fixtures" / "repos" / "article" / "repo" / "insecure-pod.yaml"
CHART = ROOT / "fixtures" / "repos" / "shop" / "repo" / "chart" / "templates" / "deployment.yaml"
ADRS = sorted((DOCS / "adr").glob("*.md"))


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_generated_files_are_current() -> None:
    assert record.stale() == [], f"run `{record.REPAIR}` and review the difference"


def test_a_stale_file_is_named_with_the_command_that_repairs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old = tmp_path / "old.md"
    old.write_text("old", encoding="utf-8")
    monkeypatch.setattr(record, "ROOT", tmp_path)
    monkeypatch.setattr(record, "outputs", lambda: {old: b"new"})
    assert record.main(["--check"]) == 1
    assert capsys.readouterr().out.startswith("old.md is not current: run `make record`")
    assert record.main([]) == 0
    assert record.main(["--check"]) == 0


@pytest.mark.parametrize("name", [setting.name for setting in SETTINGS])
def test_each_setting_is_documented(name: str) -> None:
    assert f"| `{name}` |" in text("docs/configuration.md")


def test_each_setting_that_the_code_reads_is_declared() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py"))
    read = set(re.findall(r"\bPODSEC_[A-Z_]+\b", sources))
    # not settings of the service: a switch of the command line, described with the exit codes
    assert read - {"PODSEC_DEBUG"} == {setting.name for setting in SETTINGS}
    assert "PODSEC_DEBUG" in text("docs/json-output.md")


def test_each_key_of_the_config_is_documented_with_a_description() -> None:
    page = text("docs/configuration.md")
    for key, data in record.docs._keys(SCHEMA):
        assert data["description"]
        assert f"| `{key}` |" in page


@pytest.mark.parametrize("verb", VERBS)
def test_each_command_in_comments_is_documented(verb: str) -> None:
    assert f"| `{VERBS[verb].usage}` |" in text("docs/commands.md")
    assert f"`/podsec {verb}`" in text("README.md")


@pytest.mark.parametrize(
    "name", [c.callback.__name__ for c in app.registered_commands if c.callback is not None]
)
def test_each_command_of_the_command_line_is_documented(name: str) -> None:
    assert f"### `podsec {name}`" in text("docs/commands.md")


def test_each_event_is_documented_and_subscribed_to() -> None:
    page = text("docs/events.md")
    for row in route.EVENTS:
        assert f"| `{row.event}` |" in page
        assert row.does in page
    manifest = json.loads(text("deploy/github-app.json"))
    assert set(manifest["default_events"]) == set(route.subscribed())
    # what GitHub sends to every App cannot be subscribed to
    always = {"ping", "installation", "installation_repositories"}
    assert not set(manifest["default_events"]) & always
    assert {row.event for row in route.EVENTS if not row.permission} == always


def test_each_event_comes_with_a_permission_that_the_app_asks_for() -> None:
    asked = json.loads(text("deploy/github-app.json"))["default_permissions"]
    assert set(route.subscribed().values()) <= set(asked)


def test_the_app_manifest_asks_for_what_the_code_needs_and_for_nothing_else() -> None:
    asked = json.loads(text("deploy/github-app.json"))["default_permissions"]
    events_alone = {p.name: p.level for p in APP_PERMISSIONS if not p.in_tokens}
    assert asked == {**events_alone, **PERMISSIONS}
    assert asked == GRANTED  # or the sandbox would allow what GitHub refuses
    assert {**events_alone, **PERMISSIONS} == {**events_alone, **needed()}
    assert set(events_alone) == {"metadata", "merge_queues"}
    for name, level in asked.items():
        assert f"| `{name}` | {level} |" in text("SECURITY.md")
        assert f"| `{name}` | {level} |" in text("docs/events.md")


def needed() -> dict[str, str]:
    """The permissions of every call in adapters/github, as the sandbox's routes know them."""
    from starlette.routing import compile_path

    from bot.sandbox.rest import ROUTES

    routes = [(r.method, compile_path(r.path)[0], r.needs.partition(":")) for r in ROUTES]
    found = {"metadata": "read"}
    for method, path in calls():
        whole = f"/repos/acme/shop{path}"
        needs = [need for verb, shape, need in routes if verb == method and shape.match(whole)]
        assert needs, f"{method} {path} is no route of the sandbox"
        for name, _, level in needs[:1]:
            found[name] = max(level, found.get(name, "read"), key=("read", "write").index)
    return found


VERB = {
    "get": "GET",
    "rows": "GET",
    "pages": "GET",
    "post": "POST",
    "patch": "PATCH",
    "delete": "DELETE",
}


def calls() -> list[tuple[str, str]]:
    """Method and path of each `session.get(...)` and its like, with 1 for what is filled in."""
    found = []
    for source in sorted((ROOT / "bot" / "adapters" / "github").glob("*.py")):
        tree = ast.parse(source.read_text(encoding="utf-8"))
        made = {f.name: f for f in ast.walk(tree) if isinstance(f, ast.FunctionDef)}
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            on = ast.unparse(node.func.value)
            if on in ("session", "self._session") and node.func.attr in VERB:
                found.append((VERB[node.func.attr], path_of(node.args[0], made)))
    assert len(found) > 10
    return found


def path_of(node: ast.expr, made: dict[str, ast.FunctionDef]) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else "1" for v in node.values)
    assert isinstance(node, ast.Call), ast.unparse(node)
    (returned,) = [n for n in ast.walk(made[ast.unparse(node.func)]) if isinstance(n, ast.Return)]
    assert returned.value is not None
    return path_of(returned.value, made)


def test_each_exit_code_is_documented_and_no_other() -> None:
    documented = {
        int(code) for code in re.findall(r"^\| (\d+) \|", text("docs/json-output.md"), re.MULTILINE)
    }
    left = re.findall(r"_leave\(.*, (\d+)\)", text("bot/cli/__init__.py"))
    assert documented == {0, 1, *map(int, left)}
    said = {
        int(code)
        for kind in vars(errors).values()
        if isinstance(kind, type)
        for code in re.findall(r"[Ee]xit (\d+)", kind.__doc__ or "")
    }
    assert said == documented - {0, 1, 3}


def test_the_json_contract_is_what_podsec_prints(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "chart" / "templates").mkdir(parents=True)
    shutil.copy(ARTICLE, tmp_path / "deploy" / "pod.yaml")
    shutil.copy(CHART, tmp_path / "chart" / "templates" / "deployment.yaml")
    printed = json.loads(
        podsec("check", "--format", "json", "chart", "deploy", cwd=tmp_path).stdout
    )
    page = text("docs/json-output.md")
    example: dict[str, Any] = json.loads(page.split("```json")[1].split("```")[0])
    assert example["findings"] == printed["findings"][:1]
    assert {**example, "findings": printed["findings"]} == printed
    assert [list(printed), list(printed["summary"])] == [list(example), list(example["summary"])]
    rows = "\n".join(re.findall(r"^\| (`.*?) \|", page, re.MULTILINE))
    documented = set(re.findall(r"`([a-z_\[\].]+)`", rows))
    compared = compared_output(tmp_path)
    finding = {f"findings[].{key}" for key in compared["findings"][0]}
    own = {"reason", "suppression"}
    assert {f"findings[].{key}" for key in compared["suppressed"][0]} - finding == {
        f"findings[].{key}" for key in own
    }
    fields = {
        *compared,
        *finding,
        *(f"skipped[].{key}" for key in printed["skipped"][0]),
        *(f"summary.{key}" for key in compared["summary"]),
        *(f"suppressed[].{key}" for key in own),
        *(f"suppressions[].{key}" for key in compared["suppressions"][0]),
    }
    assert documented == fields - {"summary"}


def compared_output(folder: Path) -> dict[str, Any]:
    """What a check with all its keys prints: one that compares, with a suppression."""
    pod = folder / "deploy" / "pod.yaml"
    accepted = podsec("baseline", "deploy", "chart", cwd=folder).stdout
    (folder / "baseline.json").write_text(accepted, encoding="utf-8")
    plain = pod.read_text(encoding="utf-8")
    soft = plain + "    securityContext: {privileged: true} # podsec: ignore[root-user] a test\n"
    pod.write_text(soft, encoding="utf-8")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run([*git, "init", "-q"], cwd=folder, check=True)
    for text_ in (plain, soft):
        pod.write_text(text_, encoding="utf-8")
        subprocess.run([*git, "add", "-A"], cwd=folder, check=True)
        subprocess.run([*git, "commit", "-qm", "a"], cwd=folder, check=True)
    flags = ("check", "--format", "json")
    by_file = podsec(*flags, "--baseline", "baseline.json", "deploy", "chart", cwd=folder).stdout
    by_git = json.loads(podsec(*flags, "--diff", "HEAD~1..HEAD", cwd=folder).stdout)
    assert list(by_git) == list(json.loads(by_file))
    by_git["findings"].sort(key=lambda finding: "regression" not in finding)
    assert isinstance(by_git, dict)
    return by_git


def blocks(first: str) -> list[tuple[str, str]]:
    """The YAML of all pages whose first line is a comment such as `# .podsec.yaml`."""
    pages = [ROOT / name for name in committed() if name.endswith(".md")]
    return [
        (page.name, block)
        for page in pages
        for block in re.findall(r"```yaml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
        if block.startswith(first)
    ]


def test_every_example_of_a_config_is_valid_and_names_rules_that_exist() -> None:
    examples = blocks("# .podsec.yaml") + blocks("# yaml-language-server: $schema=podsec.schema")
    assert {page for page, _ in examples} >= {"allowing.md", "configuration.md"}
    for page, block in examples:
        jsonschema.Draft202012Validator(SCHEMA).validate(read(block.encode()).value(0))
        assert list(problems(parse(block.encode(), page), load_rules())) == []


def test_every_example_of_an_own_rule_is_one() -> None:
    (example,) = blocks("# .podsec/rules/")
    path = example[1].splitlines()[0].removeprefix("# ")
    (rule,) = own_rules({path: example[1].encode()})
    load_rules().joined([rule])


def test_every_suppression_in_the_pages_names_rules_that_exist() -> None:
    known = {rule.id for rule in load_rules()}
    pages = ("README.md", "docs/allowing.md")
    named = {
        rule.strip()
        for page in pages
        for listed in re.findall(r"podsec: ignore\[([^\]]+)\] ", text(page))
        for rule in listed.split(",")
    }
    named |= set(re.findall(r"podsec\.dev/ignore\.([a-z-]+):", text("docs/allowing.md")))
    assert named - {"rule", "RULE"} <= known
    assert len(named) > 1


def test_each_test_that_the_architecture_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", text("docs/architecture.md")))
    defined = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(named) > 10
    assert named - defined == set()


def test_the_layers_of_the_architecture_are_those_of_the_import_contract() -> None:
    block = text("docs/architecture.md").split("```text")[2].split("```")[0]
    shown = [re.split(r"\s{2,}", line)[0] for line in block.strip().splitlines()]
    contract = text("pyproject.toml").split('name = "Imports point down"')[1].split("]")
    layers = re.findall(r'"([^"]+)",', next(part for part in contract if "layers = [" in part))
    assert shown == layers


@pytest.mark.parametrize("path", ADRS, ids=lambda path: path.stem)
def test_a_decision_has_its_parts_and_fits_a_page(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith(f"# {path.stem[:4]} ")
    assert re.fullmatch(r"20\d\d-\d\d-\d\d, (accepted|superseded by \d{4})", lines[2])
    headings = [line for line in lines if line.startswith("#")][1:]
    assert headings == ["## Context", "## Decision", "## Consequences"]
    assert len(lines) <= 60


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(path.name[:4]) for path in ADRS] == list(range(1, len(ADRS) + 1))


def test_each_relative_link_leads_somewhere() -> None:
    pages = [name for name in committed() if name.endswith(".md")]
    broken = [
        f"{name}: {target}"
        for name in pages
        if not name.startswith(("fixtures/", "tests/"))
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text(name))
        if not (ROOT / name).parent.joinpath(target).exists()
    ]
    assert broken == []


def test_the_readme_opens_with_a_picture_of_a_review_and_the_two_commands() -> None:
    page = text("README.md")
    picture = re.search(r"!\[[^\]]+\]\((docs/review\.png)\)", page)
    assert picture is not None
    assert (ROOT / picture[1]).read_bytes().startswith(b"\x89PNG")
    assert picture.start() < page.index("$ make demo") < page.index("$ make test")
    assert page.index("$ make test") < page.index("\n## ")


def test_contributing_opens_with_adding_a_rule() -> None:
    headings = re.findall(r"^## (.*)$", text("CONTRIBUTING.md"), re.MULTILINE)
    assert headings[0] == "Add a rule in five minutes"


def test_each_task_of_the_makefile_that_is_named_in_a_page_exists() -> None:
    tasks = set(re.findall(r"^([a-z]+):.*##", text("Makefile"), re.MULTILINE))
    pages = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "deploy/README.md")
    named = {n for page in pages for n in re.findall(r"(?:`|\$ |&& )make ([a-z]+)", text(page))}
    assert {"demo", "test", "rule"} <= named
    assert named - tasks == set()


def test_the_changelog_speaks_of_releases_newest_first() -> None:
    headings = re.findall(r"^## (.*)$", text("CHANGELOG.md"), re.MULTILINE)
    versions = [heading.partition(" - ")[0] for heading in headings if heading != "Unreleased"]
    assert "Unreleased" not in headings[1:]
    assert versions == sorted(versions, key=lambda v: [*map(int, v.split("."))], reverse=True)
