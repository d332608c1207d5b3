"""What the operator sets, by environment; a missing secret stops the start."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import ConfigError
from bot.model.rollout import MODES, Mode
from bot.settings.declared import (
    PUBLIC_REGISTRIES,
    SCAN_SETTINGS,
    SERVICE_SETTINGS,
    SETTINGS,
    Setting,
)

__all__ = [
    "PUBLIC_REGISTRIES",
    "SETTINGS",
    "ScanSettings",
    "Setting",
    "Settings",
    "github_url",
    "stored_at",
]
_SWITCH = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_SECONDS = re.compile(r"[0-9]{1,4}(\.[0-9]{1,3})?")
_FEWEST_DAYS = 4  # GitHub sends a delivery again for three
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The operator's settings, read and checked."""

    app_id: int
    private_key: str
    webhook_secrets: tuple[str, ...]
    github_url: str
    database_url: str
    operator_config: Path | None
    host: str
    port: int
    mode: Mode
    max_body_bytes: int
    delivery_days: int
    writes_per_minute: int
    writes_per_hour: int
    poll_seconds: float
    write_pause: float
    sweeps: bool
    clones: Path
    log_level: str
    scan: ScanSettings

    def __repr__(self) -> str:
        """Without the secrets."""
        return f"Settings(app_id={self.app_id}, github_url={self.github_url!r})"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the variables. Raises ConfigError that names the variable and the remedy."""
        get = _values(environment, SERVICE_SETTINGS)
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
            github_url=github_url(get["PODSEC_GITHUB_URL"]),
            database_url=_database_url(get["PODSEC_DATABASE_URL"]),
            operator_config=_file(get["PODSEC_OPERATOR_CONFIG"]),
            host=get["PODSEC_HOST"],
            port=_whole(get, "PODSEC_PORT"),
            mode=_mode(get),
            max_body_bytes=_whole(get, "PODSEC_MAX_BODY_BYTES"),
            delivery_days=max(_FEWEST_DAYS, _whole(get, "PODSEC_DELIVERY_DAYS")),
            writes_per_minute=max(1, _whole(get, "PODSEC_WRITES_PER_MINUTE")),
            writes_per_hour=max(1, _whole(get, "PODSEC_WRITES_PER_HOUR")),
            poll_seconds=max(1.0, _seconds(get, "PODSEC_POLL_SECONDS")),
            write_pause=_seconds(get, "PODSEC_WRITE_PAUSE_SECONDS"),
            sweeps=_switch(get, "PODSEC_SWEEPS"),
            clones=_folder(get["PODSEC_CLONES"], environment, "podsec/clones"),
            log_level=level,
            scan=ScanSettings.from_environment(environment),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanSettings:
    """How images are scanned; each scanner's own settings matter only where it is asked."""

    scanner: str
    registries: tuple[str, ...]
    docker_config: Path | None
    cache: Path
    seconds: int
    at_once: int
    trivy_program: str
    trivy_cache: Path
    trivy_updates: bool
    trivy_server: str
    trivy_token: str = field(repr=False)
    clair_url: str
    clair_key: str = field(repr=False)
    clair_issuer: str
    aqua_url: str
    aqua_program: str
    aqua_token: str = field(repr=False)
    aqua_user: str
    aqua_password: str = field(repr=False)
    aqua_registries: tuple[tuple[str, str], ...]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> ScanSettings:
        """Read the variables. Raises ConfigError that names the variable and the remedy."""
        get = _values(environment, SCAN_SETTINGS)
        return cls(
            scanner=get["PODSEC_SCANNER"],
            registries=tuple(get["PODSEC_REGISTRIES"].split()),
            docker_config=_file(get["PODSEC_DOCKER_CONFIG"]),
            cache=_folder(get["PODSEC_SCAN_CACHE"], environment, "podsec"),
            seconds=_whole(get, "PODSEC_SCAN_SECONDS"),
            at_once=max(1, _whole(get, "PODSEC_SCANS_AT_ONCE")),
            trivy_program=get["PODSEC_TRIVY_PROGRAM"],
            trivy_cache=_folder(get["PODSEC_TRIVY_CACHE"], environment, "trivy"),
            trivy_updates=get["PODSEC_TRIVY_UPDATES"] in ("1", "true", "yes"),
            trivy_server=get["PODSEC_TRIVY_SERVER"],
            trivy_token=get["PODSEC_TRIVY_TOKEN"],
            clair_url=get["PODSEC_CLAIR_URL"],
            clair_key=get["PODSEC_CLAIR_KEY"],
            clair_issuer=get["PODSEC_CLAIR_ISSUER"],
            aqua_url=get["PODSEC_AQUA_URL"],
            aqua_program=get["PODSEC_AQUA_PROGRAM"],
            aqua_token=get["PODSEC_AQUA_TOKEN"],
            aqua_user=get["PODSEC_AQUA_USER"],
            aqua_password=get["PODSEC_AQUA_PASSWORD"],
            aqua_registries=_pairs(get["PODSEC_AQUA_REGISTRIES"]),
        )


def _values(environment: Mapping[str, str], settings: Sequence[Setting]) -> dict[str, str]:
    """The values of some settings. Raises ConfigError where one must be set and is not."""
    value = {s.name: environment.get(s.name, s.default) for s in settings}
    for setting in settings:
        if not value[setting.name] and setting.default is None:
            raise ConfigError(f"{setting.name} is not set: it is {setting.means}")
    return {name: text or "" for name, text in value.items()}


def _folder(written: str, environment: Mapping[str, str], name: str) -> Path:
    """A folder, or the one of that name where caches are (XDG base directories)."""
    if written:
        return Path(written)
    caches = environment.get("XDG_CACHE_HOME") or f"{environment.get('HOME') or '.'}/.cache"
    return Path(caches) / name


def stored_at(environment: Mapping[str, str]) -> str:
    """The address of the database, for who needs no other setting. Raises ConfigError."""
    url = environment.get("PODSEC_DATABASE_URL")
    default = next(s.default for s in SERVICE_SETTINGS if s.name == "PODSEC_DATABASE_URL")
    return _database_url(url or default or "")


def _file(written: str) -> Path | None:
    return Path(written) if written else None


def _pairs(written: str) -> tuple[tuple[str, str], ...]:
    pairs = tuple(word.partition("=") for word in written.split())
    for host, _, name in pairs:
        if not host or not name:
            raise ConfigError("PODSEC_AQUA_REGISTRIES is to be written HOST=NAME HOST=NAME")
    return tuple((host, name) for host, _, name in pairs)


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


def _mode(get: Mapping[str, str]) -> Mode:
    """How far podsec goes. A mode that is misread must not be another one in silence."""
    said = get["PODSEC_MODE"].lower()
    found = next((mode for mode in MODES if mode == said), None)
    if found is None:
        raise ConfigError(f"PODSEC_MODE is {said!r}: use one of {', '.join(MODES)}")
    return "enforce" if _switch(get, "PODSEC_ENFORCE") and found == "advise" else found


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


def github_url(url: str) -> str:
    """The address of GitHub's API. Raises ConfigError where it is not encrypted."""
    if not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise ConfigError(f"PODSEC_GITHUB_URL is {url!r}: it must begin with https://")
    return url.rstrip("/")


def _database_url(url: str) -> str:
    if not url.startswith(("sqlite:///", "postgresql://")):
        raise ConfigError(
            "PODSEC_DATABASE_URL must begin with sqlite:/// or postgresql://"
        )  # its value may hold a password, so it is not shown
    return url
