"""Kustomizations that want more than their repository: refused or cut, with a reason."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.model.files import Tree
from bot.model.rendering import Rendering, Root
from bot.workflows.render_roots import Scene, render_roots
from tests.gitops.trees import at, kustomize

SECRET = "the host's own secret"
POD = b"apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: i}]}\n"


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A machine: a secret beside a checkout."""
    (tmp_path / "secret.txt").write_text(SECRET)
    (tmp_path / "checkout").mkdir()
    (tmp_path / "checkout" / "pod.yaml").write_bytes(POD)
    return tmp_path


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        yield listening


def scene(host: Path, kustomization: str) -> Scene:
    (host / "checkout" / "kustomization.yaml").write_text(kustomization)
    files = at(host / "checkout")
    return render_roots(files, kustomize(), files.paths())


def alone(host: Path, kustomization: str) -> Rendering:
    """Rendered as it is: nothing was looked at before, the sandbox alone stands in the way."""
    tree = Tree(content={"kustomization.yaml": kustomization.encode(), "pod.yaml": POD})
    return kustomize().render(Root(tool="kustomize", folder=""), tree.paths(), tree)


def texts(found: Scene) -> bytes:
    return b"".join(one.text for one in found.renderings)


def reasons(found: Scene) -> str:
    return "\n".join(item.reason for item in found.skipped)


@pytest.mark.parametrize(
    "entry",
    [
        "../secret.txt",
        "x=../../../../../../../../../etc/hostname",
        "/etc/passwd",
        "x=/proc/self/environ",
    ],
)
def test_a_generator_reads_no_file_of_the_host(host: Path, entry: str) -> None:
    text = f"resources: [pod.yaml]\nconfigMapGenerator:\n- name: loot\n  files: ['{entry}']\n"
    found = scene(host, text)
    assert SECRET.encode() not in texts(found)
    assert b"loot" not in texts(found)
    assert "it is not read" in reasons(found)
    rendered = alone(host, text.replace("../secret.txt", str(host / "secret.txt")))
    assert rendered.text == b""
    assert rendered.failure is not None


def test_links_are_followed_within_the_checkout_alone(host: Path) -> None:
    checkout = host / "checkout"
    (checkout / "inner").mkdir()
    (checkout / "inner" / "good.yaml").write_bytes(POD.replace(b"name: p", b"name: good"))
    (checkout / "good.yaml").symlink_to("inner/good.yaml")
    (checkout / "loot.yaml").symlink_to(host / "secret.txt")
    (checkout / "etc").symlink_to("/etc")
    (checkout / "self").symlink_to("self")
    (checkout / "inner" / "up").symlink_to("..")
    text = "resources: [pod.yaml, good.yaml, loot.yaml, etc/hostname, self]\n"
    found = scene(host, text)
    assert b"name: good" in texts(found)
    assert SECRET.encode() not in texts(found)
    assert "a link that leaves the repository" in reasons(found)


@pytest.mark.parametrize(
    "base",
    [
        "http://127.0.0.1:{port}/base.yaml",
        "https://127.0.0.1:{port}/owner/repo//base?ref=main",
        "git::http://127.0.0.1:{port}/repo.git",
        "ssh://git@127.0.0.1:{port}/owner/repo",
        "git@127.0.0.1:owner/repo.git",
    ],
)
def test_no_packet_is_sent_for_a_remote_base(host: Path, server: socket.socket, base: str) -> None:
    text = f"resources:\n- pod.yaml\n- {base.format(port=server.getsockname()[1])}\n"
    found = scene(host, text)
    assert "remote: it is not fetched" in reasons(found)
    assert b"name: p" in texts(found)
    assert alone(host, text).failure is not None
    with pytest.raises(TimeoutError):
        server.accept()


