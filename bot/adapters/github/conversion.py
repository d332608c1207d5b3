"""The code of the manifest flow, turned into the App's secrets."""

from __future__ import annotations

from urllib.parse import quote

from github import Github

from bot.adapters.github.retry import SafeRetry, classified
from bot.adapters.github.session import API_VERSION
from bot.errors import Gone, Malformed, Rejected, UserError
from bot.model.app import AppSecrets


def convert(url: str, code: str) -> AppSecrets:
    """POST /app-manifests/CODE/conversions: no credentials, once, within an hour.

    Raises UserError where the code is none or is used up, or PodsecError.
    """
    github = Github(base_url=url, retry=SafeRetry(), api_version=API_VERSION)
    path = f"/app-manifests/{quote(code, safe='')}/conversions"
    try:
        with classified("making the App"):
            found = github.requester.requestJsonAndCheck("POST", path)[1]
    except (Gone, Rejected) as error:
        raise UserError("GitHub does not know this code, or no longer: begin again") from error
    finally:
        github.close()
    try:
        return AppSecrets(
            id=found["id"],
            slug=found["slug"],
            html_url=found["html_url"],
            private_key=found["pem"],
            webhook_secret=found["webhook_secret"] or "",
            client_id=found["client_id"],
            client_secret=found["client_secret"],
        )
    except KeyError as error:
        raise Malformed(f"GitHub's answer lacks {error}") from error
