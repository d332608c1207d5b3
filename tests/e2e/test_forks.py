"""A pull request from a fork: suggestions and a patch, and nothing is ever pushed there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

from bot.sandbox import SandboxRepository
from tests.e2e.conftest import POD, Shop, World


def forked(
    world: World, files: dict[str, str | bytes], base: dict[str, str | bytes] | None = None
) -> tuple[Shop, SandboxRepository, int]:
    shop = world.shop(base)
    fork = shop.repository.fork("contributor")
    fork.commit("feature", files, "From a fork", "contributor")
    number = shop.repository.open_pull(
        head="contributor:feature", base="main", title="From a fork", author="contributor"
    )
    world.settle()
    return shop, fork, number


def patch_of(reply: str) -> str:
    found = re.search(r"(?s)(`{3,})diff\n(.*?)\n\1", reply)
    assert found is not None
    return found[2] + "\n"


def applied(folder: Path, path: str, before: bytes, patch: str) -> bytes:
    """What `git apply` makes of a file."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(before)
    (folder / "podsec.patch").write_text(patch)
    for command in (["git", "init", "-q"], ["git", "apply", "podsec.patch"]):
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return file.read_bytes()


def writes(world: World) -> list[str]:
    return [call for call in world.calls() if not call.startswith("GET")]


def test_a_fork_gets_its_review_with_suggestions_and_its_check(world: World) -> None:
    shop, _, number = forked(world, {"pod.yaml": POD.format(name="forked")})
    (comment,) = shop.comments(number)
    assert "```suggestion" in comment["body"]
    assert shop.check(number)["conclusion"] == "neutral"


def test_fix_gives_a_patch_that_git_applies_and_pushes_nothing(
    world: World, tmp_path: Path
) -> None:
    path, before = "deploy/a pod.yaml", POD.format(name="forked").encode().rstrip(b"\n")
    shop, fork, number = forked(world, {path: before})
    branches, theirs = shop.repository.branches(), fork.branches()
    world.sandbox.requests.clear()
    assert shop.say(number, "/podsec fix") == ["eyes", "rocket"]
    (reply,) = shop.replies(number)
    after = applied(tmp_path, path, before, patch_of(reply))
    assert b"allowPrivilegeEscalation: false" in after
    assert [line for line in before.split(b"\n") if line not in after.split(b"\n")] == []
    assert (shop.repository.branches(), fork.branches()) == (branches, theirs)
    assert [call for call in writes(world) if "/git/" in call or call.endswith("/pulls")] == []
    assert len(shop.repository.pulls()) == 1


def test_several_files_come_as_one_patch(world: World, tmp_path: Path) -> None:
    files: dict[str, Any] = {f"{name}.yaml": POD.format(name=name) for name in ("a", "b")}
    shop, _, number = forked(world, files)
    shop.say(number, "/podsec fix safe")
    patch = patch_of(shop.replies(number)[0])
    (tmp_path / "a.yaml").write_text(files["a.yaml"])
    after = applied(tmp_path, "b.yaml", files["b.yaml"].encode(), patch)
    assert b"allowPrivilegeEscalation: false" in after
    assert b"allowPrivilegeEscalation: false" in (tmp_path / "a.yaml").read_bytes()


def test_carriage_returns_and_secrets_are_not_put_in_a_comment(world: World) -> None:
    secret = POD.format(name="forked") + "    env: [{name: DB_PASSWORD, value: hunter2hunter2}]\n"
    crlf = POD.format(name="windows").replace("\n", "\r\n")
    shop, _, number = forked(world, {"secret.yaml": secret, "crlf.yaml": crlf})
    shop.say(number, "/podsec fix")
    (reply,) = shop.replies(number)
    assert "```diff" not in reply
    assert "`secret.yaml`" in reply
    assert "`crlf.yaml`" in reply
    assert "hunter2" not in reply


def test_a_fork_cannot_configure_its_own_review(world: World) -> None:
    shop, _, number = forked(
        world,
        {"pod.yaml": POD.format(name="sly"), ".podsec.yaml": "rules: {root-user: 'off'}\n"},
        {".podsec.yaml": "rules: {mutable-image-tag: 'off'}\n"},
    )
    (comment,) = shop.comments(number)
    assert "root-user" in comment["body"]
    assert "mutable-image-tag" not in comment["body"]


def test_a_person_who_may_only_read_gets_no_patch_by_command(world: World) -> None:
    shop, _, number = forked(world, {"pod.yaml": POD.format(name="forked")})
    assert shop.say(number, "/podsec fix", "contributor") == ["eyes", "confused"]
    assert "write permission" in shop.replies(number)[0]
