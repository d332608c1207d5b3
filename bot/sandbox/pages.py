"""Pages for people: a pull request with its diff, comments, suggestions and checks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from bot.sandbox.diff_rows import Row, rows
from bot.sandbox.markdown import rendered
from bot.sandbox.world import (
    CheckRun,
    IssueComment,
    Pull,
    Refusal,
    Repository,
    Review,
    ReviewComment,
    World,
)

_EMOJI = {
    "+1": "👍",
    "-1": "👎",
    "laugh": "😄",
    "confused": "😕",
    "heart": "❤️",
    "hooray": "🎉",
    "rocket": "🚀",
    "eyes": "👀",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """One box of the conversation."""

    user: str
    did: str
    html: Markup
    reactions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    row: Row
    comments: list[tuple[ReviewComment, Markup]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    path: str
    status: str
    additions: int
    deletions: int
    lines: list[_Line]


def mount(app: FastAPI, world: World) -> None:
    """Give the application its pages."""
    folder = Path(__file__).parent / "templates"
    templates = Environment(loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True)

    def page(name: str, **values: Any) -> Response:
        text = templates.get_template(name).render(world=world, **values)
        headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
        return Response(text, 200, headers, media_type="text/html")

    @app.get("/")
    def index() -> Response:
        with world.lock:
            return page("index.html", repositories=list(world.repositories.values()))

    @app.get("/{owner}/{repo}/pull/{number:int}")
    def pull_page(owner: str, repo: str, number: int) -> Response:
        with world.lock:
            try:
                home = world.repository(owner, repo)
                pull = world.pull(home, number)
            except Refusal as refusal:
                return Response(refusal.message, refusal.status, media_type="text/plain")
            return page("pull.html", **_view(home, pull))


def _view(home: Repository, pull: Pull) -> dict[str, Any]:
    checks: list[tuple[CheckRun, Markup]] = [
        (run, rendered(run.summary or "")) for run in home.checks if run.head == pull.head_sha
    ]
    return {
        "home": home,
        "pull": pull,
        "body": rendered(pull.body or ""),
        "checks": checks,
        "said": _conversation(home, pull),
        "files": _files(home, pull),
        "outdated": [(c, rendered(c.body)) for c in pull.comments if c.line is None],
    }


def _conversation(home: Repository, pull: Pull) -> list[_Said]:
    """Comments and reviews, oldest first."""
    items: list[IssueComment | Review] = [c for c in home.comments if c.number == pull.number]
    items += (r for r in pull.reviews if r.state != "PENDING" and r.body)
    return [_said(item, pull) for item in sorted(items, key=lambda item: (item.at, item.id))]


def _said(item: IssueComment | Review, pull: Pull) -> _Said:
    if isinstance(item, IssueComment):
        reactions = tuple(_EMOJI.get(r.content, r.content) for r in item.reactions)
        return _Said(user=item.user, did="commented", html=rendered(item.body), reactions=reactions)
    inline = sum(1 for comment in pull.comments if comment.review == item.id)
    did = "reviewed" + (f" ({inline} inline below)" if inline else "")
    return _Said(user=item.user, did=did, html=rendered(item.body))


def _files(home: Repository, pull: Pull) -> list[_File]:
    return [
        _File(
            path=change.path,
            status=change.status,
            additions=change.additions,
            deletions=change.deletions,
            lines=_lines(home, pull, change.path, change.patch or ""),
        )
        for change in home.store.changes(pull.base_sha, pull.head_sha)
    ]


def _lines(home: Repository, pull: Pull, path: str, patch: str) -> list[_Line]:
    text = (home.store.read(pull.head_sha, path) or b"").decode("utf-8", "replace").split("\n")
    comments = [c for c in pull.comments if c.path == path and c.line is not None]
    lines = []
    for row in rows(patch) if patch else []:
        here = [c for c in comments if c.line == (row.new if c.side == "RIGHT" else row.old)]
        shown = row.kind not in {"@", "\\"}
        lines.append(
            _Line(row=row, comments=[(c, _comment(c, text)) for c in here] if shown else [])
        )
    return lines


def _comment(comment: ReviewComment, text: list[str]) -> Markup:
    assert comment.line is not None
    first = comment.start_line or comment.line
    return rendered(comment.body, text[first - 1 : comment.line])
