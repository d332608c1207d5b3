"""GitHub as the App itself sees it: its installations, its repositories, its delivery log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from bot.adapters.github.session import Session, call_once
from bot.adapters.github.tokens import Tokens
from bot.errors import Gone
from bot.model.app import AppFacts, Installation, LoggedDelivery
from bot.model.delivery import Delivery, PullRef, RepositoryRef, pull_ref

_PAGE = 100
_TIMEOUT = 20


class AppClient:
    """Each call stands by itself; nothing is remembered but tokens."""

    def __init__(self, app_id: int, private_key: str, url: str) -> None:
        self._tokens, self._url = Tokens(app_id, private_key, url), url

    def facts(self) -> AppFacts:
        """Who the App is, and what it may do. Raises PodsecError where the key is refused."""
        found = self._tokens.call("GET", "/app")
        return AppFacts(
            id=found["id"],
            slug=found["slug"],
            permissions=found["permissions"],
            events=tuple(found["events"]),
        )

    def hook_url(self) -> str:
        """Where GitHub sends deliveries; empty where nowhere."""
        return str(self._tokens.call("GET", "/app/hook/config").get("url") or "")

    def installations(self) -> tuple[Installation, ...]:
        """Where the App is installed."""
        return tuple(
            Installation(
                id=row["id"],
                account=(row["account"] or {}).get("login", ""),
                permissions=row["permissions"],
                events=tuple(row["events"]),
                is_suspended=row.get("suspended_at") is not None,
            )
            for row in self._pages("/app/installations")
        )

    def repositories(self, installation: int) -> tuple[RepositoryRef, ...]:
        """The repositories that an installation reaches, archived ones left out."""
        token = self._tokens.of_installation(installation)
        found: list[RepositoryRef] = []
        page = 1
        while True:
            query = {"per_page": _PAGE, "page": page}
            rows = call_once(self._url, token, "/installation/repositories", query)["repositories"]
            found += [
                RepositoryRef(id=row["id"], full_name=row["full_name"], installation=installation)
                for row in rows
                if not row.get("archived")
            ]
            if len(rows) < _PAGE:
                return tuple(found)
            page += 1

    def open_pulls(self, repository: RepositoryRef) -> Iterator[tuple[PullRef, dict[str, Any]]]:
        """The open pull requests with GitHub's own objects, the last updated first."""
        session = self._session(repository)
        try:
            rows = session.rows("/pulls", state="open", sort="updated", direction="desc")
            for row in rows:
                yield pull_ref(repository, row), row
        finally:
            session.close()

    def has_check(self, repository: RepositoryRef, head: str, name: str) -> bool:
        """Whether a check run of that name stands on a commit."""
        session = self._session(repository)
        try:
            found = session.get(f"/commits/{quote(head)}/check-runs", check_name=name, per_page=1)
            return bool(found["total_count"])
        finally:
            session.close()

    def deliveries(self) -> Iterator[LoggedDelivery]:
        """The log of deliveries, the newest first; GitHub keeps three days of them."""
        for row in self._cursor("/app/hook/deliveries"):
            yield LoggedDelivery(
                id=row["id"],
                guid=row["guid"],
                event=row["event"],
                action=row["action"] or "",
                arrived=200 <= row["status_code"] < 300,
                at=row["delivered_at"],
            )

    def delivery(self, number: int) -> Delivery | None:
        """One of them as it was sent; None where GitHub no longer keeps it."""
        try:
            found = self._tokens.call("GET", f"/app/hook/deliveries/{number}")
        except Gone:
            return None
        payload = found["request"]["payload"] or {}
        return Delivery(id=found["guid"], event=found["event"], payload=payload)

    def _session(self, repository: RepositoryRef) -> Session:
        token = self._tokens.token(repository.installation, repository.id)
        return Session(self._url, token, repository, 1.0, _TIMEOUT)

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        page = 1
        while True:
            rows = self._tokens.call("GET", f"{path}?per_page={_PAGE}&page={page}")
            yield from rows
            if len(rows) < _PAGE:
                return
            page += 1

    def _cursor(self, path: str) -> Iterator[dict[str, Any]]:
        """Rows of a list that is read on from a cursor, which its Link header names."""
        where = f"{path}?per_page={_PAGE}"
        while where:
            headers, rows = self._tokens.answer("GET", where)
            yield from rows
            where = _next(headers.get("link", ""), path)


def _next(link: str, path: str) -> str:
    """The address of the next page, below the API's own; empty where this is the last."""
    for part in link.split(","):
        address, _, relation = part.partition(";")
        if 'rel="next"' in relation:
            query = address.strip().strip("<>").partition("?")[2]
            return f"{path}?{query}"
    return ""
