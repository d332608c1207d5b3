"""The REST operations, by GitHub's own chapters."""

from bot.sandbox.http import Route
from bot.sandbox.rest import (
    apps,
    checks,
    contents,
    git,
    issue_rows,
    issues,
    pulls,
    repositories,
    reviews,
)

ROUTES: list[Route] = [
    *apps.ROUTES,
    *repositories.ROUTES,
    *contents.ROUTES,
    *git.ROUTES,
    *pulls.ROUTES,
    *reviews.ROUTES,
    *issues.ROUTES,
    *issue_rows.ROUTES,
    *checks.ROUTES,
]
