"""The files of one commit, fetched from a forge: no history, no hook, no filter, no token kept.

The token goes to git in its environment (git-config(1), GIT_CONFIG_COUNT), never in an address or
an argument. Of the tree, links stay links: who reads it follows them within it alone.
"""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bot.disk import DiskFiles
from bot.errors import Gone, Unavailable
from bot.model.delivery import RepositoryRef
from bot.model.files import Files
from bot.process import clean_environment, run

_SECONDS = 120.0
_ATTRIBUTES = "* -text -eol -filter -ident -working-tree-encoding\n"
"""Files come as they are: .git/info/attributes goes before the tree's own (gitattributes(5))."""
_SETTINGS = {
    "protocol.allow": "never",
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.autocrlf": "false",
    "core.symlinks": "true",
    "http.followRedirects": "false",
    "credential.helper": "",
    "fetch.fsckObjects": "true",
    "gc.auto": "0",
}


class GitFetch:
    """Fetches from the git server that belongs to an API's address."""

    def __init__(self, api: str) -> None:
        self._server = _server(api)
        self._scheme = urlsplit(self._server).scheme

    @contextmanager
    def files(self, repository: RepositoryRef, commit: str, token: str) -> Iterator[Files]:
        """All files of a commit, until the block ends.

        Raises NotInstalled without git, Gone where the commit is not to be had, and Unavailable
        where it takes longer than two minutes.
        """
        with tempfile.TemporaryDirectory(prefix="podsec-") as name:
            folder = Path(name)
            environment = self._environment(token)
            _git(folder, environment, "init", "--quiet", ".")
            (folder / ".git" / "info").mkdir(exist_ok=True)
            (folder / ".git" / "info" / "attributes").write_text(_ATTRIBUTES)
            address = f"{self._server}/{repository.full_name}.git"
            flags = ("--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules")
            _git(folder, environment, "fetch", *flags, address, commit)
            _git(folder, self._environment(None), "checkout", "--quiet", "--force", "FETCH_HEAD")
            yield DiskFiles(folder)

    def _environment(self, token: str | None) -> dict[str, str]:
        settings = {**_SETTINGS, f"protocol.{self._scheme}.allow": "always"}
        if token is not None:
            basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
            settings[f"http.{self._server}/.extraHeader"] = f"Authorization: Basic {basic}"
        said = {"GIT_CONFIG_COUNT": str(len(settings))}
        for index, (key, value) in enumerate(settings.items()):
            said |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
        return clean_environment(
            HOME="/nonexistent", GIT_CONFIG_NOSYSTEM="1", GIT_TERMINAL_PROMPT="0", **said
        )


def _server(api: str) -> str:
    """Where the git server of an API is: github.com beside api.github.com, else the same host."""
    parts = urlsplit(api)
    host = parts.netloc.removeprefix("api.") if parts.netloc == "api.github.com" else parts.netloc
    return f"{parts.scheme}://{host}"


def _git(folder: Path, environment: dict[str, str], *arguments: str) -> None:
    done = run(["git", *arguments], environment=environment, seconds=_SECONDS, folder=folder)
    if done.code == 0:
        return
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    reason = f"git {arguments[0]}: {said[-1] if said else 'no reason given'}"
    if any(sign in reason for sign in ("not our ref", "not found", "unadvertised")):
        raise Gone(reason)
    raise Unavailable(reason)
