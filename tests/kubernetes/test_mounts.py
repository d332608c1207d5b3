"""What is mounted, what lies in the image, and what new volumes are called."""

from __future__ import annotations

import pytest

from bot.kubernetes.mounts import (
    has_private_secret,
    is_within,
    mounts,
    new_volume,
    volume_name,
    writable_mount,
)
from tests.pods import first, one, pod

MOUNTED = """
image: x
volumeMounts:
- {name: data, mountPath: /data/}
- {name: page, mountPath: /data/pages}
- {name: node, mountPath: /host}
- {name: gone, mountPath: /gone}
- {name: 7}
- x
"""
VOLUMES = """
volumes:
- {name: page, configMap: {name: p}}
- {name: node, hostPath: {path: /}}
- {name: gone}
- {name: cache, emptyDir: {}}
- x
"""


def test_a_mount_is_from_where_its_volume_is() -> None:
    found = mounts(one(MOUNTED, VOLUMES, kind="StatefulSet", claims=["data"]))
    assert [(m.path, m.origin) for m in found] == [
        ("/data", "claim"),
        ("/data/pages", "given"),
        ("/host", "node"),
        ("/gone", "empty"),
    ]


def test_the_deepest_mount_holds_a_path() -> None:
    mounted = mounts(one(MOUNTED, VOLUMES, kind="StatefulSet", claims=["data"]))
    found = writable_mount("/data/pages/a", mounted)
    assert found is not None
    assert found.path == "/data/pages"
    assert writable_mount("/database", mounted) is None
    assert writable_mount("/", mounted) is None


def test_var_run_is_run() -> None:
    run = mounts(one("{image: x, volumeMounts: [{name: r, mountPath: /var/run}]}"))
    found = writable_mount("/run/nginx", run)
    assert found is not None
    back = mounts(one("{image: x, volumeMounts: [{name: r, mountPath: /run}]}"))
    assert writable_mount("/var/run", back) is not None


@pytest.mark.parametrize(
    ("path", "folder", "is_inside"),
    [("/a/b", "/a", True), ("/a", "/a", True), ("/ab", "/a", False), ("/x", "/", True)],
)
def test_a_path_is_within_whole_steps(path: str, folder: str, is_inside: bool) -> None:
    assert is_within(path, folder) == is_inside


def test_a_name_is_short_where_there_is_one_container() -> None:
    assert volume_name(one("image: x"), "/var/cache/nginx") == "var-cache-nginx"


def test_containers_do_not_share_a_new_volume() -> None:
    two = pod("containers: [{name: a, image: x}, {name: b, image: x}]")
    names = [volume_name(container, "/tmp") for container in two.containers]
    assert names == ["a-tmp", "b-tmp"]


def test_a_taken_name_is_not_taken_again_and_a_long_one_is_cut() -> None:
    taken = one("image: x", "volumes: [{name: tmp, emptyDir: {}}]")
    assert volume_name(taken, "/tmp") != "tmp"
    assert volume_name(taken, "/tmp") == volume_name(taken, "/tmp")
    long = volume_name(one("image: x"), "/a" * 60)
    assert len(long) <= 63
    assert long != volume_name(one("image: x"), "/a" * 61)


def test_a_volume_and_its_mount_have_one_name() -> None:
    volume, mount = new_volume(one("image: x"), "/tmp")
    assert volume == {"name": "tmp", "emptyDir": {}}
    assert mount == {"name": "tmp", "mountPath": "/tmp"}


@pytest.mark.parametrize(("mode", "is_private"), [(256, True), (288, False), (None, False)])
def test_a_secret_that_keeps_the_group_out_is_seen(mode: int | None, is_private: bool) -> None:
    secret = {"secretName": "s", **({"defaultMode": mode} if mode is not None else {})}
    found = pod({"containers": [], "volumes": [{"name": "s", "secret": secret}]})
    assert has_private_secret(found) == is_private


def test_strange_volumes_are_survived() -> None:
    for spec in ("{containers: [{name: a}], volumes: 3}", "{containers: [{volumeMounts: {}}]}"):
        assert mounts(first(pod(spec))) == ()
