"""The main job, told as a story: a sandbox, the bot, two pull requests, their reviews and fixes."""

from __future__ import annotations

import contextlib
import logging
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from rich.console import Console
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table

from bot.errors import PermanentError, TransientError, UserError
from bot.sandbox import Sandbox, SandboxRepository
from bot.service import Service
from bot.settings import Settings

_FIXTURES = Path(__file__).parent.parent / "fixtures" / "repos"
SECRET = "the demo's own webhook secret"  # noqa: S105  # of a sandbox on loopback
_PATIENCE = 120.0
_HIDDEN = re.compile(r"<!--.*?-->|</?(?:details|summary)>", re.DOTALL)
_SUGGESTION = re.compile(r"```suggestion\n(.*?)```", re.DOTALL)
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """Everything that plays."""

    console: Console
    sandbox: Sandbox
    service: Service
    repository: SandboxRepository


def run(*, stay: bool, picture: Path | None = None) -> int:
    """Play the story; returns the exit code. Raises UserError without the fixtures."""
    logging.getLogger("podsec").addHandler(logging.NullHandler())
    logging.getLogger("podsec").propagate = False
    listener = socket.create_server(("127.0.0.1", 0))
    webhook = f"http://127.0.0.1:{listener.getsockname()[1]}/webhook"
    with tempfile.TemporaryDirectory(prefix="podsec-demo-") as name:
        folder = Path(name)
        sandbox = Sandbox(folder / "github", webhook_secret=SECRET, webhook_url=webhook)
        tell(sandbox, listener, folder, Console(highlight=False), stay=stay, picture=picture)
    return 0


def tell(
    sandbox: Sandbox,
    listener: socket.socket,
    folder: Path,
    console: Console,
    *,
    stay: bool,
    picture: Path | None,
) -> None:
    """Play the story in a sandbox that sends its webhooks, signed with SECRET, to `listener`.

    `folder` takes the database. Raises UserError without the fixtures.
    """
    if not _FIXTURES.is_dir():
        raise UserError("the demo needs a checkout of podsec: its fixtures are not installed")
    with _stage(sandbox, listener, folder, console) as stage:
        first = _play(stage, "insecure-pod", "Add the app's pod", _files("article"))
        _play(stage, "shop", "Deploy the shop", _files("shop"))
        if picture is not None:
            _paint(f"{stage.sandbox.url}/acme/shop/pull/{first}", picture)
        _epilogue(stage, first)
        if stay:
            _wait(stage)


def _files(name: str) -> dict[str, bytes]:
    root = _FIXTURES / name / "repo"
    found = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


@contextlib.contextmanager
def _stage(
    sandbox: Sandbox, listener: socket.socket, folder: Path, console: Console
) -> Iterator[_Stage]:
    with sandbox.running() as url:
        service = Service(_settings(sandbox, url, folder))
        with console.status("starting GitHub on your laptop, and podsec"):
            service.start()
        try:
            with _served(service.web, listener):
                repository = sandbox.create_repository("acme/shop", {"README.md": "# shop\n"})
                repository.set_permission("octo-dev", "write")
                port = listener.getsockname()[1]
                console.print(f"GitHub stand-in at {url}, podsec at http://127.0.0.1:{port}")
                yield _Stage(
                    console=console, sandbox=sandbox, service=service, repository=repository
                )
        finally:
            service.stop()


def _settings(sandbox: Sandbox, url: str, folder: Path) -> Settings:
    return Settings.from_environment(
        {
            "PODSEC_APP_ID": "1",
            "PODSEC_PRIVATE_KEY": sandbox.private_key_pem,
            "PODSEC_WEBHOOK_SECRET": SECRET,
            "PODSEC_GITHUB_URL": url,
            "PODSEC_DATABASE_URL": f"sqlite:///{folder / 'podsec.db'}",
            "PODSEC_WRITE_PAUSE_SECONDS": "0",
            "PODSEC_SWEEPS": "0",
        }
    )


