"""Where a workload connects to besides Services in view, as far as its texts tell.

Facts: RFC 3986 for addresses; the page "DNS for Services and Pods" for names below `svc`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bot.kubernetes.network_actor import Actor
from bot.kubernetes.network_edges import Backends, Evidence, reached
from bot.kubernetes.network_texts import Text, Texts, is_hosts
from bot.kubernetes.service_names import ServiceNames

Where = Literal["internet", "address", "namespace", "api", "unknown"]
_URL = re.compile(
    r"(?<![A-Za-z0-9])([a-z][a-z0-9+.-]{0,30})://(?:[^\s/@'\"]*@)?([^\s/:@'\"?#,;)\]}]+|\[[0-9a-f:]+\])"
    r"(?::(\d{1,5}))?",
    re.IGNORECASE,
)
_HOST_PORT = re.compile(
    r"(?<![A-Za-z0-9._/@-])((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}|\d{1,3}(?:\.\d{1,3}){3}):(\d{2,5})\b"
)
_BARE = re.compile(r"(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}|\d{1,3}(?:\.\d{1,3}){3}")
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?\.?")
_OWN = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "[::1]", "[::]"})  # noqa: S104  # not bound to
_PRIVATE = ("local", "internal", "lan", "corp", "intranet", "home", "private", "localdomain")
# of two labels the last may be a namespace: these are taken to be domains
_PUBLIC = frozenset({"com", "org", "net", "dev", "app", "cloud", "info", "tech", "edu", "gov"})
# names that stand for something else than a host to connect to
_EXAMPLES = ("example.com", "example.org", "example.net", "www.w3.org", "json-schema.org")
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "postgres": 5432, "postgresql": 5432}
_PORTS |= {"mysql": 3306, "redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671}
_PORTS |= {"mongodb": 27017, "ldap": 389, "ldaps": 636, "ftp": 21, "smtp": 25, "smtps": 465}
# schemes that are no way to a host of the network
_NOT_NETWORK = frozenset({"file", "unix", "jar", "classpath", "urn", "data", "oci", "docker"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """A host that a text names; `port` is None where the text does not say."""

    where: Where
    host: str
    port: int | None
    evidence: Evidence


def outbound_of(
    actor: Actor, texts: Texts, backends: Backends, names: ServiceNames
) -> Iterator[Outbound]:
    """The hosts in a workload's texts that are no Service in view."""
    for text in texts.found:
        for host, port in dict.fromkeys(_hosts(text)):
            if host.lower() in _OWN or host.lower().endswith(_EXAMPLES):
                continue
            where = _where(host)
            inside = where in ("unknown", "namespace", "internet")
            if inside and _is_in_view(host, text, actor, backends, names):
                continue
            said = Evidence(file=text.manifest.file, line=text.line, what=text.origin)
            yield Outbound(where=where, host=host.lower(), port=port, evidence=said)


def _hosts(text: Text) -> Iterator[tuple[str, int | None]]:
    for match in _URL.finditer(text.value):
        scheme = match[1].lower().rpartition("+")[0] or match[1].lower()
        if scheme not in _NOT_NETWORK:
            port = int(match[3]) if match[3] else _PORTS.get(scheme)
            yield match[2], port
    for match in _HOST_PORT.finditer(text.value):
        yield match[1], int(match[2])
    if text.name and is_hosts(text.name) and _BARE.fullmatch(text.value.strip()):
        yield text.value.strip(), None


def _where(host: str) -> Where:
    name = host.lower().rstrip(".")
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        pass
    else:
        return "address"
    labels = name.split(".")
    if name.startswith("kubernetes.default") or name == "kubernetes":
        return "api"
    if not _NAME.fullmatch(name) or len(labels) == 1:
        return "unknown"
    if "svc" in labels[2:]:
        return "namespace"
    is_public = len(labels) > 2 or len(labels[-1]) == 2 or labels[-1] in _PUBLIC
    return "internet" if is_public and labels[-1] not in _PRIVATE else "unknown"


def _is_in_view(
    host: str, text: Text, actor: Actor, backends: Backends, names: ServiceNames
) -> bool:
    """Whether a host is a Service in view, whether or not it leads to a workload there."""
    mentions = names.find(f"http://{host}", "host")
    return any(
        not service.external_name or any(reached(text, actor, backends, names))
        for mention in mentions
        for service in backends.named(mention, actor.manifest)
    )
