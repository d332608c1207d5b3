"""Requests for one job: explicit calls, none hidden behind an attribute."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from github import Auth, Github, GithubException

from bot.adapters.github.retry import SafeRetry, classified
from bot.errors import RateLimited, Unavailable
from bot.model.delivery import RepositoryRef

_PAGE = 100
_API_VERSION = "2022-11-28"


class Session:
    """One PyGithub client: it keeps request state, so it serves one job in one thread."""

    def __init__(self, url: str, token: str, repository: RepositoryRef, pause: float) -> None:
        self.repository = repository
        self._github = Github(
            auth=Auth.Token(token),
            base_url=url,
            lazy=True,
            per_page=_PAGE,
            timeout=20,
            retry=SafeRetry(),
            seconds_between_requests=0,
            seconds_between_writes=pause,
            api_version=_API_VERSION,
        )

    def get(self, path: str, **query: Any) -> Any:
        """Read `path` below the repository."""
        return self._call("GET", path, query=query)[1]

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Write once; after an unclear failure look before you repeat."""
        return self._call("POST", path, body=body)[1]

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        """Change once."""
        return self._call("PATCH", path, body=body)[1]

    def rows(self, path: str, below: str | None = None, **query: Any) -> Iterator[dict[str, Any]]:
        """All rows of a list, page by page; `below` names the key that holds them."""
        page = 1
        while True:
            headers, data = self._call(
                "GET", path, query={"per_page": _PAGE, "page": page, **query}
            )
            yield from data[below] if below else data
            if 'rel="next"' not in headers.get("link", ""):
                return
            page += 1

    def graphql(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Ask GraphQL; its errors come with HTTP 200. Raises PodsecError."""
        with classified("asking GraphQL"):
            try:
                _, answer = self._github.requester.graphql_query(query, variables)
            except GithubException as error:
                data = error.data if isinstance(error.data, dict) else {}
                kinds = {e.get("type") for e in data.get("errors") or () if isinstance(e, dict)}
                if "RATE_LIMITED" in kinds:
                    raise RateLimited("GraphQL: GitHub asked for a pause", 60.0) from error
                if error.status == 400:
                    raise Unavailable(f"GraphQL: {error.message}") from error
                raise
        found: dict[str, Any] = answer["data"]
        return found

    def _call(
        self,
        verb: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
    ) -> tuple[dict[str, Any], Any]:
        where = f"/repos/{quote(self.repository.full_name)}{path}"
        with classified(f"{verb} {path}"):
            return self._github.requester.requestJsonAndCheck(
                verb, where, parameters=query or None, input=body
            )
