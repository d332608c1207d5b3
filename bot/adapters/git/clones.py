"""Partial clones that sweeps read: bare, one commit deep, without the blobs nobody asks for.

Nothing is checked out, so that no hook, filter or submodule can run. What was fetched stays on
disk: the next sweep fetches only blobs that are new. The token is in git's environment alone.
"""

from __future__ import annotations

import base64
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from git import Git
from git.exc import CommandError

from bot.errors import Gone, Unavailable
from bot.model.delivery import RepositoryRef
from bot.model.snapshot import FileEntry

_FILES = ("100644", "100755")
_LARGEST = 5_000_000
_SECONDS = 600
_PLAIN = (  # nothing of the machine's or the repository's own config decides
    ("core.hooksPath", os.devnull),
    ("core.fsmonitor", "false"),
    ("core.attributesFile", os.devnull),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("submodule.recurse", "false"),
    ("fetch.recurseSubmodules", "false"),
    ("fetch.negotiationAlgorithm", "noop"),
    ("protocol.allow", "never"),
    ("protocol.https.allow", "always"),
    ("credential.helper", ""),
    ("advice.detachedHead", "false"),
)

_CONFIG = """\
[core]
\trepositoryformatversion = 1
\tbare = true
[remote "origin"]
\turl = {url}
\tpromisor = true
\tpartialclonefilter = blob:none
[extensions]
\tpartialClone = origin
"""


class Clones:
    """Opens clones in a folder; `token` gives the one that reaches a repository.

    `web_url` is where people see GitHub, such as https://github.com.
    """

    def __init__(self, folder: Path, web_url: str, token: Callable[[RepositoryRef], str]) -> None:
        self._folder, self._web_url, self._token = folder, web_url.rstrip("/"), token

    @contextmanager
    def open(self, repository: RepositoryRef, commit: str) -> Iterator[Clone]:
        """A commit of a repository, one opener at a time.

        Raises Gone where GitHub does not give it, and Unavailable where it does not answer. A
        clone that is broken is made anew.
        """
        home = self._folder / f"{repository.installation}-{repository.id}.git"
        home.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with home.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            clone = Clone(home, self._environment(repository))
            url = f"{self._web_url}/{repository.full_name}.git"
            try:
                clone.fetch(url, commit)
            except Unavailable:
                if not clone.was_there:
                    raise
                shutil.rmtree(home, ignore_errors=True)
                clone = Clone(home, self._environment(repository))
                clone.fetch(url, commit)
            yield clone

    def _environment(self, repository: RepositoryRef) -> dict[str, str]:
        """The environment of git; a process list shows arguments, and this it does not."""
        pair = f"x-access-token:{self._token(repository)}".encode()
        header = f"Authorization: Basic {base64.b64encode(pair).decode()}"
        settings = [*_PLAIN, (f"http.{self._web_url}/.extraHeader", header)]
        if self._web_url.startswith("http://"):  # a sandbox on loopback: see the settings
            settings.append(("protocol.http.allow", "always"))
        config = {"GIT_CONFIG_COUNT": str(len(settings))}
        for number, (key, value) in enumerate(settings):
            config |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        return config


class Clone:
    """One commit; blobs are fetched when they are asked for, all of a question at once."""

    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        self.was_there = home.is_dir()
        self._git = Git(home)
        self._home = home
        self._commit = ""
        self._known: set[str] = set()
        self._environment = {
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_ALLOW_PROTOCOL": "https:http",
            "GIT_DIR": str(home),
            "HOME": os.devnull,
            "LC_ALL": "C",
            **environment,
        }
        self.files: Mapping[str, FileEntry] = {}

    def fetch(self, url: str, commit: str) -> None:
        """Get the commit and its trees."""
        self._commit = commit
        if not self.was_there:
            self._home.mkdir(mode=0o700)
            self._run("init", "-q", "--bare", "--template=")
        (self._home / "config").write_text(_CONFIG.format(url=url))
        if commit not in self._here():
            self._get("--depth=1", "--filter=blob:none", "origin", commit)
        self.files = dict(self._listed())

    def read(self, paths: Iterable[str]) -> dict[str, bytes | None]:
        """Files of the commit; None where one is not there, or larger than 5 MB."""
        wanted = {path: self.files[path] for path in paths if path in self.files}
        self._need({entry.blob for entry in wanted.values()})
        blobs = dict(self._blobs({entry.blob for entry in wanted.values()}))
        return {path: blobs.get(entry.blob) for path, entry in wanted.items()}

    def _need(self, blobs: set[str]) -> None:
        """Fetch the blobs that are not here, in one request."""
        missing = sorted(blobs - self._here())
        if missing:
            said = "\n".join(missing) + "\n"
            self._get("--filter=blob:none", "--stdin", "origin", data=said.encode())

    def _here(self) -> set[str]:
        """All objects on disk; to ask git for one that is not would make it fetch that alone."""
        if not self._known:
            flags = ("--batch-all-objects", "--unordered", "--batch-check=%(objectname)")
            self._known = set(self._run("cat-file", *flags).decode().split())
        return self._known

    def _blobs(self, blobs: set[str]) -> Iterator[tuple[str, bytes | None]]:
        said = "".join(f"{blob}\n" for blob in sorted(blobs)).encode()
        stream = BytesIO(self._run("cat-file", "--batch", data=said))
        while header := stream.readline().split():
            if header[-1] == b"missing":
                raise Unavailable("git does not give a file that the commit holds")
            size = int(header[2])
            data = stream.read(size)
            stream.read(1)
            yield header[0].decode(), data if size <= _LARGEST else None

    def _listed(self) -> Iterator[tuple[str, FileEntry]]:
        out = self._run("ls-tree", "-r", "-z", "--full-tree", self._commit)
        for row in filter(None, out.decode("utf-8", "surrogateescape").split("\0")):
            meta, _, path = row.partition("\t")
            mode, _, blob = meta.split(" ")
            if mode in _FILES:
                yield path, FileEntry(mode=mode, blob=blob)

    def _get(self, *arguments: str, data: bytes = b"") -> None:
        flags = ("--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no")
        self._known = set()
        try:
            self._run("fetch", *flags, *arguments, data=data)
        except Unavailable as error:
            text = str(error).lower()
            if "not found" in text or "not our ref" in text or "denied" in text:
                raise Gone(str(error)) from error
            raise

    def _run(self, *arguments: str, data: bytes = b"") -> bytes:
        """The output of git. Raises Unavailable with git's own words."""
        with tempfile.TemporaryFile() as stdin:
            stdin.write(data)
            stdin.seek(0)
            try:
                out = self._git.execute(
                    ["git", *arguments],
                    istream=stdin,
                    env=self._environment,
                    stdout_as_string=False,
                    strip_newline_in_stdout=False,
                    kill_after_timeout=_SECONDS,
                )
            except CommandError as error:
                said = str(error.stderr).strip().removeprefix("stderr: ").strip("'\n ")
                raise Unavailable(f"git {arguments[0]}: {said[:300]}") from error
        assert isinstance(out, bytes)
        return out
