"""Programs within bounds."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path

import pytest

from bot.errors import Malformed, NotInstalled, Unavailable
from bot.process import Confinement, clean_environment, closed_environment, run


def python(code: str, *arguments: str, seconds: float = 20, most_bytes: int = 1000) -> str:
    done = run(
        [sys.executable, "-c", code, *arguments],
        environment=clean_environment(),
        seconds=seconds,
        most_bytes=most_bytes,
    )
    return f"{done.code} {done.stdout.decode()}|{done.stderr.decode()}"


def test_the_outputs_and_the_code_of_a_program_come_back() -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(4)"
    assert python(code) == "4 out\n|err\n"


def test_arguments_are_never_read_by_a_shell() -> None:
    code = "import sys; print(sys.argv[1:])"
    assert python(code, "$(id)", "; ls", "`id`") == "0 ['$(id)', '; ls', '`id`']\n|"


def test_a_program_sees_no_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODSEC_PRIVATE_KEY", "secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    given = python("import os; print(sorted(os.environ))")
    assert "secret" not in given.lower()
    assert "PATH" in given


def test_a_program_reads_no_input() -> None:
    assert python("import sys; print(repr(sys.stdin.read()))") == "0 ''\n|"


def test_a_program_that_takes_too_long_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    code = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open(sys.argv[1], 'w').write(str(child.pid))\n"
        "time.sleep(60)"
    )
    started = time.monotonic()
    with pytest.raises(Unavailable, match="took longer than 2 seconds"):
        python(code, str(tmp_path / "pid"), seconds=2)
    assert time.monotonic() - started < 10
    number = int((tmp_path / "pid").read_text())
    for _ in range(100):
        if not is_running(number):
            break
        time.sleep(0.02)
    assert not is_running(number)


def is_running(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_what_a_program_leaves_behind_does_not_hold_it_up() -> None:
    code = (
        "import subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print('done')"
    )
    started = time.monotonic()
    assert python(code) == "0 done\n|"
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_program_that_prints_without_end_is_stopped(stream: str) -> None:
    code = f"import sys\nwhile True: sys.{stream}.write('x' * 1000)"
    with pytest.raises(Malformed, match="printed more than 1000 bytes"):
        python(code)


def test_a_program_that_closes_its_outputs_is_still_waited_for() -> None:
    code = "import os, time; os.close(1); os.close(2); time.sleep(0.3); os._exit(7)"
    assert python(code) == "7 |"


def test_a_program_that_is_not_there_is_named_and_its_arguments_are_not() -> None:
    with pytest.raises(NotInstalled) as caught:
        run(["scannercli", "--token=hidden"], environment={"PATH": os.devnull}, seconds=1)
    assert str(caught.value) == "scannercli is not installed, or not on PATH"


def test_a_file_that_is_no_program_is_said(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF nothing")
    broken.chmod(0o700)
    with pytest.raises(NotInstalled, match="cannot be run"):
        run([str(broken)], environment=clean_environment(), seconds=5)


def confined(code: str, folder: Path, **bounds: int) -> str:
    python = tuple(Path(part) for part in {sys.prefix, sys.base_prefix, "/usr"})
    done = run(
        [sys.executable, "-I", "-c", code],
        environment=closed_environment(),
        seconds=20,
        most_bytes=1000,
        confinement=Confinement(reads=(folder / "in", *python), writes=(folder / "out",), **bounds),
    )
    return done.stdout.decode() + done.stderr.decode()


TRIES = """
import os, socket, subprocess
def attempt(name, action):
    try:
        action()
        print(name, 'done')
    except (OSError, MemoryError) as error:
        print(name, type(error).__name__)
attempt('read', lambda: open('IN/given').read())
attempt('list', lambda: os.listdir('IN'))
attempt('write', lambda: open('OUT/made', 'w').close())
attempt('foreign', lambda: open('FOREIGN').read())
attempt('password', lambda: open('/etc/passwd').read())
attempt('overwrite', lambda: open('IN/given', 'w'))
attempt('leave', lambda: os.listdir('IN/../..'))
attempt('link', lambda: open('IN/link').read())
attempt('program', lambda: subprocess.run(['/bin/true']))
attempt('tcp', lambda: socket.create_connection(('127.0.0.1', PORT), 2))
attempt('udp', lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
attempt('unix', lambda: socket.socket(socket.AF_UNIX))
attempt('memory', lambda: bytearray(400_000_000))
"""


def test_a_confined_program_reaches_what_it_is_given_and_no_network(tmp_path: Path) -> None:
    for name in ("in", "out"):
        (tmp_path / name).mkdir()
    foreign = tmp_path / "foreign"
    foreign.write_text("secret")
    (tmp_path / "in" / "given").write_text("for you")
    (tmp_path / "in" / "link").symlink_to(foreign)
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = TRIES.replace("IN/", f"{tmp_path}/in/").replace("'IN'", f"'{tmp_path}/in'")
        code = code.replace("OUT", f"{tmp_path}/out").replace("FOREIGN", str(foreign))
        code = code.replace("PORT", str(server.getsockname()[1]))
        said = confined(code, tmp_path, memory=300_000_000)
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.accept()
    done = {line.split()[0] for line in said.splitlines() if line.endswith(" done")}
    assert done == {"read", "list", "write"}, said
    assert len(said.splitlines()) == 13, said
