"""Trivy: its command line, alone or as the client of a server.

Where the list of registries names the image's registry, Trivy pulls from it. Any other registry
is spoken to by podsec alone, which pins the address and looks at each redirect: Trivy is then
given the image as files.
"""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.adapters.scanners.document import MOST_BYTES, mapping, moment, parsed, text
from bot.adapters.scanners.trivy_errors import classified, lacks_java_database
from bot.adapters.scanners.trivy_report import trivy_reports
from bot.errors import Malformed, Unavailable
from bot.http import Client, Hosts, Limits
from bot.model.image import Download, Pinned
from bot.model.vulnerability import ImageReport, ScannerState
from bot.ports import Registry
from bot.process import Completed, clean_environment, run

_JAVA = ("jar", "war", "ear", "par")
_WITHOUT_JAVA = tuple(part for end in _JAVA for part in ("--skip-files", f"**/*.{end}"))
_JAVA_LEFT_OUT = "Java archives were not looked at: Trivy has no database of them"
_HUB = "https://index.docker.io/v1/"
"""What Docker's own config calls Docker Hub."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrivyOptions:
    """How Trivy is run.

    `cache` is the folder of its databases; `updates` lets it download them; `server` does the
    matching elsewhere. `logins` are user and password by registry.
    """

    cache: Path
    program: str = "trivy"
    updates: bool = True
    server: str = ""
    token: str = field(default="", repr=False)
    logins: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False)
    most_bytes: int = 2_000_000_000


class TrivyScanner:
    """Trivy 0.50 and newer; tested with 0.59.1."""

    def __init__(self, options: TrivyOptions, registry: Registry) -> None:
        self._options = options
        self._registry = registry
        self._server = Client(Hosts([options.server])) if options.server else None

    def state(self, seconds: float) -> ScannerState:
        """Its version and the date of its database; of the server's, where there is one."""
        if self._server is not None:
            url = f"{self._options.server.rstrip('/')}/version"
            limits = Limits(seconds=seconds, most_bytes=100_000, redirects=0)
            answer = self._server.get(url, {}, limits)
            if answer.status != 200:
                raise Unavailable(f"the Trivy server answered with status {answer.status}")
            return _state(answer.body)
        with tempfile.TemporaryDirectory() as folder:
            arguments = ["--cache-dir", str(self._options.cache), "version", "--format", "json"]
            done = self._run(arguments, Path(folder), seconds, "")
        if done.code:
            raise classified(done.stderr, "")
        return _state(done.stdout)

    def scan(self, image: Pinned, platform: str, seconds: float) -> ImageReport:
        """Scan an image; without a database of Java archives all else is still scanned."""
        with tempfile.TemporaryDirectory(prefix="podsec-") as name:
            folder = Path(name)
            source = self._source(image, platform, folder, seconds)
            arguments = [*self._arguments(folder / "report.json", seconds), *source]
            done = self._run(arguments, folder, seconds, image.repository)
            partial = ""
            if done.code and lacks_java_database(done.stderr):
                partial = _JAVA_LEFT_OUT
                done = self._run(
                    [*arguments[:1], *_WITHOUT_JAVA, *arguments[1:]],
                    folder,
                    seconds,
                    image.repository,
                )
            if done.code:
                raise classified(done.stderr, image.repository)
            body = _read(folder / "report.json")
        (report,) = trivy_reports(mapping(parsed(body, "Trivy's report")), self.state(seconds))
        return replace(report, digest=image.digest, platform=platform, partial=partial)

    def _arguments(self, report: Path, seconds: float) -> list[str]:
        options = self._options
        fixed = [
            *("image", "--quiet", "--format", "json", "--output", str(report)),
            *("--scanners", "vuln", "--timeout", f"{max(1, int(seconds))}s"),
            *("--cache-dir", str(options.cache), "--cache-backend", "memory"),
        ]
        if options.server:
            return [*fixed, "--server", options.server]
        return fixed if options.updates else [*fixed, "--skip-db-update", "--skip-java-db-update"]

    def _source(self, image: Pinned, platform: str, folder: Path, seconds: float) -> list[str]:
        """Where the image comes from; behind `--` nothing is an option."""
        if self._registry.is_listed(image.repository):
            plain = ["--insecure"] if self._registry.is_plain(image.repository) else []
            remote = ["--image-src", "remote", "--platform", platform]
            return [*remote, *plain, "--", image.reference]
        layout = folder / "image"
        limits = Download(most_bytes=self._options.most_bytes, seconds=seconds)
        self._registry.save(image, platform, layout, limits)
        return ["--input", str(layout)]

    def _run(
        self, arguments: list[str], folder: Path, seconds: float, repository: str
    ) -> Completed:
        """In a folder of its own: Trivy reads trivy.yaml and .trivyignore where it stands."""
        (folder / "config.json").write_text(self._docker_config(repository))
        environment = clean_environment(HOME=str(folder), DOCKER_CONFIG=str(folder))
        if self._options.token:
            environment["TRIVY_TOKEN"] = self._options.token
        return run(
            [self._options.program, *arguments],
            environment=environment,
            seconds=seconds + 5,  # Trivy's own timeout comes first, with its own words
            folder=folder,
        )

    def _docker_config(self, repository: str) -> str:
        """The login of this image's registry alone, for the eyes of Trivy's registry client."""
        registry = repository.partition("/")[0]
        login = self._options.logins.get(registry)
        if login is None:
            return "{}"
        name = _HUB if registry == "docker.io" else registry
        pair = base64.b64encode(":".join(login).encode()).decode()
        return json.dumps({"auths": {name: {"auth": pair}}})


def _state(body: bytes) -> ScannerState:
    found = mapping(parsed(body, "Trivy's version"))
    database = mapping(found.get("VulnerabilityDB"))
    return ScannerState(
        name="trivy",
        version=text(found.get("Version")),
        database=moment(database.get("UpdatedAt")),
    )


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise Malformed("Trivy wrote no report") from error
