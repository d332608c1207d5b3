"""The App as GitHub knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from bot.frozen import frozen


@frozen
class AppFacts:
    """Who the App is: permissions by name, and the events that it subscribes to."""

    id: int
    slug: str
    permissions: Mapping[str, str]
    events: tuple[str, ...]


@frozen
class Installation:
    """Where the App is installed, and what its owner has accepted."""

    id: int
    account: str
    permissions: Mapping[str, str]
    events: tuple[str, ...]
    is_suspended: bool


@frozen
class LoggedDelivery:
    """A row of the App's delivery log: one attempt. `at` is GitHub's time, ISO 8601."""

    id: int
    guid: str
    event: str
    action: str
    arrived: bool
    at: str


@frozen
class AppSecrets:
    """What GitHub tells once about an App that was just made."""

    id: int
    slug: str
    html_url: str
    private_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)