def test_no_plugin_is_run(host: Path) -> None:
    mark = host / "ran"
    script = host / "checkout" / "plugin.sh"
    script.write_text(f"#!/bin/sh\ntouch {mark}\n")
    script.chmod(0o755)
    (host / "checkout" / "plugin.yaml").write_text(
        "apiVersion: example.com/v1\nkind: Evil\nmetadata:\n  name: evil\n  annotations:\n"
        "    config.kubernetes.io/function: |\n      exec: {path: ./plugin.sh}\n"
    )
    for name in ("generators", "transformers", "validators"):
        found = scene(host, f"resources: [pod.yaml]\n{name}: [plugin.yaml]\n")
        assert not found.renderings
        assert "podsec runs none" in reasons(found)
        inline = f"resources: [pod.yaml]\n{name}:\n- |-\n  apiVersion: x/v1\n  kind: E\n"
        assert "podsec runs none" in reasons(scene(host, inline))
    assert not mark.exists()


def test_charts_are_not_inflated(host: Path) -> None:
    text = (
        "resources: [pod.yaml]\nhelmCharts:\n- {name: x, repo: 'http://127.0.0.1:1', version: 1}\n"
    )
    found = scene(host, text)
    assert b"name: p" in texts(found)
    assert "not rendered" in reasons(found)


def test_recursion_ends(host: Path) -> None:
    checkout = host / "checkout"
    for name, other in (("a", "b"), ("b", "a")):
        (checkout / name).mkdir()
        (checkout / name / "kustomization.yaml").write_text(f"resources: [../{other}]\n")
    found = scene(host, "resources: [pod.yaml, a, .]\n")
    assert not found.renderings
    assert alone(host, "resources: [pod.yaml, .]\n").failure is not None


def test_what_grows_without_end_is_cut_in_time() -> None:
    files = {"0/kustomization.yaml": b"resources: [pod.yaml]", "0/pod.yaml": POD}
    for level in range(1, 30):
        for side in ("l", "r"):
            below = "0" if level == 1 else f"{level - 1}"
            names = [f"../{below}{s}" for s in ("l", "r")] if level > 1 else ["../0"]
            text = f"namePrefix: {side}{level}-\nresources: [{', '.join(names)}]\n"
            files[f"{level}{side}/kustomization.yaml"] = text.encode()
    files["top/kustomization.yaml"] = b"resources: [../29l, ../29r]"
    tree = Tree(content=files)
    started = time.monotonic()
    rendered = kustomize(seconds=3).render(Root(tool="kustomize", folder="top"), tree.paths(), tree)
    assert rendered.failure is not None
    assert time.monotonic() - started < 20


def test_what_prints_too_much_is_cut(host: Path) -> None:
    generators = "".join(f"- {{name: big{n}, files: [blob]}}\n" for n in range(24))
    tree = Tree(
        content={
            "kustomization.yaml": f"configMapGenerator:\n{generators}".encode(),
            "blob": b"x" * 900_000,
        }
    )
    rendered = kustomize().render(Root(tool="kustomize", folder=""), tree.paths(), tree)
    assert rendered.failure == "kubectl printed more than 20000000 bytes"


def test_a_yaml_bomb_is_no_way_to_fill_the_memory(host: Path) -> None:
    bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
    )
    found = scene(host, f"resources: [pod.yaml]\n{bomb}")
    assert not found.renderings
    assert alone(host, f"resources: [pod.yaml]\n{bomb}").failure is not None


def test_more_files_and_bytes_than_are_copied_are_refused() -> None:
    big = Tree(content={f"{n}.yaml": b"x" * 4_900_000 for n in range(11)})
    rendered = kustomize().render(Root(tool="kustomize", folder=""), big.paths(), big)
    assert rendered.failure == "it reads more than 50 MB"
    outside = Tree(content={"../x": b""})
    rendered = kustomize().render(Root(tool="kustomize", folder=""), ["../x"], outside)
    assert rendered.failure is not None
    assert "outside of the repository" in rendered.failure
