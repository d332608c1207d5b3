"""A sandbox alone, asked over HTTP, with GitHub's contract checked on every answer."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from bot.sandbox import Sandbox, SandboxRepository
from bot.sandbox.access import Access
from tests.e2e.conftest import Contract, eventually

SECRET = "the sandbox's secret"
OLD = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\neleven\ntwelve\n" * 3
NEW = OLD.replace("two", "TWO", 1)
TAIL = NEW[: NEW.rfind("eleven")] + "ELEVEN\ntwelve\n"  # a second hunk, far below


class Client:
    """Requests as GitHub takes them; `token` may be changed between two."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token
        self._session = requests.Session()
        self._session.trust_env = False

    def __call__(
        self, method: str, path: str, body: Any = None, token: str | None = None, **headers: str
    ) -> requests.Response:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        fields["Authorization"] = f"Bearer {self.token if token is None else token}"
        return self._session.request(
            method, self.url + path, json=body, headers=fields, timeout=20, allow_redirects=False
        )


class Hub:
    """The sandbox, a repository with an open pull request, and the App's credentials."""

    def __init__(self, sandbox: Sandbox, url: str, received: list[dict[str, Any]]) -> None:
        self.sandbox, self.url, self.received = sandbox, url, received
        self.repository: SandboxRepository = sandbox.create_repository("acme/shop", {"a.txt": OLD})
        self.repository.commit("feature", {"a.txt": TAIL, "b.txt": "new\n"}, "Change")
        self.number = self.repository.open_pull(head="feature", base="main", title="Change")
        self.ask = Client(url, "")
        self.ask.token = self.token()

    @property
    def home(self) -> str:
        return "/repos/acme/shop"

    @property
    def head(self) -> str:
        return str(self.repository.pull(self.number)["head"]["sha"])

    def app_word(self, **changed: Any) -> str:
        now = int(time.time())
        claims = {"iss": "1", "iat": now - 60, "exp": now + 300} | changed
        claims = {key: value for key, value in claims.items() if value is not None}
        return jwt.encode(claims, self.sandbox.private_key_pem, algorithm="RS256")

    def token(self, **permissions: str) -> str:
        body = {"permissions": permissions} if permissions else {}
        path = "/app/installations/77/access_tokens"
        answer = self.ask("POST", path, body, token=self.app_word())
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

    def review(self, *comments: dict[str, Any], **changed: Any) -> requests.Response:
        body = {"event": "COMMENT", "body": "words", "comments": list(comments)} | changed
        given = {key: value for key, value in body.items() if value is not None}
        return self.ask("POST", f"{self.home}/pulls/{self.number}/reviews", given)


@pytest.fixture(scope="session")
def key() -> str:
    return Access(1, None).private_key_pem


@pytest.fixture(scope="session")
def signed_contract(shared: Path) -> Contract:
    return Contract(shared)


@pytest.fixture
def hub(tmp_path: Path, signed_contract: Contract, key: str) -> Iterator[Hub]:
    contract = signed_contract.fresh()
    received: list[dict[str, Any]] = []

    class Receiver(BaseHTTPRequestHandler):
        def log_message(self, *_args: Any) -> None:
            return

        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["content-length"]))
            fields = {k.lower(): v for k, v in self.headers.items()}
            if self.headers["x-github-event"] != "push":
                received.append({"headers": fields, "raw": data, "payload": json.loads(data)})
            self.send_response(202)
            self.end_headers()

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}/webhook"
    sandbox = Sandbox(
        tmp_path / "github", private_key_pem=key, webhook_secret=SECRET, webhook_url=url
    )
    contract.watch(sandbox)
    with sandbox.running() as address:
        yield Hub(sandbox, address, received)
        eventually(sandbox.delivered, "all deliveries are answered")
    server.shutdown()
    server.server_close()
    contract.check_webhooks(sandbox)
    assert contract.violations == []
