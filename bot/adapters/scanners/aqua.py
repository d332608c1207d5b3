"""Aqua Enterprise by its `scannercli`, as Aqua's own Harbor adapter calls it.

Facts: aquasecurity/harbor-scanner-aqua pkg/aqua/command.go, the Jenkins plugin's exit codes (0
allowed, 4 disallowed by a policy, which is an answer too). `scannercli` itself is not public:
nothing here was tried with it. It takes its token as an argument and, as far as its public
callers show, in no other way: on a machine that others share, they can see it while a scan runs.
podsec puts it in no log and in no message.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.adapters.scanners.aqua_report import aqua_reports, is_aqua
from bot.adapters.scanners.document import MOST_BYTES, parsed
from bot.errors import ConfigError, Malformed, Unavailable
from bot.model.image import Pinned
from bot.model.vulnerability import ImageReport, ScannerState
from bot.process import clean_environment, run

_ALLOWED, _DISALLOWED = 0, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class AquaOptions:
    """Where Aqua is, and who podsec is there: a token, or user and password.

    `registries` are the names that Aqua knows registries by, by their hosts: scannercli is told
    of an image without its host.
    """

    host: str
    token: str = field(default="", repr=False)
    user: str = ""
    password: str = field(default="", repr=False)
    registries: tuple[tuple[str, str], ...] = ()
    program: str = "scannercli"


class AquaScanner:
    """Aqua, asked by its command line; the image is pulled by Aqua's own means."""

    def __init__(self, options: AquaOptions) -> None:
        if not options.token and not (options.user and options.password):
            raise ConfigError("Aqua wants a token, or a user and a password")
        self._options = options
        self._registries = dict(options.registries)

    def state(self, seconds: float) -> ScannerState:
        """Its name alone: the date of its data comes with each report."""
        del seconds
        return ScannerState(name="aqua")

    def scan(self, image: Pinned, platform: str, seconds: float) -> ImageReport:
        """Ask Aqua to look at an image; registering it is left to those who run Aqua."""
        with tempfile.TemporaryDirectory(prefix="podsec-") as name:
            folder = Path(name)
            report = folder / "report.json"
            done = run(
                self._arguments(image, report),
                environment=clean_environment(HOME=name),
                seconds=seconds,
                folder=folder,
            )
            if done.code not in (_ALLOWED, _DISALLOWED):
                raise Unavailable(f"scannercli ended with code {done.code}")
            body = _read(report)
        document = parsed(body, "scannercli's report")
        if not is_aqua(document):
            raise Malformed("scannercli wrote something else than a report")
        found = aqua_reports(document)[0]
        return replace(found, digest=image.digest, platform=found.platform or platform)

    def _arguments(self, image: Pinned, report: Path) -> list[str]:
        options = self._options
        host, _, path = image.repository.partition("/")
        registry = self._registries.get(host)
        if registry is None:
            raise ConfigError(f"nobody said what Aqua calls the registry {host}")
        login = (
            [f"--token={options.token}"]
            if options.token
            else [f"--user={options.user}", f"--password={options.password}"]
        )
        return [
            *(options.program, "scan", "--checkonly", "--dockerless"),
            *(f"--host={options.host}", f"--registry={registry}"),
            *("--no-verify=false", "--direct-cc=false", "--show-negligible=true"),
            *(f"--jsonfile={report}", *login, f"{path}@{image.digest}"),
        ]


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise Malformed("scannercli wrote no report") from error
