"""Installation tokens: for one repository, with the permissions that podsec needs, for an hour."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from github import Auth, Github, GithubIntegration

from bot.adapters.github.retry import SafeRetry, classified
from bot.adapters.github.session import API_VERSION
from bot.errors import Gone, Rejected, StaleToken, Unavailable
from bot.model.delivery import RepositoryRef
from bot.model.permission import APP_PERMISSIONS

PERMISSIONS = {one.name: one.level for one in APP_PERMISSIONS if one.in_tokens}
_EARLY = 300.0
_PAGE = 100
_RANK = ("read", "write", "admin")


class Tokens:
    """A cache of tokens; the same token is asked for once, however many threads want it."""

    def __init__(
        self, app_id: int, private_key: str, url: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._app_id, self._private_key, self._url, self._clock = app_id, private_key, url, clock
        self._known: dict[tuple[int, int], tuple[str, float]] = {}
        self._locks: dict[tuple[int, int], threading.Lock] = {}
        self._guard = threading.Lock()
        self._login = ""

    def token(self, installation: int, repository: int) -> str:
        """A token that holds for five more minutes at least. Raises PodsecError."""
        key = (installation, repository)
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            token, expires = self._known.get(key, ("", 0.0))
            if expires - _EARLY > self._clock():
                return token
            token, expires = self._ask(installation, repository)
            self._known[key] = (token, expires)
            return token

    def of_repository(self, installation: int, name: str) -> tuple[str, int] | None:
        """A token that reads one repository of the owner's, by its name, and the repository's id.

        None where there is no such repository, or podsec is not installed in it. Not cached.
        """
        body = {"repositories": [name], "permissions": {"contents": "read"}}
        try:
            data = self.call("POST", f"/app/installations/{installation}/access_tokens", body)
        except (Rejected, Gone):
            return None
        return data["token"], data["repositories"][0]["id"]

    def of_installation(self, installation: int) -> str:
        """A token that may only list what an installation reaches. Not cached."""
        body = {"permissions": {"metadata": "read"}}
        path = f"/app/installations/{installation}/access_tokens"
        token: str = self.call("POST", path, body)["token"]
        return token

    def call(self, verb: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Ask as the App itself. Raises PodsecError."""
        return self.answer(verb, path, body)[1]

    def forget(self, installation: int, repository: int) -> None:
        """Drop a token that GitHub refused."""
        self._known.pop((installation, repository), None)

    def login(self) -> str:
        """The App's own login, such as podsec[bot]; asked once."""
        with self._guard:
            if not self._login:
                self._login = f"{self._call('GET', '/app', None)['slug']}[bot]"
            return self._login

    def find(self, full_name: str) -> RepositoryRef:
        """A repository by its name. Raises Gone where the App is not installed in it."""
        installation: int = self._call("GET", f"/repos/{full_name}/installation", None)["id"]
        body = {"repositories": [full_name.partition("/")[2]], "permissions": {"metadata": "read"}}
        path = f"/app/installations/{installation}/access_tokens"
        (row,) = self._call("POST", path, body)["repositories"]
        return RepositoryRef(id=row["id"], full_name=row["full_name"], installation=installation)

    def everywhere(self) -> Iterator[RepositoryRef]:
        """Every repository that an installation of the App reaches, archived ones not."""
        for installation in self._pages("/app/installations", None):
            if installation.get("suspended_at") is not None:
                continue
            path = f"/app/installations/{installation['id']}/access_tokens"
            token = self._call("POST", path, {"permissions": {"metadata": "read"}})["token"]
            for row in self._pages("/installation/repositories", token):
                if not row["archived"]:
                    yield RepositoryRef(
                        id=row["id"], full_name=row["full_name"], installation=installation["id"]
                    )

    def _pages(self, path: str, token: str | None) -> Iterator[dict[str, Any]]:
        """All rows of a list, by the App itself or by a token."""
        page = 1
        while True:
            asked = f"{path}?per_page={_PAGE}&page={page}"
            found = self._call("GET", asked, None, token)
            rows = found["repositories"] if isinstance(found, dict) else found
            yield from rows
            if len(rows) < _PAGE:
                return
            page += 1

    def _ask(self, installation: int, repository: int) -> tuple[str, float]:
        path = f"/app/installations/{installation}"
        body = {"repository_ids": [repository], "permissions": PERMISSIONS}
        try:
            data = self.call("POST", f"{path}/access_tokens", body)
        except Rejected:
            # an owner has not accepted all permissions yet: podsec does what it may
            granted = self.call("GET", path)["permissions"]
            body["permissions"] = _within(granted)
            data = self.call("POST", f"{path}/access_tokens", body)
        return data["token"], datetime.fromisoformat(data["expires_at"]).timestamp()

    def _call(
        self, verb: str, path: str, body: dict[str, Any] | None, token: str | None = None
    ) -> Any:
        """Ask as the App, or with a token."""
        if token is not None:
            return self._with(token, verb, path)
        return self.answer(verb, path, body)[1]

    def answer(
        self, verb: str, path: str, body: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], Any]:
        """The headers and the data of an answer to the App itself. Raises PodsecError."""
        integration = GithubIntegration(
            auth=Auth.AppAuth(self._app_id, self._private_key),
            base_url=self._url,
            retry=SafeRetry(),
            seconds_between_requests=0,
            seconds_between_writes=0,
            api_version=API_VERSION,
        )
        try:
            with classified(f"{verb} {path}"):
                return integration.requester.requestJsonAndCheck(verb, path, input=body)
        except StaleToken as error:
            raise Unavailable(
                "GitHub refuses the App's own key: check PODSEC_APP_ID, PODSEC_PRIVATE_KEY and the "
                "clock"
            ) from error
        finally:
            integration.close()

    def _with(self, token: str, verb: str, path: str) -> Any:
        github = Github(
            auth=Auth.Token(token),
            base_url=self._url,
            retry=SafeRetry(),
            seconds_between_requests=0,
            api_version=API_VERSION,
        )
        try:
            with classified(f"{verb} {path}"):
                return github.requester.requestJsonAndCheck(verb, path)[1]
        finally:
            github.close()


def _within(granted: dict[str, str]) -> dict[str, str]:
    """What podsec needs, as far as it was granted."""
    return {
        name: min(level, granted[name], key=_RANK.index)
        for name, level in PERMISSIONS.items()
        if name in granted
    }
