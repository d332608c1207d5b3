"""`podsec check --diff` in a git checkout, and `podsec baseline`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import HARD, SOFT, Git, Run

OTHER = SOFT.replace("name: shop\nspec", "name: other\nspec")
WEAKER = HARD.replace("    runAsNonRoot: true\n", "")


def rules(answer: object) -> set[tuple[str, str]]:
    return {(row["rule"], row["standing"]) for row in answer.json["findings"]}  # type: ignore[attr-defined]


def test_only_what_a_change_brings_fails(run: Run, git: Git) -> None:
    git.commit(soft=SOFT)
    git.commit(hard=HARD)
    answer = run("check", "--diff", "HEAD~1..HEAD", "--profile", "restricted")
    assert answer.code == 0
    assert answer.out.startswith("0 findings introduced, ")
    assert " stood before in 2 workloads in 2 files" in answer.out
    git.commit(other=OTHER)
    answer = run("check", "--diff", "HEAD~1..HEAD")
    assert answer.code == 1
    assert "other.yaml: Deployment/other, container shop" in answer.out
    assert "soft.yaml" not in answer.out


def test_what_a_change_mends_is_credited(run: Run, git: Git) -> None:
    git.commit(soft=SOFT)
    git.commit(soft=None, hard=HARD)
    flags = ("--format", "json", "--profile", "restricted")
    answer = run("check", "--diff", "HEAD~1..HEAD", *flags)
    assert answer.code == 0
    assert len(answer.json["fixed"]) == answer.json["summary"]["fixed"] > 3
    assert answer.json["summary"]["introduced"] == 0


def test_a_regression_is_called_by_name(run: Run, git: Git) -> None:
    git.commit(pod=HARD)
    git.commit(pod=WEAKER)
    answer = run("check", "--diff", "HEAD~1..HEAD", "--fail-on", "medium")
    assert answer.code == 1
    assert "regression: container 'app' no longer sets runAsNonRoot: true" in answer.out
    assert run("check", "--diff", "HEAD..HEAD~1").code == 0


def test_a_regression_without_a_finding_fails_as_medium(run: Run, git: Git) -> None:
    policy = (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\n"
        "spec: {podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}\n"
    )
    git.commit(pod=HARD, policy=policy)
    git.commit(policy=policy.replace("[{from: [{podSelector: {}}]}]", "[{}]"))
    answer = run("check", "--diff", "HEAD~1..HEAD", "--format", "json")
    assert "the policy allows ingress that it did not allow before" in [
        *(lost["message"] for lost in answer.json["regressions"]),
        *(row.get("regression") for row in answer.json["findings"]),
    ]
    assert run("check", "--diff", "HEAD~1..HEAD", "--fail-on", "medium").code == 1


def test_a_rename_is_no_change(run: Run, git: Git) -> None:
    git.commit(soft=SOFT)
    git("mv", "soft.yaml", "renamed.yaml")
    git.commit()
    answer = run("check", "--diff", "HEAD~1..HEAD", "--format", "json")
    assert {standing for _, standing in rules(answer)} == {"existing"}
    assert answer.json["fixed"] == []


def test_three_dots_count_from_where_the_branches_parted(run: Run, git: Git) -> None:
    git.commit(hard=HARD)
    git("checkout", "-q", "-b", "feature")
    git.commit(other=OTHER)
    git("checkout", "-q", "main")
    git.commit(hard=WEAKER)
    answer = run("check", "--diff", "main...feature", "--format", "json")
    assert {row["file"] for row in answer.json["findings"] if row["standing"] == "new"} == {
        "other.yaml"
    }
    two = run("check", "--diff", "main..feature", "--format", "json")
    assert len(two.json["fixed"]) > len(answer.json["fixed"]) == 0


def test_a_base_alone_is_compared_with_the_working_tree(run: Run, git: Git) -> None:
    git.commit(soft=SOFT, gone=OTHER)
    (git.folder / "gone.yaml").unlink()
    (git.folder / "new.yaml").write_text(OTHER.replace("other", "third"), encoding="utf-8")
    (git.folder / ".gitignore").write_text("ignored.yaml\n", encoding="utf-8")
    (git.folder / "ignored.yaml").write_text(OTHER, encoding="utf-8")
    answer = run("check", "--diff", "HEAD", "--format", "json")
    files = {(row["file"], row["standing"]) for row in answer.json["findings"]}
    assert files == {("soft.yaml", "existing"), ("new.yaml", "new")}
    assert {row["file"] for row in answer.json["fixed"]} == {"gone.yaml"}


def test_paths_narrow_a_change(run: Run, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    git.commit(hard=HARD)
    git.commit(a__other=OTHER, b__other=OTHER.replace("other", "third"))
    flags = ("--format", "json", "--profile", "restricted")
    answer = run("check", "a", "--diff", "HEAD~1..HEAD", *flags)
    assert {row["file"] for row in answer.json["findings"]} == {"a/other.yaml"}
    monkeypatch.chdir(git.folder / "a")
    answer = run("check", "--diff", "HEAD~1..HEAD", *flags)
    assert {row["file"] for row in answer.json["findings"]} == {"other.yaml", "../b/other.yaml"}


def test_the_base_decides_what_is_checked(run: Run, git: Git) -> None:
    git.commit(hard=HARD)
    git.commit(**{".podsec": "rules: {privileged-container: off}\n", "other": OTHER})
    answer = run("check", "--diff", "HEAD~1..HEAD")
    assert answer.code == 1
    assert "holds from the next change on" in answer.err
    git.commit(third=OTHER.replace("other", "third"))
    answer = run("check", "--diff", "HEAD~1..HEAD")
    assert "privileged-container" not in answer.out


def test_the_nearest_config_of_the_base_counts_from_its_folder(run: Run, git: Git) -> None:
    git.commit(**{"team__.podsec": "paths: {exclude: [old]}\n", "team__old__a": HARD})
    git.commit(team__old__a=SOFT, team__new__a=SOFT)
    answer = run("check", "team", "--diff", "HEAD~1..HEAD", "--format", "json")
    assert {row["file"] for row in answer.json["findings"]} == {"team/new/a.yaml"}
    whole = run("check", "--diff", "HEAD~1..HEAD", "--format", "json")
    assert len({row["file"] for row in whole.json["findings"]}) == 2


def test_own_rules_come_from_the_base(run: Run, git: Git) -> None:
    rule = (
        "summary: Pod has no team\nmessage: pod {name!r} has no team\nseverity: high\n"
        "profile: podsec\nsince: 1.0.0\napplies_to: object\nkinds: [Pod]\n"
        "require:\n  metadata.labels.team: {type: string}\n"
    )
    git.commit(pod=HARD, **{".podsec__rules__no_team__rule": rule})
    git.commit(other=HARD.replace("name: hard", "name: other"))
    answer = run("check", "--diff", "HEAD~1..HEAD", "--format", "json")
    assert ("no-team", "new") in rules(answer)
    git.commit(**{".podsec__rules__no_team__rule": None})
    answer = run("check", "--diff", "HEAD~2..HEAD", "--format", "json")
    assert ("no-team", "new") in rules(answer)
    git.commit(more=HARD)
    found = rules(run("check", "--diff", "HEAD~1..HEAD", "--format", "json"))
    assert "no-team" not in {rule for rule, _ in found}


@pytest.mark.parametrize(
    ("span", "said"),
    [
        ("nowhere..HEAD", "there is no commit 'nowhere'"),
        ("HEAD..nowhere", "there is no commit 'nowhere'"),
        ("--output=x", "there is no commit"),
        ("HEAD...orphan", "no common ancestor"),
    ],
)
def test_a_range_that_is_none_is_said(run: Run, git: Git, span: str, said: str) -> None:
    git.commit(hard=HARD)
    git("checkout", "-q", "--orphan", "orphan")
    git.commit(hard=SOFT)
    git("checkout", "-q", "main")
    answer = run("check", f"--diff={span}")
    assert answer.code == 2
    assert said in answer.err


def test_a_shallow_clone_is_told_to_fetch_more(
    run: Run, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = git.commit(hard=HARD)
    git.commit(soft=SOFT)
    git("clone", "-q", "--depth=1", f"file://{git.folder}", str(tmp_path / "shallow"))
    monkeypatch.chdir(tmp_path / "shallow")
    answer = run("check", "--diff", f"{base}..HEAD")
    assert answer.code == 2
    assert "this clone is shallow: fetch more of its history" in answer.err


def test_outside_of_a_checkout_there_is_no_diff(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plain").mkdir()
    monkeypatch.chdir(tmp_path / "plain")
    answer = run("check", "--diff", "HEAD~1..HEAD")
    assert answer.code == 2
    assert "needs a git checkout" in answer.err


def test_diff_goes_with_nothing_that_contradicts_it(run: Run, git: Git) -> None:
    git.commit(hard=HARD)
    assert run("check", "--diff", "HEAD", "--baseline", "a").code == 2
    assert run("check", "-", "--diff", "HEAD").code == 2
    assert run("check", "..", "--diff", "HEAD").code == 2


def test_names_of_any_spelling_are_compared(run: Run, git: Git) -> None:
    git.commit(**{"folder with blank__Größe\t1": SOFT})
    git.commit()
    answer = run("check", "--diff", "HEAD~1..HEAD", "--format", "json")
    assert {row["file"] for row in answer.json["findings"]} == {"folder with blank/Größe\t1.yaml"}
    assert {row["standing"] for row in answer.json["findings"]} == {"existing"}


def test_a_hook_or_filter_of_the_checkout_is_not_run(run: Run, git: Git) -> None:
    marker = git.folder / "ran"
    git.commit(soft=SOFT)
    (git.folder / ".gitattributes").write_text("*.yaml diff=evil filter=evil\n", encoding="utf-8")
    for key in ("diff.evil.textconv", "diff.evil.command", "filter.evil.smudge", "diff.external"):
        git("config", key, f"touch {marker}")
    git("config", "core.fsmonitor", f"touch {marker}")
    (git.folder / "soft.yaml").write_text(SOFT + "# more\n", encoding="utf-8")
    assert run("check", "--diff", "HEAD").code == 0
    assert not marker.exists()


def test_a_baseline_accepts_what_stands(run: Run, home: Path) -> None:
    (home / "soft.yaml").write_text(SOFT, encoding="utf-8")
    printed = run("baseline", ".")
    assert printed.code == 0
    assert printed.json["version"] == 1
    written = run("baseline", ".", "--write")
    assert written.out == ""
    assert (home / ".podsec-baseline.json").read_text(encoding="utf-8") == printed.out
    number = len(printed.json["findings"])
    assert f"{number} findings accepted in .podsec-baseline.json" in written.err
    against = ("check", ".", "--baseline", ".podsec-baseline.json")
    assert run(*against).code == 0
    (home / "other.yaml").write_text(OTHER, encoding="utf-8")
    answer = run(*against)
    assert answer.code == 1
    assert "other.yaml" in answer.out
    assert "soft.yaml" not in answer.out
    (home / "other.yaml").unlink()
    (home / "soft.yaml").write_text(HARD, encoding="utf-8")
    answer = run(*against)
    assert answer.code == 0
    assert f"{number} findings gone" in answer.out


def test_a_baseline_credits_nothing_that_can_be_judged_no_more(run: Run, home: Path) -> None:
    (home / "soft.yaml").write_text(SOFT, encoding="utf-8")
    run("baseline", ".", "--write")
    (home / "soft.yaml").write_text(SOFT + "  - broken: [\n", encoding="utf-8")
    answer = run("check", ".", "--baseline", ".podsec-baseline.json")
    assert "gone" not in answer.out
    assert "skipped soft.yaml" in answer.out


def test_a_baseline_holds_from_wherever_one_stands(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "deploy").mkdir()
    (home / "deploy" / "soft.yaml").write_text(SOFT, encoding="utf-8")
    run("baseline", ".", "--write")
    monkeypatch.chdir(home / "deploy")
    assert run("check", "soft.yaml", "--baseline", "../.podsec-baseline.json").code == 0


def test_a_rule_that_arrives_is_announced_and_does_not_fail(run: Run, home: Path) -> None:
    (home / "soft.yaml").write_text(SOFT, encoding="utf-8")
    run("baseline", ".", "--write")
    file = home / ".podsec-baseline.json"
    older = json.loads(file.read_text(encoding="utf-8"))
    del older["rules"]["privileged-container"]
    older["findings"] = [r for r in older["findings"] if r["rule"] != "privileged-container"]
    file.write_text(json.dumps(older), encoding="utf-8")
    answer = run("check", ".", "--baseline", str(file), "--fail-on", "low")
    assert answer.code == 0
    assert "new rule privileged-container: 1 finding, not counted" in answer.out


def test_what_is_allowed_is_not_accepted_again(run: Run, home: Path) -> None:
    text = SOFT.replace(
        "privileged: true", "privileged: true # podsec: ignore[privileged-container] a"
    )
    (home / "soft.yaml").write_text(text, encoding="utf-8")
    accepted = run("baseline", ".").json["findings"]
    assert "privileged-container" not in {row["rule"] for row in accepted}
