"""Requests for one job: explicit calls, none hidden behind an attribute."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from github import Auth, Github, GithubException

from bot.adapters.github.limiter import Limiter
from bot.adapters.github.retry import SafeRetry, classified
from bot.errors import NotPermitted, RateLimited, Unavailable
from bot.model.delivery import RepositoryRef

_PAGE = 100
API_VERSION = "2022-11-28"


class Session:
    """One PyGithub client: it keeps request state, so it serves one job in one thread.

    Repositories are addressed by id: by a former name GitHub redirects, which PyGithub follows
    without the query for reads and takes for a success for writes.
    """

    def __init__(
        self,
        url: str,
        token: str,
        repository: RepositoryRef,
        pause: float,
        timeout: int,
        limiter: Limiter | None = None,
    ) -> None:
        self.repository = repository
        self._limiter = limiter if limiter is not None else Limiter()
        self._github = Github(
            auth=Auth.Token(token),
            base_url=url,
            lazy=True,
            per_page=_PAGE,
            timeout=timeout,
            retry=SafeRetry(),
            seconds_between_requests=0,
            seconds_between_writes=pause,
            api_version=API_VERSION,
        )

    def close(self) -> None:
        """Let the connections go."""
        self._github.close()

    def get(self, path: str, **query: Any) -> Any:
        """Read `path` below the repository."""
        return self._call("GET", path, query=query)[1]

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Write once; after an unclear failure look before you repeat."""
        return self._call("POST", path, body=body)[1]

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        """Change once."""
        return self._call("PATCH", path, body=body)[1]

    def delete(self, path: str) -> None:
        """Take something away. Raises Gone where it is not there."""
        self._call("DELETE", path)

    def rows(self, path: str, below: str | None = None, **query: Any) -> Iterator[dict[str, Any]]:
        """All rows of a list, page by page; `below` names the key that holds them."""
        for page in self.pages(path, below, **query):
            yield from page

    def pages(
        self, path: str, below: str | None = None, **query: Any
    ) -> Iterator[list[dict[str, Any]]]:
        """The pages of a list, as large as GitHub gives them."""
        page = 1
        while True:
            headers, data = self._call(
                "GET", path, query={"per_page": _PAGE, "page": page, **query}
            )
            yield data[below] if below else data
            if 'rel="next"' not in headers.get("link", ""):
                return
            page += 1

    def graphql(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Ask GraphQL; its errors come with HTTP 200. Raises PodsecError."""
        if query.startswith("mutation"):
            self._limiter.write(self.repository.installation)
        with classified("asking GraphQL"):
            try:
                _, answer = self._github.requester.graphql_query(query, variables)
            except GithubException as error:
                _raise_for_graphql(error)
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
        where = f"/repositories/{self.repository.id}{path}"
        if verb != "GET":
            self._limiter.write(self.repository.installation)
        with classified(f"{verb} {path}"):
            headers, data = self._github.requester.requestJsonAndCheck(
                verb, where, parameters=query or None, input=body
            )
        self._limiter.note(self.repository.installation, headers)
        return headers, data


def _raise_for_graphql(error: GithubException) -> None:
    """Classify what PyGithub makes a 400: errors that came with HTTP 200."""
    data = error.data if isinstance(error.data, dict) else {}
    errors = [row for row in data.get("errors") or () if isinstance(row, dict)]
    if error.status != 400 or not errors:
        return
    kinds = {row.get("type") for row in errors}
    text = f"GraphQL: {'; '.join(str(row.get('message')) for row in errors)[:300]}"
    if "RATE_LIMITED" in kinds:
        raise RateLimited(text, 60.0) from error
    if "FORBIDDEN" in kinds:
        raise NotPermitted(text) from error
    raise Unavailable(text) from error
