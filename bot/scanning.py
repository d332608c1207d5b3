"""The composition of image scans: settings in, a scanner and its surroundings out."""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.adapters.registry import Credential, OciRegistry
from bot.adapters.scanners.aqua import AquaOptions, AquaScanner
from bot.adapters.scanners.aqua_console import AquaConsole
from bot.adapters.scanners.clair import ClairOptions, ClairScanner
from bot.adapters.scanners.trivy import TrivyOptions, TrivyScanner
from bot.cache import Cache
from bot.errors import ConfigError
from bot.http import Client, Hosts
from bot.ports import Registry, Scanner
from bot.settings import ScanSettings
from bot.workflows.image_memory import ImageMemory
from bot.workflows.review_images import ImageScans
from bot.workflows.scan_images import ScanLimits, Scanning

Logins = Mapping[str, tuple[str, str]]
_HUB = frozenset({"https://index.docker.io/v1/", "index.docker.io", "registry-1.docker.io"})


def scanning(settings: ScanSettings, scanner: str, extra_hosts: Sequence[str] = ()) -> Scanning:
    """Everything that scans with a scanner need. Raises ConfigError for what is not set."""
    logins = _logins(settings.docker_config)
    client = Client(Hosts([*settings.registries, *extra_hosts]))
    credentials = {
        registry: Credential(username=user, password=password)
        for registry, (user, password) in logins.items()
    }
    registry = OciRegistry(client, credentials)
    make = SCANNERS.get(scanner)
    if make is None:
        known = ", ".join(SCANNERS)
        raise ConfigError(f"{scanner!r} is no scanner that podsec knows: expected one of {known}")
    return Scanning(
        name=scanner.partition("-")[0],
        registry=registry,
        scanner=make(settings, registry, logins),
        memory=ImageMemory(Cache(settings.cache, time.time)),
        limits=ScanLimits(seconds=settings.seconds, at_once=settings.at_once),
    )


def image_scans(settings: ScanSettings, github_url: str) -> ImageScans:
    """How images of pull requests are scanned; not at all where no scanner is set."""
    web = github_url.removesuffix("/api/v3").replace("://api.github.com", "://github.com")
    asked = scanning(settings, settings.scanner) if settings.scanner else None
    return ImageScans(scanning=asked, web_url=web)


def _trivy(settings: ScanSettings, registry: Registry, logins: Logins) -> Scanner:
    options = TrivyOptions(
        cache=settings.trivy_cache,
        program=settings.trivy_program,
        updates=settings.trivy_updates,
        server=settings.trivy_server,
        token=settings.trivy_token,
        logins=logins,
    )
    return TrivyScanner(options, registry)


def _clair(settings: ScanSettings, registry: Registry, logins: Logins) -> Scanner:
    del logins
    if not settings.clair_url:
        raise ConfigError("PODSEC_CLAIR_URL is not set: it is the URL of Clair's HTTP API")
    options = ClairOptions(
        url=settings.clair_url, key=settings.clair_key, issuer=settings.clair_issuer
    )
    return ClairScanner(options, registry)


def _aqua(settings: ScanSettings, registry: Registry, logins: Logins) -> Scanner:
    del registry, logins
    return AquaScanner(_aqua_options(settings))


def _aqua_console(settings: ScanSettings, registry: Registry, logins: Logins) -> Scanner:
    del registry, logins
    return AquaConsole(_aqua_options(settings))


def _aqua_options(settings: ScanSettings) -> AquaOptions:
    if not settings.aqua_url:
        raise ConfigError("PODSEC_AQUA_URL is not set: it is the URL of Aqua's console")
    return AquaOptions(
        host=settings.aqua_url,
        token=settings.aqua_token,
        user=settings.aqua_user,
        password=settings.aqua_password,
        registries=settings.aqua_registries,
        program=settings.aqua_program,
    )


SCANNERS: Mapping[str, Callable[[ScanSettings, Registry, Logins], Scanner]] = {
    "trivy": _trivy,
    "clair": _clair,
    "aqua": _aqua,
    "aqua-console": _aqua_console,
}


def _logins(path: Path | None) -> Logins:
    """The logins of a Docker config.json; programs that it names are not run."""
    if path is None:
        return {}
    try:
        found: Any = json.loads(path.read_bytes())
        auths = found.get("auths") or {}
        pairs = {name: _pair(auth) for name, auth in auths.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise ConfigError(f"PODSEC_DOCKER_CONFIG: {path} cannot be read") from error
    return {_registry(name): pair for name, pair in pairs.items() if pair is not None}


def _pair(auth: Any) -> tuple[str, str] | None:
    """User and password of an entry; None where a helper has them."""
    written = auth.get("auth") if isinstance(auth, dict) else None
    if not isinstance(written, str) or not written:
        return None
    try:
        user, colon, password = base64.b64decode(written, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError("no base64") from error
    return (user, password) if colon else None


def _registry(name: str) -> str:
    """A registry as references name it; Docker writes URLs for some."""
    if name in _HUB:
        return "docker.io"
    return name.removeprefix("https://").removeprefix("http://").split("/")[0].lower()
