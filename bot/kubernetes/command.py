"""What a container's command line says of the privileges that it needs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.kubernetes.workload import Container, as_list

SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "busybox"})
_WORD = re.compile(r"[A-Za-z0-9_.+-]+")
# what only root may do, or what writes where only root may
_OF_ROOT = frozenset(
    {
        *("chown", "chgrp", "mknod", "mount", "umount", "modprobe", "insmod", "sysctl", "iptables"),
        *("ip6tables", "nft", "ipset", "useradd", "adduser", "groupadd", "addgroup", "usermod"),
        *("apt", "apt-get", "apk", "yum", "dnf", "microdnf", "zypper", "setcap", "nsenter"),
        *("chroot", "su", "sudo", "gosu", "su-exec", "setpriv", "runuser", "losetup", "ldconfig"),
        *("update-ca-certificates", "service", "systemctl", "tcpdump", "tc"),
    }
)
# programs that carry the set-user-ID bit, and do nothing useful without it
_SETUID = frozenset({"sudo", "su", "ping", "ping6", "mount", "umount", "fusermount", "runuser"})
# programs that need nothing of root's and write to their output alone (POSIX; busybox)
_HARMLESS = frozenset({"sleep", "true", "false", "echo", "printf", "date", "hostname", "exit", ":"})
_HARMLESS |= frozenset({"nslookup", "getent", "test", "[", "printenv", "uname", "whoami", "id"})
_KEYWORDS = frozenset({"while", "until", "do", "done", "if", "then", "else", "fi", "!", "{", "}"})
_SEPARATOR = re.compile(r"[;&|\n]+")
# what makes a script more than its programs: files, substitutions, lists of words
_TELLING = re.compile(r"[<>`\\]|\$\(|\bfor\b|\bcase\b|\bfunction\b|\(\)")


def replaces_entrypoint(container: Container) -> bool:
    """Whether the manifest says what runs, so that facts on the image's entrypoint do not hold.

    `args` alone are the entrypoint's own, unless they name a program of their own: a shell.
    """
    if as_list(container.spec.get("command")):
        return True
    args = as_list(container.spec.get("args"))
    first = str(args[0]) if args else ""
    return first.rpartition("/")[2] in SHELLS


def is_started_by_shell(container: Container) -> bool:
    """Whether a shell of the manifest starts the program."""
    command = as_list(container.spec.get("command")) or as_list(container.spec.get("args"))
    return bool(command) and str(command[0]).rpartition("/")[2] in SHELLS


def of_root(container: Container) -> tuple[str, ...]:
    """The words of its command line that only root can carry out, sorted."""
    return tuple(sorted(_OF_ROOT.intersection(_words(container))))


def harmless(container: Container) -> str | None:
    """Its command line, where every program in it is one that any user may run, and writes nothing.

    Both forms are read: the program itself, and a script of a shell's -c. None where something in
    it is not known, or where the image's own entrypoint comes first.
    """
    command = [*as_list(container.spec.get("command")), *as_list(container.spec.get("args"))]
    if not as_list(container.spec.get("command")) or not all(isinstance(c, str) for c in command):
        return None
    program = command[0].rpartition("/")[2]
    if program in SHELLS and len(command) == 3 and command[1] in ("-c", "-ec", "-euc"):
        script = command[2]
        return script if not _TELLING.search(script) and _is_harmless(script) else None
    return " ".join(command) if program in _HARMLESS else None


def _is_harmless(script: str) -> bool:
    """Whether each simple command of a script begins with a program that harms nothing."""
    for simple in _SEPARATOR.split(script):
        words = [word for word in simple.split() if word not in _KEYWORDS]
        if words and words[0] not in _HARMLESS:
            return False
    return True


def of_setuid(container: Container) -> tuple[str, ...]:
    """The programs in its command line that work through the set-user-ID bit, sorted."""
    return tuple(sorted(_SETUID.intersection(_words(container))))


def _words(container: Container) -> Iterator[str]:
    for key in ("command", "args"):
        for text in as_list(container.spec.get(key)):
            if isinstance(text, str):
                yield from _WORD.findall(text)
