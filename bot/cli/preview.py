"""`podsec preview`: what podsec would say and propose on a pull request, without an App."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from bot.adapters.github import Reader
from bot.adapters.records import MemoryRecords
from bot.app import operator_layer
from bot.cli.output import emit
from bot.errors import UserError
from bot.formats.rehearsed import to_preview
from bot.frozen import frozen
from bot.model.delivery import PullRef, RepositoryRef
from bot.rule.load import load_rules
from bot.scanning import image_scans
from bot.settings import ScanSettings, github_url
from bot.workflows.operator import Operator
from bot.workflows.preview_pull_request import preview_pull_request

_PATH = re.compile(r"/([\w.-]+/[\w.-]+?)(?:\.git)?(?:/pulls?(?:/(\d+))?)?(?:/.*)?")
_LOCAL = ("127.0.0.1", "localhost")
_MOST = 100


@frozen
class Address:
    """A repository or a pull request on a GitHub, and that GitHub's API."""

    api: str
    full_name: str
    number: int | None


def address(url: str, environment: Mapping[str, str]) -> Address:
    """Read the address of a page. Raises UserError where it is none of GitHub's.

    An Enterprise Server has its API at https://HOST/api/v3 (GitHub, "Getting started with the REST
    API"); PODSEC_GITHUB_URL says another one.
    """
    parts = urlsplit(url if "://" in url else f"https://{url}")
    found = _PATH.fullmatch(parts.path)
    if found is None or not parts.hostname:
        raise UserError(
            f"{url!r} is no address of a pull request, such as https://github.com/OWNER/NAME/pull/1"
        )
    number = int(found[2]) if found[2] else None
    return Address(
        api=_api(parts.scheme, parts.netloc, environment), full_name=found[1], number=number
    )


def _api(scheme: str, host: str, environment: Mapping[str, str]) -> str:
    said = environment.get("PODSEC_GITHUB_URL")
    if said:
        return github_url(said)
    if host.partition(":")[0] in _LOCAL:
        return f"{scheme}://{host}"
    return "https://api.github.com" if host == "github.com" else f"https://{host}/api/v3"


def run(url: str, last: int | None, operator_config: Path | None) -> None:
    """Print what would be written on one pull request, or on the last ones of a repository.

    Raises PodsecError.
    """
    wanted = address(url, os.environ)
    reader = Reader(wanted.api, os.environ.get("GITHUB_TOKEN") or None)
    repository = reader.repository(wanted.full_name)
    layer = operator_layer(operator_config)
    operator = Operator(rules=load_rules(), records=MemoryRecords(), layer=layer)
    scans = image_scans(ScanSettings.from_environment(os.environ), wanted.api)
    for pull in _pulls(reader, repository, wanted, last):
        with reader.open(repository) as forge:
            actions = preview_pull_request(pull, forge, operator, scans)
            text = to_preview(actions, lambda commit, path: forge.read(repository, commit, path))
        emit(f"# {repository.full_name}#{pull.number}\n\n{text}\n", None)


def _pulls(
    reader: Reader, repository: RepositoryRef, wanted: Address, last: int | None
) -> tuple[PullRef, ...]:
    if last is not None or wanted.number is None:
        return reader.newest(repository, min(last or 1, _MOST))
    return (reader.pull(repository, wanted.number),)
