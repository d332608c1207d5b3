"""`podsec check`: what it judges, what it prints, and how it leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import carry_out
from bot.errors import (
    ConfigError,
    Edited,
    Gone,
    NotPermitted,
    RateLimited,
    Rejected,
    RuleError,
    StaleToken,
    Unavailable,
    UserError,
)
from tests.cli.conftest import HARD, SOFT, Run
from tests.conftest import ROOT

TEMPLATE = "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Values.name }}}\n"


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_nothing_at_or_above_the_floor_exits_0(run: Run, home: Path) -> None:
    put(home, "hard.yaml", HARD)
    answer = run("check", "hard.yaml", "--fail-on", "low", "--profile", "restricted")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == "No finding in 1 workload in 1 file.\n"


def test_findings_at_or_above_the_floor_exit_1(run: Run, home: Path) -> None:
    put(home, "soft.yaml", SOFT)
    assert run("check", ".").code == 1
    assert run("check", ".", "--fail-on", "critical").code == 0


def test_under_a_standard_every_finding_is_high(run: Run, home: Path) -> None:
    put(home, "pod.yaml", HARD.replace("        drop: [ALL]\n", "        drop: [KILL]\n"))
    assert run("check", ".").code == 0
    assert run("check", ".", "--profile", "restricted").code == 1
    assert run("check", ".", "--profile", "baseline").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "absent"), "absent: no such file or directory"),
        (("check",), "name the files or folders to check"),
        (("check", ".", "--kubernetes-version", "2"), "'2' is no Kubernetes version"),
        (("check", ".", "--format", "sarf"), "did you mean 'sarif'?"),
        (("check", ".", "--format", "sarif="), "the file's name is missing"),
        (("check", ".", "--format", "json", "--format", "text"), "--format FORMAT=FILE"),
        (("check", ".", "--baseline", "absent.json"), "podsec baseline PATH > absent.json"),
        (("check", ".", "--operator-config", "absent"), "absent: No such file"),
        (("check", ".", "--no-ignore", "root-usr"), "did you mean 'root-user'?"),
        (("check", ".", "--format", "json=no/such/folder"), "no/such/folder: No such file"),
        (("fix", ".", "--rule", "root-usr"), "did you mean 'root-user'?"),
        (("rules", "root-usr"), "did you mean 'root-user'?"),
        (("rules", "test"), "there is no rule here"),
    ],
)
def test_wrong_usage_exits_2_and_says_what_would_be_right(
    run: Run, home: Path, arguments: tuple[str, ...], said: str
) -> None:
    put(home, "hard.yaml", HARD)
    answer = run(*arguments)
    assert answer.code == 2
    assert answer.err.startswith("podsec: ")
    assert said in answer.err


@pytest.mark.parametrize(
    "arguments", [("check", "--nonsense"), ("checks",), ("check", "--profile")]
)
def test_what_the_parser_refuses_exits_2_too(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).code == 2


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UserError("a"), 2),
        (ConfigError("a"), 2),
        (RuleError("a"), 2),
        (RateLimited("a"), 75),
        (Unavailable("a"), 75),
        (StaleToken("a"), 75),
        (NotPermitted("a"), 4),
        (Gone("a"), 4),
        (Rejected("a"), 4),
        (Edited("a"), 4),
        (ZeroDivisionError("a"), 3),
        (SystemExit(1), 1),
        (SystemExit(None), 0),
        (SystemExit("a"), 1),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_every_error_has_its_exit_code(
    error: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def command() -> None:
        raise error

    assert carry_out(command) == code
    said = capsys.readouterr().err
    assert ("a bug in podsec: ZeroDivisionError" in said) == (code == 3)
    assert ("try again later" in said) == (code == 75)


def test_a_bug_shows_where_it_is_only_when_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def command() -> None:
        raise ZeroDivisionError("here")

    carry_out(command)
    assert "Traceback" not in capsys.readouterr().err
    monkeypatch.setenv("PODSEC_DEBUG", "1")
    carry_out(command)
    assert "Traceback" in capsys.readouterr().err


def podsec(*arguments: str, cwd: Path) -> list[str]:
    return [sys.executable, "-P", "-m", "bot", *arguments]


def test_a_reader_that_has_gone_is_no_bug(home: Path) -> None:
    for number in range(40):
        put(home, f"{number}.yaml", SOFT)
    done = subprocess.run(
        f"{sys.executable} -P -m bot check . | head -n 1; exit ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        cwd=home,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (1, 141)  # by whether the pipe could hold all
    assert done.stderr == ""


def test_an_interrupted_check_does_not_look_like_findings(home: Path) -> None:
    put(home, "soft.yaml", SOFT)
    os.mkfifo(home / "pipe.yaml")
    waiting = subprocess.Popen(
        podsec("check", "-", cwd=home),
        cwd=home,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert waiting.stdin is not None
    assert waiting.stderr is not None
    import signal
    import time

    for _ in range(200):  # until it waits for its input
        time.sleep(0.05)
        state = Path(f"/proc/{waiting.pid}/wchan")
        if "pipe" in (state.read_text(encoding="utf-8") if state.exists() else ""):
            break
    else:
        time.sleep(3)
    waiting.send_signal(signal.SIGINT)
    assert waiting.wait(10) == 130
    for stream in (waiting.stdin, waiting.stdout, waiting.stderr):
        assert stream is not None
        stream.close()


def test_help_teaches_by_example(run: Run) -> None:
    text = run("check", "--help").out
    for taught in ("podsec check deploy/", "--diff", "--baseline", "Exit 0", "podsec check -"):
        assert taught in text
    for command in ("fix", "baseline", "config", "rules"):
        assert f"podsec {command}" in run(command, "--help").out
    assert "check" in run().out + run("--help").out


def test_the_version_is_printed(run: Run) -> None:
    assert run("--version").out.strip().count(".") == 2


def test_the_standard_input_is_judged(run: Run) -> None:
    answer = run("check", "-", "--format", "json", stdin=SOFT.encode())
    assert answer.code == 1
    assert {finding["file"] for finding in answer.json["findings"]} == {"<stdin>"}
    named = run("check", "-", "--stdin-filename", "deploy/a.yaml", stdin=SOFT.encode())
    assert named.out.startswith("deploy/a.yaml: Deployment/shop")


def test_a_suppression_of_the_config_reaches_the_named_standard_input(run: Run, home: Path) -> None:
    entry = "{rule: privileged-container, path: deploy/**, reason: known}"
    put(home, ".podsec.yaml", f"suppressions: [{entry}]\n")
    named = ("check", "-", "--stdin-filename", "deploy/a.yaml")
    assert run(*named, stdin=SOFT.encode()).code == 0
    assert run("check", "-", stdin=SOFT.encode()).code == 1


def test_the_kubernetes_version_comes_from_the_option_or_the_config(run: Run, home: Path) -> None:
    put(home, ".podsec.yaml", "kubernetesVersion: '1.20'\n")
    assert run("config", "--format", "json").json["config"]["kubernetesVersion"] == "1.20"
    answer = run("config", "--format", "json", "--kubernetes-version", "latest").json
    assert answer["origins"]["kubernetesVersion"] == "--kubernetes-version"
    put(home, "soft.yaml", SOFT)
    assert run("check", ".", "--kubernetes-version", "1.29").code == 1


def test_several_formats_are_written_in_one_run(run: Run, home: Path) -> None:
    put(home, "soft.yaml", SOFT)
    answer = run(
        *("check", ".", "--format", "sarif=a.sarif", "--format", "junit=a.xml"),
        *("--format", "markdown=a.md", "--format", "json=a.json", "--format", "text"),
    )
    assert answer.out.startswith("soft.yaml: Deployment/shop")
    found = json.loads((home / "a.json").read_text(encoding="utf-8"))["findings"]
    log = json.loads((home / "a.sarif").read_text(encoding="utf-8"))
    assert len(log["runs"][0]["results"]) == len(found)
    assert (home / "a.xml").read_text(encoding="utf-8").count("<testcase ") == len(found)
    assert (home / "a.md").read_text(encoding="utf-8").startswith("## podsec\n")


def test_output_goes_to_a_file(run: Run, home: Path) -> None:
    put(home, "soft.yaml", SOFT)
    answer = run("check", ".", "--output", "out.txt")
    assert answer.out == ""
    assert "privileged" in (home / "out.txt").read_text(encoding="utf-8")
    assert run("check", ".", "--format", "json=a", "--output", "b").code == 2


def test_colours_follow_the_environment(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(home, "soft.yaml", SOFT)
    assert "\x1b[" not in run("check", ".").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[31mhigh" in run("check", ".").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in run("check", ".").out


def test_what_was_skipped_is_never_called_clean(run: Run, home: Path) -> None:
    put(home, "chart/templates/a.yaml", TEMPLATE)
    check = ("check", ".", "--profile", "restricted")
    answer = run(*check)
    assert answer.code == 0
    assert "skipped chart/templates/a.yaml:" in answer.out
    assert answer.out.endswith(
        "No Kubernetes object was judged in 1 file; 1 skipped, not judged.\n"
    )
    put(home, "hard.yaml", HARD)
    assert run(*check).out.endswith("No finding in 1 workload in 2 files; 1 skipped, not judged.\n")


def test_many_skipped_files_are_grouped_by_reason(run: Run, home: Path) -> None:
    for number in range(30):
        put(home, f"chart/templates/{number:02}.yaml", TEMPLATE)
    out = run("check", ".").out
    assert "skipped 30: Helm template" in out
    assert out.count("skipped") == 2


def test_a_file_that_cannot_be_read_is_said(run: Run, home: Path) -> None:
    put(home, "hard.yaml", HARD)
    (home / "loop.yaml").symlink_to("loop.yaml")
    path = put(home, "closed.yaml", SOFT)
    path.chmod(0)
    answer = run("check", ".")
    if os.geteuid() != 0:  # root reads everything
        assert "skipped closed.yaml:1: cannot be read: Permission denied" in answer.out
    assert answer.code in (0, 1)


def test_excluded_files_are_counted_and_judged_when_named(run: Run, home: Path) -> None:
    put(home, "hard.yaml", HARD)
    put(home, "tests/soft.yaml", SOFT)
    put(home, "deploy/fixtures/soft.yaml", SOFT)
    answer = run("check", ".", "--profile", "restricted")
    assert answer.code == 0
    assert answer.out.endswith(
        "No finding in 1 workload in 1 file; 2 files excluded by the config.\n"
    )
    assert run("check", "tests").code == 1
    assert run("check", "tests/soft.yaml").code == 1
    assert run("check", "deploy").code == 0
    assert run("check", "tests/soft.yaml", "--force-exclude").code == 0


def test_the_config_says_which_files_are_judged(run: Run, home: Path) -> None:
    put(home, "deploy/soft.yaml", SOFT)
    put(home, "old/soft.yaml", SOFT)
    put(home, ".podsec.yaml", "paths: {include: [deploy], exclude: []}\n")
    files = {finding["file"] for finding in run("check", ".", "--format", "json").json["findings"]}
    assert files == {"deploy/soft.yaml"}
    assert run("check", "old").code == 0


def test_podsec_s_own_files_are_no_manifests(run: Run, home: Path) -> None:
    put(home, ".podsec.yaml", "profile: podsec\n")
    put(home, ".github/podsec.yaml", "profile: baseline\n")
    put(home, ".podsec/rules/a/examples/fail/a.yaml", SOFT)
    put(home, "hard.yaml", HARD)
    answer = run("check", ".", "--profile", "restricted")
    assert answer.out == "No finding in 1 workload in 1 file.\n"
    assert "'.github/podsec.yaml'" not in answer.out


def test_two_configs_are_a_warning_and_the_first_wins(run: Run, home: Path) -> None:
    put(home, ".podsec.yaml", "profile: restricted\n")
    put(home, ".github/podsec.yaml", "profile: baseline\n")
    answer = run("config", "--format", "json")
    assert answer.json["config"]["profile"] == "restricted"
    assert answer.err == "podsec: .github/podsec.yaml is ignored: .podsec.yaml wins\n"


def test_a_fingerprint_does_not_depend_on_where_one_stands(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(home, "deploy/soft.yaml", SOFT)

    def prints(*arguments: str) -> tuple[set[str], set[str]]:
        flags = ("--format", "json", "--profile", "restricted")
        rows = run("check", *flags, *arguments).json["findings"]
        return {row["fingerprint"] for row in rows}, {row["file"] for row in rows}

    first, files = prints(".")
    assert files == {"deploy/soft.yaml"}
    assert prints(str(path)) == (first, {str(path)})
    assert prints("./deploy/") == (first, {"deploy/soft.yaml"})
    monkeypatch.chdir(home / "deploy")
    assert prints("soft.yaml") == (first, {"soft.yaml"})
    assert prints("../deploy") == (first, {"../deploy/soft.yaml"})


def test_a_link_that_leaves_the_tree_is_not_followed(run: Run, home: Path, tmp_path: Path) -> None:
    outside = put(tmp_path, "outside/soft.yaml", SOFT)
    (home / "link.yaml").symlink_to(outside)
    put(home, "hard.yaml", HARD)
    assert run("check", ".").code == 0


def test_names_that_are_no_text_do_no_harm(run: Run, home: Path) -> None:
    name = os.fsdecode(b"bad-\xff.yaml")
    put(home, name, SOFT)
    for format_ in ("text", "json", "sarif", "junit", "github", "markdown"):
        assert run("check", ".", "--format", format_).code == 1


ALLOWED = SOFT.replace(
    "privileged: true", "privileged: true # podsec: ignore[privileged-container] GPU, OPS-1"
)


def test_show_suppressed_reports_what_is_allowed_and_what_is_stale(run: Run, home: Path) -> None:
    put(home, "a.yaml", ALLOWED)
    put(home, "b.yaml", HARD + "# podsec: ignore[root-user] long gone\n")
    put(
        home,
        ".podsec.yaml",
        "suppressions:\n- {rule: root-user, path: none, reason: stale}\n"
        "- {rule: root-user, path: none, reason: old, until: 2020-01-31}\n",
    )
    quiet = run("check", ".")
    assert quiet.code == 0
    assert "GPU" not in quiet.out
    assert ".podsec.yaml:3: ignore[root-user] ended on 2020-01-31" in quiet.out
    loud = run("check", ".", "--show-suppressed").out
    assert "allowed a.yaml:12: container 'shop' is privileged [privileged-container]" in loud
    assert "GPU, OPS-1 (comment a.yaml:12)" in loud
    last = len(HARD.splitlines()) + 1
    assert f"b.yaml:{last}: ignore[root-user] allows nothing: take it away" in loud
    assert ".podsec.yaml:2: ignore[root-user] allows nothing: take it away" in loud


def test_suppressions_stand_in_the_json(run: Run, home: Path) -> None:
    put(home, "a.yaml", ALLOWED)
    report = run("check", ".", "--format", "json").json
    (one,) = report["suppressed"]
    assert (one["rule"], one["reason"]) == ("privileged-container", "GPU, OPS-1")
    assert one["suppression"] == {
        "source": "comment",
        "file": "a.yaml",
        "line": 12,
        "until": None,
    }
    assert [(s["rule"], s["state"]) for s in report["suppressions"]] == [
        ("privileged-container", "used")
    ]
    assert "privileged-container" not in {row["rule"] for row in report["findings"]}


def test_a_rule_that_may_not_be_ignored_counts_all_the_same(run: Run, home: Path) -> None:
    put(home, "a.yaml", ALLOWED)
    assert run("check", ".").code == 0
    answer = run("check", ".", "--no-ignore", "privileged-container")
    assert answer.code == 1
    assert "a.yaml:12: ignore[privileged-container] the operator does not let" in answer.out
    assert run("check", ".", "--no-ignore", "*").code == 1


def test_an_operator_s_config_enforces_rules(run: Run, home: Path, tmp_path: Path) -> None:
    put(home, "a.yaml", ALLOWED)
    put(home, ".podsec.yaml", "rules: {privileged-container: off}\nprofile: podsec\n")
    operator = put(tmp_path, "operator.yaml", "enforced: [privileged-container]\n")
    assert run("check", ".").code == 0
    assert run("check", ".", "--operator-config", str(operator)).code == 1


def test_an_enforced_rule_runs_outside_of_its_profile_too(
    run: Run, home: Path, tmp_path: Path
) -> None:
    put(home, "a.yaml", SOFT.replace("privileged: true", "runAsUser: 5"))
    put(home, ".podsec.yaml", "profile: baseline\n")
    operator = put(tmp_path, "operator.yaml", "enforced: [unlimited-memory]\n")
    assert run("check", ".").code == 0
    report = run("check", ".", "--operator-config", str(operator), "--format", "json")
    assert {row["rule"] for row in report.json["findings"]} == {"unlimited-memory"}
    assert report.code == 1


def test_a_config_that_names_no_rule_is_wrong_by_line(run: Run, home: Path) -> None:
    put(home, "a.yaml", SOFT)
    put(
        home,
        ".podsec.yaml",
        "rules:\n  root-usr: off\n"
        "  mutable-image-tag: {options: {tagz: 1}}\n"
        "suppressions:\n- {rule: root-usr, reason: why}\n",
    )
    answer = run("check", ".")
    assert answer.code == 2
    lines = answer.err.splitlines()
    assert lines[0].startswith("podsec: .podsec.yaml:2: rules.root-usr: there is no rule")
    assert lines[1].startswith("podsec: .podsec.yaml:5: suppressions: there is no rule")
    assert lines[2].startswith("podsec: .podsec.yaml:3: rules.mutable-image-tag.options.tagz: ")


def test_no_format_repeats_a_secret(run: Run, home: Path) -> None:
    container = (
        "- {name: web, image: shop:1.0, env: [{name: DB_PASSWORD, value: hunter2-Xq9vT7pL}]}"
    )
    head = "apiVersion: v1\nkind: Pod\nmetadata: {name: shop}\nspec:\n  containers:\n  "
    put(home, "flow.yaml", f"{head}{container}\n")
    put(
        home,
        "block.yaml",
        f"{head}- name: web\n    image: shop:1.0\n    env:\n"
        "    - name: DB_PASSWORD\n      value: hunter2-Xq9vT7pL\n",
    )
    for format_ in ("text", "json", "sarif", "junit", "github", "markdown"):
        answer = run("check", ".", "--format", format_)
        assert answer.code == 1
        assert "PASSWORD" in answer.out
        assert "hunter2" not in answer.out
    log = run("check", "block.yaml", "--format", "sarif").json
    assert any("fixes" in result for result in log["runs"][0]["results"])
