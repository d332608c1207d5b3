"""`podsec setup`: a page on this machine that makes the GitHub App and keeps its secrets."""

from __future__ import annotations

import os
import secrets
import socket
import sys
import threading
from functools import partial
from pathlib import Path

import uvicorn

from bot.adapters.github import convert
from bot.errors import UserError
from bot.frozen import frozen
from bot.model.app import AppSecrets
from bot.model.permission import APP_PERMISSIONS
from bot.settings import github_url
from bot.web.setup import application
from bot.workflows.route import subscribed
from bot.workflows.set_up import HOMEPAGE, SetUp, form_url, to_manifest

ENV, PEM = "podsec.env", "podsec.pem"
_PRIVATE = 0o600
_DESCRIPTION = (
    "Reviews the Kubernetes manifests of pull requests, and proposes fixes that harden their pods."
)


@frozen
class SetupOptions:
    """What the command line says."""

    organisation: str | None
    name: str
    webhook_url: str | None
    folder: Path
    host: str
    port: int


def run(options: SetupOptions) -> int:
    """Serve the page until the App is made, then say what comes next. Raises UserError."""
    if options.webhook_url and not options.webhook_url.startswith("https://"):
        raise UserError("--webhook-url: it must begin with https://")
    for name in (ENV, PEM):
        if (options.folder / name).exists():
            raise UserError(f"{options.folder / name} exists: move it away first")
    api = github_url(os.environ.get("PODSEC_GITHUB_URL") or "https://api.github.com")
    flow = flow_of(options, api)
    token = secrets.token_urlsafe(24)
    listener = socket.create_server((options.host, options.port))
    address = f"http://{options.host}:{listener.getsockname()[1]}/setup?token={token}"
    print(f"Open {address}", file=sys.stderr, flush=True)
    serve(flow, token, listener)
    if flow.made is None:
        return 1
    print(next_steps(options, flow.made, api))
    return 0


def flow_of(options: SetupOptions, api: str) -> SetUp:
    """The flow of one run; the App's manifest follows podsec's own tables."""
    web = api.removesuffix("/api/v3").replace("://api.github.com", "://github.com")
    template = {
        "url": HOMEPAGE,
        "description": _DESCRIPTION,
        "public": False,
        "default_events": sorted(subscribed()),
        "default_permissions": {one.name: one.level for one in APP_PERMISSIONS},
    }
    return SetUp(
        form_url=form_url(web, options.organisation),
        state=secrets.token_urlsafe(24),
        manifest=to_manifest(template, options.name, options.webhook_url),
        convert=partial(convert, api),
        save=partial(save, options.folder, api),
    )


def serve(flow: SetUp, token: str, listener: socket.socket) -> None:
    """Serve until the secrets are kept, or Ctrl-C."""
    config = uvicorn.Config(
        application(flow, token, lambda: threading.Timer(1.0, stop).start()),
        log_level="error",
        lifespan="off",
        access_log=False,
    )
    server = uvicorn.Server(config)

    def stop() -> None:
        server.should_exit = True

    server.run(sockets=[listener])


def save(folder: Path, api: str, made: AppSecrets) -> None:
    """Write the key and the settings to files of mode 600 that were not there. Raises UserError."""
    pem = folder / PEM
    lines = {
        "PODSEC_APP_ID": str(made.id),
        "PODSEC_PRIVATE_KEY_FILE": str(pem.resolve()),
        "PODSEC_WEBHOOK_SECRET": made.webhook_secret,
        "PODSEC_GITHUB_URL": api,
    }
    _write(pem, made.private_key)
    _write(folder / ENV, "".join(f"{name}={value}\n" for name, value in lines.items()))


def _write(path: Path, text: str) -> None:
    """Create a file that nobody else may read, at any moment."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)


def next_steps(options: SetupOptions, made: AppSecrets, api: str) -> str:
    """What to do next, in order."""
    poll = "" if options.webhook_url else " --poll"
    env = options.folder / ENV
    return (
        f"The App {made.slug!r} is made on {api}. Its secrets are in {env} and "
        f"{options.folder / PEM}.\n\n"
        f"1. Install it: {made.html_url}/installations/new\n"
        f"2. Look whether all is well: set -a; . {env}; set +a; podsec doctor\n"
        f"3. Run it: podsec serve{poll}\n"
    )
