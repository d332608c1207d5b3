"""OpenVEX documents: what somebody has looked into, and found not to matter (openvex.dev, 0.2.0).

Documents of the first version are read too: products and vulnerabilities were plain texts there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, unquote

from bot.errors import ConfigError
from bot.frozen import frozen
from bot.model.vulnerability import Vulnerability

_SETTLED = frozenset({"not_affected", "fixed"})


@frozen
class VexStatement:
    """One statement: of which vulnerabilities, for which images or packages, and its verdict.

    `products` pairs an image or package with the packages inside it that are meant, all if none.
    """

    names: frozenset[str]
    products: tuple[tuple[str, tuple[str, ...]], ...]
    status: str
    reason: str
    made: str = ""


def read_vex(data: bytes, path: str) -> tuple[VexStatement, ...]:
    """The statements of a document, in their order. Raises ConfigError that names the file."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: this is no JSON: {str(error)[:80]}") from error
    context = document.get("@context") if isinstance(document, dict) else None
    if not isinstance(context, str) or "openvex.dev/ns" not in context:
        raise ConfigError(f"{path}: this is no OpenVEX document")
    made = str(document.get("timestamp") or "")
    listed = document.get("statements")
    rows = listed if isinstance(listed, list) else []
    return tuple(_statement(row, made) for row in rows if isinstance(row, dict))


def excuse(
    statements: Sequence[VexStatement],
    vulnerability: Vulnerability,
    repository: str,
    digests: frozenset[str],
) -> str | None:
    """Why a vulnerability of an image does not count, or None; the latest statement decides."""
    fitting = [
        statement
        for statement in statements
        if statement.names & vulnerability.names
        and _speaks_of(statement, vulnerability, repository, digests)
    ]
    if not fitting:
        return None
    latest = max(enumerate(fitting), key=lambda pair: (pair[1].made, pair[0]))[1]
    return latest.reason if latest.status in _SETTLED else None


def _statement(row: Mapping[str, Any], made: str) -> VexStatement:
    status = str(row.get("status") or "")
    words = str(row.get("justification") or "").replace("_", " ")
    said = str(row.get("impact_statement") or row.get("status_notes") or "")
    reason = ": ".join(part for part in (f"VEX says {status.replace('_', ' ')}", words) if part)
    return VexStatement(
        names=frozenset(_names(row.get("vulnerability"))),
        products=tuple(_products(row)),
        status=status,
        reason=f"{reason} ({said})" if said else reason,
        made=str(row.get("last_updated") or row.get("timestamp") or made),
    )


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    if isinstance(value, dict):
        aliases = value.get("aliases")
        for one in (value.get("name"), *(aliases if isinstance(aliases, list) else ())):
            if isinstance(one, str) and one:
                yield one


def _products(row: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    listed = row.get("products")
    beside = tuple(_identifier(one) for one in _listed(row.get("subcomponents")))
    for product in listed if isinstance(listed, list) else ():
        own = product.get("subcomponents") if isinstance(product, dict) else None
        parts = tuple(_identifier(one) for one in _listed(own)) or beside
        yield _identifier(product), tuple(filter(None, parts))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _identifier(value: Any) -> str:
    """The package URL of a component, else its name."""
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return ""
    known = value.get("identifiers")
    purl = known.get("purl") if isinstance(known, dict) else None
    return str(purl or value.get("@id") or "")


def _speaks_of(
    statement: VexStatement,
    vulnerability: Vulnerability,
    repository: str,
    digests: frozenset[str],
) -> bool:
    for product, parts in statement.products:
        if product.startswith("pkg:oci/"):
            is_it = _is_image(product, repository, digests)
        else:
            is_it = _is_package(product, vulnerability)
        if is_it and (not parts or any(_is_package(part, vulnerability) for part in parts)):
            return True
    return False


def _is_image(purl: str, repository: str, digests: frozenset[str]) -> bool:
    """By name, and by digest and repository where they are given (purl-spec, type oci)."""
    rest, _, query = purl.removeprefix("pkg:oci/").partition("#")[0].partition("?")
    name, _, version = rest.partition("@")
    where = parse_qs(query).get("repository_url", [""])[0]
    if unquote(name) != repository.rpartition("/")[2]:
        return False
    if version and unquote(version) not in digests:
        return False
    return not where or where.removeprefix("https://").strip("/") == repository


def _is_package(purl: str, vulnerability: Vulnerability) -> bool:
    """By type, name and, where it is given, version; qualifiers do not matter."""
    if not purl or not vulnerability.purl:
        return False
    wanted, _, version = purl.partition("#")[0].partition("?")[0].partition("@")
    own, _, installed = vulnerability.purl.partition("#")[0].partition("?")[0].partition("@")
    same = unquote(wanted) == unquote(own)
    return same and (not version or unquote(version) == unquote(installed))
