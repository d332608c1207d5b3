"""Paths of the node: which of them are a way to it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from bot.kubernetes.workload import as_list, as_mapping

# sockets of container runtimes: whoever writes to one is root on the node
_SOCKETS = frozenset(
    {
        "docker.sock",
        "containerd.sock",
        "crio.sock",
        "cri-dockerd.sock",
        "dockershim.sock",
        "podman.sock",
    }
)
# the folders that hold them, and those that hold these (/var/run is a link to /run)
_SOCKET_FOLDERS = frozenset(
    {
        "/",
        "/run",
        "/run/containerd",
        "/run/crio",
        "/run/k3s",
        "/run/k3s/containerd",
        "/run/podman",
        "/var/snap/microk8s/common/run",
    }
)
_PIPES = ("docker_engine", "containerd-containerd")
# the node's own; those of the first list as a whole, those of the second with all below them
_WHOLE = frozenset(
    {
        "/", "/bin", "/dev", "/etc", "/home", "/lib", "/lib64", "/opt", "/proc", "/sbin", "/sys",
        "/usr", "/usr/bin", "/usr/local/bin", "/usr/sbin", "/var", "/var/lib", "/var/log",
    }
)  # fmt: skip
_TREES = (
    "/boot",
    "/etc/cni",
    "/etc/kubernetes",
    "/etc/passwd",
    "/etc/shadow",
    "/etc/ssh",
    "/etc/sudoers",
    "/etc/cron.d",
    "/etc/systemd",
    "/lib/systemd",
    "/opt/cni",
    "/proc/sys",
    "/root",
    "/usr/lib/systemd",
    "/usr/libexec/kubernetes",
    "/var/lib/containerd",
    "/var/lib/containers",
    "/var/lib/docker",
    "/var/lib/etcd",
    "/var/lib/kubelet",
    "/var/lib/rancher",
    "/var/spool/cron",
)


def host_paths(pod: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any], str]]:
    """The hostPath volumes of a pod spec: number, volume, path as the node resolves it."""
    for number, volume in enumerate(map(as_mapping, as_list(pod.get("volumes")))):
        path = as_mapping(volume.get("hostPath")).get("path")
        if isinstance(path, str) and path:
            yield number, volume, resolved(path)


def resolved(path: str) -> str:
    """A path without dots, doubled slashes and the link from /var/run to /run."""
    if not path.startswith("/"):
        return path
    plain = "/" + posixpath.normpath(path).lstrip("/")
    below = plain.removeprefix("/var/run")
    return f"/run{below}" if below != plain and below[:1] in ("", "/") else plain


def is_runtime_socket(path: str) -> bool:
    """Whether it is the socket (on Windows the pipe) of a container runtime."""
    if "pipe" in path and path.rpartition("\\")[2] in _PIPES:
        return True
    return path.rpartition("/")[2] in _SOCKETS


def holds_runtime_socket(path: str) -> bool:
    """Whether it is a folder in which such a socket stands."""
    return path in _SOCKET_FOLDERS


def is_sensitive(path: str) -> bool:
    """Whether it gives away the node, its credentials, or other pods' data."""
    return path in _WHOLE or any(path == tree or path.startswith(tree + "/") for tree in _TREES)