@contextlib.contextmanager
def _served(web: Any, listener: socket.socket) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(web, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


def _play(stage: _Stage, branch: str, title: str, files: dict[str, bytes]) -> int:
    """One pull request: opened, reviewed, hardened."""
    console, repository = stage.console, stage.repository
    console.rule(f"[bold]{title}")
    repository.commit(branch, files, title)
    number = repository.open_pull(head=branch, base="main", title=title)
    console.print(f"octo-dev opens #{number} with {len(files)} files")
    head = str(repository.pull(number)["head"]["sha"])
    _until(stage, "waiting for the review", lambda: bool(repository.check_runs(head)))
    _show_review(stage, number, head)
    before = len(repository.pulls())
    comment = repository.comment(number, "/podsec fix")
    console.print("octo-dev comments [bold]/podsec fix[/]")
    _until(
        stage,
        "waiting for the follow-up pull requests",
        lambda: bool({"rocket", "confused"} & set(repository.reactions(comment))),
    )
    if "confused" in repository.reactions(comment):
        raise PermanentError(f"podsec refused: {_plain(repository.comments(number)[-1]['body'])}")
    _show_fixes(stage, before)
    return number


def _until(stage: _Stage, what: str, fact: Callable[[], bool]) -> None:
    began = time.monotonic()
    with stage.console.status(what):
        while not fact():
            if time.monotonic() - began > _PATIENCE:
                raise TransientError(f"{what}: nothing came within {_PATIENCE:.0f} s")
            time.sleep(0.05)
    stage.console.print(f"[dim]{what}: {time.monotonic() - began:.1f} s[/]")


def _show_review(stage: _Stage, number: int, head: str) -> None:
    console, repository = stage.console, stage.repository
    for review in repository.reviews(number):
        console.print(Panel(_plain(review["body"]), title="podsec reviewed", border_style="blue"))
    comments = repository.review_comments(number)
    for comment in comments[:_SHOWN]:
        _show_comment(console, comment)
    if len(comments) > _SHOWN:
        console.print(f"[dim]and {len(comments) - _SHOWN} comments more[/]")
    for check in repository.check_runs(head):
        console.print(f"check {check['name']}: [bold]{check['conclusion']}[/], {check['title']}")


def _show_comment(console: Console, comment: dict[str, Any]) -> None:
    where = f"{comment['path']}:{comment['line']}"
    body = comment["body"]
    console.print(Panel(_plain(_SUGGESTION.sub("", body)), title=where, border_style="yellow"))
    for suggestion in _SUGGESTION.findall(body):
        console.print(Panel(Syntax(suggestion, "yaml"), title="suggestion", border_style="green"))


def _plain(body: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", _HIDDEN.sub("", body)).replace("\u2060", "").strip()


def _show_fixes(stage: _Stage, before: int) -> None:
    console, repository = stage.console, stage.repository
    for pull in repository.pulls()[before:]:
        kind = "draft: test first" if pull["draft"] else "ready"
        console.print(f"podsec opens #{pull['number']} [bold]{pull['title']}[/] ({kind})")
        diff = repository.diff(pull["base"]["ref"], pull["head"]["ref"])
        console.print(Syntax(diff, "diff", word_wrap=True))


def _epilogue(stage: _Stage, number: int) -> None:
    """A push that brings nothing new is met with silence."""
    console, repository = stage.console, stage.repository
    console.rule("[bold]A push without new findings")
    comments = len(repository.review_comments(number))
    repository.commit("insecure-pod", {"NOTES.md": "nothing new\n"}, "Add notes")
    head = str(repository.pull(number)["head"]["sha"])
    _until(stage, "waiting for the check", lambda: bool(repository.check_runs(head)))
    if len(repository.review_comments(number)) != comments:
        raise PermanentError("podsec repeated itself")
    console.print("no new comment, as it should be")
    table = Table(title="All pull requests")
    for column in ("number", "title", "into", "comments"):
        table.add_column(column)
    for pull in repository.pulls():
        said = str(len(repository.review_comments(pull["number"])))
        table.add_row(f"#{pull['number']}", pull["title"], pull["base"]["ref"], said)
    console.print(table)


def _wait(stage: _Stage) -> None:
    stage.console.print(f"Look at [bold]{stage.sandbox.url}[/]; Ctrl-C ends the demo.")
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()


def _paint(url: str, picture: Path) -> None:
    """A picture of a page, by headless Chromium."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        raise UserError("a picture needs Chromium: install chromium and fonts-noto-color-emoji")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    size = "--window-size=1240,1756"
    command = [browser, *flags, size, f"--screenshot={picture.resolve()}", url]
    subprocess.run(command, check=True, timeout=60, capture_output=True)
