"""What the operator sets, by environment; a missing secret stops the start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One variable: what it means, and what holds without it (None: it must be set)."""

    name: str
    default: str | None
    means: str


SETTINGS = (
    Setting(name="PODSEC_APP_ID", default=None, means="the GitHub App's id"),
    Setting(
        name="PODSEC_PRIVATE_KEY",
        default="",
        means="the App's private key (PEM); or set PODSEC_PRIVATE_KEY_FILE",
    ),
    Setting(name="PODSEC_PRIVATE_KEY_FILE", default="", means="a file that holds the private key"),
    Setting(
        name="PODSEC_WEBHOOK_SECRET",
        default=None,
        means="the webhook secret; several, one a line, while you rotate it",
    ),
    Setting(
        name="PODSEC_GITHUB_URL",
        default="https://api.github.com",
        means="GitHub's API; https://HOST/api/v3 for an Enterprise Server",
    ),
    Setting(
        name="PODSEC_DATABASE_URL",
        default="sqlite:///podsec.db",
        means="sqlite:///PATH on a local disk, or postgresql://USER:PASSWORD@HOST/NAME",
    ),
    Setting(name="PODSEC_HOST", default="127.0.0.1", means="the address to listen on"),
    Setting(name="PODSEC_PORT", default="8080", means="the port to listen on"),
    Setting(
        name="PODSEC_ENFORCE",
        default="0",
        means="1: the check run fails from failOn on, instead of staying neutral",
    ),
    Setting(
        name="PODSEC_MAX_BODY_BYTES", default="26214400", means="larger deliveries are refused"
    ),
    Setting(
        name="PODSEC_WRITE_PAUSE_SECONDS",
        default="1",
        means="the pause between two writes of one job, which GitHub asks for",
    ),
    Setting(name="PODSEC_LOG_LEVEL", default="INFO", means="DEBUG, INFO, WARNING or ERROR"),
)
_SWITCH = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_SECONDS = re.compile(r"[0-9]{1,4}(\.[0-9]{1,3})?")
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The operator's settings, read and checked."""

    app_id: int
    private_key: str
    webhook_secrets: tuple[str, ...]
    github_url: str
    database_url: str
    host: str
    port: int
    enforce: bool
    max_body_bytes: int
    write_pause: float
    log_level: str

    def __repr__(self) -> str:
        """Without the secrets."""
        return f"Settings(app_id={self.app_id}, github_url={self.github_url!r})"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the variables. Raises ConfigError that names the variable and the remedy."""
        value = {s.name: environment.get(s.name, s.default) for s in SETTINGS}
        for setting in SETTINGS:
            if not value[setting.name] and setting.default is None:
                raise ConfigError(f"{setting.name} is not set: it is {setting.means}")
        get = {name: text or "" for name, text in value.items()}
        secrets = tuple(s.strip() for s in get["PODSEC_WEBHOOK_SECRET"].splitlines() if s.strip())
        if not secrets:
            raise ConfigError("PODSEC_WEBHOOK_SECRET is blank: set the App's webhook secret")
        level = get["PODSEC_LOG_LEVEL"].upper()
        if level not in _LEVELS:
            raise ConfigError(f"PODSEC_LOG_LEVEL is {level!r}: use one of {', '.join(_LEVELS)}")
        return cls(
            app_id=_whole(get, "PODSEC_APP_ID"),
            private_key=_private_key(get),
            webhook_secrets=secrets,
            github_url=_github_url(get["PODSEC_GITHUB_URL"]),
            database_url=_database_url(get["PODSEC_DATABASE_URL"]),
            host=get["PODSEC_HOST"],
            port=_whole(get, "PODSEC_PORT"),
            enforce=_switch(get, "PODSEC_ENFORCE"),
            max_body_bytes=_whole(get, "PODSEC_MAX_BODY_BYTES"),
            write_pause=_seconds(get, "PODSEC_WRITE_PAUSE_SECONDS"),
            log_level=level,
        )


def _whole(get: Mapping[str, str], name: str) -> int:
    if not (get[name].isascii() and get[name].isdigit()):
        raise ConfigError(f"{name} is {get[name]!r}: a whole number was expected")
    return int(get[name])


def _seconds(get: Mapping[str, str], name: str) -> float:
    if not _SECONDS.fullmatch(get[name]):
        raise ConfigError(f"{name} is {get[name]!r}: a number of seconds was expected")
    return float(get[name])


def _switch(get: Mapping[str, str], name: str) -> bool:
    """A switch that is misread must not be off in silence."""
    if get[name].lower() not in _SWITCH:
        raise ConfigError(f"{name} is {get[name]!r}: use 1 or 0")
    return _SWITCH[get[name].lower()]


def _private_key(get: Mapping[str, str]) -> str:
    key, file = get["PODSEC_PRIVATE_KEY"], get["PODSEC_PRIVATE_KEY_FILE"]
    if not key and not file:
        raise ConfigError(
            "PODSEC_PRIVATE_KEY is not set: set it, or PODSEC_PRIVATE_KEY_FILE, to the key of the "
            "GitHub App (Settings, Developer settings, GitHub Apps, Private keys)"
        )
    if not key:
        try:
            key = Path(file).read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"PODSEC_PRIVATE_KEY_FILE: {file} cannot be read") from error
    key = key.replace("\\n", "\n")
    if "PRIVATE KEY-----" not in key:
        raise ConfigError("PODSEC_PRIVATE_KEY is no PEM private key: paste the whole .pem file")
    return key


def _github_url(url: str) -> str:
    if not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise ConfigError(f"PODSEC_GITHUB_URL is {url!r}: it must begin with https://")
    return url.rstrip("/")


def _database_url(url: str) -> str:
    if not url.startswith(("sqlite:///", "postgresql://")):
        raise ConfigError(
            "PODSEC_DATABASE_URL must begin with sqlite:/// or postgresql://"
        )  # its value may hold a password, so it is not shown
    return url
