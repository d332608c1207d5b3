"""GitHub's App manifest flow: one form, one answer with a code, and the code's App.

Source: GitHub, "Registering a GitHub App from a manifest": the form goes to /settings/apps/new or
to the organisation's, GitHub comes back with `code` and the same `state`, and the code is good once
within an hour.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.errors import UserError
from bot.model.app import AppSecrets

HOMEPAGE = "https://github.com/podsec/podsec"
NOWHERE = "https://example.com/webhook"
"""GitHub wants an address; where podsec polls, nothing need be there."""


@dataclass(slots=True, kw_only=True)
class SetUp:
    """One making of an App.

    `state` is random: GitHub's answer must repeat it. `manifest` is what the App is to be, without
    the address to come back to; `convert` gets the secrets for a code, `save` keeps them.
    """

    form_url: str
    state: str
    manifest: dict[str, Any]
    convert: Callable[[str], AppSecrets]
    save: Callable[[AppSecrets], None]
    made: AppSecrets | None = field(default=None)

    def filled(self, back: str) -> str:
        """The manifest as GitHub wants it, with the address to come back to."""
        return json.dumps({**self.manifest, "redirect_url": back})

    def finish(self, code: str, state: str) -> AppSecrets:
        """Turn a code into the App and keep its secrets. Raises UserError, or PodsecError."""
        if not hmac.compare_digest(state.encode(), self.state.encode()):
            raise UserError("this answer is not to the form of this page: begin again")
        if self.made is not None:
            return self.made
        made = self.convert(code)
        self.save(made)
        self.made = made
        return made


def to_manifest(template: dict[str, Any], name: str, webhook_url: str | None) -> dict[str, Any]:
    """The App's manifest for one operator; without an address podsec polls."""
    hook = {"url": webhook_url or NOWHERE, "active": True}
    return {**template, "name": name, "hook_attributes": hook}


def form_url(web_url: str, organisation: str | None) -> str:
    """Where the form goes."""
    place = f"/organizations/{organisation}" if organisation else ""
    return f"{web_url}{place}/settings/apps/new"
