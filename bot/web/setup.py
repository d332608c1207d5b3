"""GET /setup: a page with one button that makes the GitHub App; its secrets go to files alone."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from html import escape

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from bot.errors import PodsecError
from bot.workflows.set_up import SetUp

_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Set up podsec</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto }}
button {{ font: inherit; padding: .6rem 1.2rem }}
code {{ background: #eee; padding: .1rem .3rem }}
</style>
<h1>Set up podsec</h1>
{body}
</html>
"""
_FORM = """\
<p>GitHub makes the App with the permissions and events that podsec needs, and sends its key back to
this page's server, which writes it to files that only you can read.</p>
<form action="{action}" method="post">
<input type="hidden" name="manifest" value="{manifest}">
<button>Make the App on GitHub</button>
</form>
"""
_DONE = """\
<p>The App <b>{slug}</b> is there, and its secrets are written. Now
<a href="{install}">install it on your repositories</a>, then go on in the terminal.</p>
"""


def application(flow: SetUp, token: str, done: Callable[[], None]) -> FastAPI:
    """The pages; `token` is in the address that the operator alone has seen.

    `done` is called once the secrets are kept.
    """
    app = FastAPI(title="podsec", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(router(flow, token, done))
    return app


def router(flow: SetUp, token: str, done: Callable[[], None]) -> APIRouter:
    """The two routes of the flow."""
    found = APIRouter()

    @found.get("/setup")
    async def begin(request: Request) -> Response:
        given = request.query_params.get("token", "")
        if not hmac.compare_digest(given.encode(), token.encode()):
            return _page("<p>Open the address that podsec has printed.</p>", 403)
        manifest = flow.filled(str(request.url_for("finish")))
        action = f"{flow.form_url}?state={flow.state}"
        return _page(_FORM.format(action=escape(action), manifest=escape(manifest)))

    @found.get("/setup/done")
    async def finish(request: Request) -> Response:
        code, state = request.query_params.get("code", ""), request.query_params.get("state", "")
        try:
            made = await run_in_threadpool(flow.finish, code, state)
        except PodsecError as error:
            return _page(f"<p>{escape(str(error))}</p>", 400)
        done()
        install = f"{made.html_url}/installations/new"
        return _page(_DONE.format(slug=escape(made.slug), install=escape(install)))

    return found


def _page(body: str, status: int = 200) -> Response:
    headers = {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Frame-Options": "DENY",
    }
    return Response(_PAGE.format(body=body), status, headers, media_type="text/html")
