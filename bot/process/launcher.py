"""Draw the bounds of a program in its own process, then become it: started by path, imports no bot.

Usage: launcher.py SPEC PROGRAM ARGUMENT... where SPEC is JSON: `runs` (files and folders that may
be executed and read), `reads`, `writes`, `limits` (names of the module `resource` to numbers).
Without arguments it tells what the kernel knows.
What the kernel does not know is left out: the caller refuses remote references by itself.

Sources: landlock(7), seccomp(2), linux/landlock.h, linux/seccomp.h, linux/filter.h,
asm/unistd_64.h, asm-generic/unistd.h.
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import resource
import struct
import sys

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 38, 22
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_TRUNCATE = 1 << 14
# by the version of Landlock: how many rights over files it knows
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
# by machine: its number for auditing, then the calls socket, connect, socketpair, io_uring_setup,
# ptrace; without a socket nothing can be sent, to a daemon of this machine neither
_CALLS = {
    "x86_64": (0xC000003E, (41, 42, 53, 425, 101)),
    "aarch64": (0xC00000B7, (198, 203, 199, 425, 117)),
}
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000  # refuse: EPERM
_X32 = 0x40000000


def _main() -> None:
    if len(sys.argv) == 1:
        _tell()
        return
    said = json.loads(sys.argv[1])
    for name, most in said["limits"].items():
        _limit(getattr(resource, name), most)
    if _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        _confine_files(said)
        if not _forbid_network():
            _leave_network()
    os.execve(sys.argv[2], sys.argv[2:], dict(os.environ))  # noqa: S606  # a list, never a shell


def _tell() -> None:
    """Print what this kernel knows, a line each."""
    if _LIBC.syscall(_CREATE_RULESET, None, 0, 1) >= 1:
        print("files that were not named are out of reach (Landlock)")  # noqa: T201  # its answer
    if _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 and _forbid_network():
        print("no socket can be opened (seccomp)")  # noqa: T201  # its answer


def _limit(which: int, most: int) -> None:
    hard = resource.getrlimit(which)[1]
    bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (bound, bound))


def _confine_files(said: dict[str, list[str]]) -> None:
    """Nothing is read, written or run but what is said, where the kernel has Landlock."""
    version = _LIBC.syscall(_CREATE_RULESET, None, 0, 1)
    if version < 1:
        return
    rights = (1 << _RIGHTS.get(version, 16)) - 1
    network = 3 if version >= 4 else 0
    scopes = 3 if version >= 6 else 0
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    handled = struct.pack("QQQ", rights, network, scopes)[:size]
    rules = _LIBC.syscall(_CREATE_RULESET, handled, size, 0)
    if rules < 0:
        return
    reading = _READ_FILE | _READ_DIR
    writing = _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _TRUNCATE
    for paths, access in (
        (said["runs"], reading | _EXECUTE),
        (said["reads"], reading),
        (said["writes"], reading | writing),
    ):
        for path in paths:
            _allow(rules, path, access & rights)
    _LIBC.syscall(_RESTRICT_SELF, rules, 0)
    os.close(rules)


def _allow(rules: int, path: str, access: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not os.path.isdir(path):  # noqa: PTH112  # pathlib would cost half of the start
        access &= _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
    _LIBC.syscall(_ADD_RULE, rules, 1, struct.pack("=Qi", access, place), 0)
    os.close(place)


def _forbid_network() -> bool:
    """No socket can be made; whether the kernel took the filter."""
    known = _CALLS.get(platform.machine())
    if known is None or sys.byteorder != "little":
        return False
    audit, calls = known
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    # if it is another machine's call: kill; one of the x32 kind: refuse; one of the calls: refuse
    steps = [
        (load, 0, 0, 4),
        (equal, 1, 0, audit),
        (answer, 0, 0, _KILL),
        (load, 0, 0, 0),
        (at_least, len(calls) + 1, 0, _X32),
        *((equal, len(calls) - i, 0, call) for i, call in enumerate(calls)),
        (answer, 0, 0, _ALLOW),
        (answer, 0, 0, _REFUSE),
    ]
    program = b"".join(struct.pack("HBBI", *step) for step in steps)
    text = ctypes.create_string_buffer(program, len(program))
    filter_ = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(text))
    return bool(_LIBC.prctl(_PR_SET_SECCOMP, 2, filter_, 0, 0) == 0)


def _leave_network() -> None:
    """A network of its own, with nothing in it; a user may make one where the machine allows it."""
    if _LIBC.unshare(_CLONE_NEWNET) != 0:
        _LIBC.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


if __name__ == "__main__":
    _main()
