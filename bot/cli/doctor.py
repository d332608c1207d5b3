"""`podsec doctor`: whether everything is there that podsec serve needs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from bot import process
from bot.adapters.github import AppClient
from bot.adapters.records import RecordTable
from bot.app import operator_layer
from bot.cli.output import emit
from bot.errors import ConfigError, PodsecError
from bot.formats.plain import visible
from bot.frozen import frozen
from bot.model.diagnosis import Diagnosis, Health
from bot.settings import Settings
from bot.workflows.diagnose import guarded, of_app, of_database, of_installations, of_webhook

_SIGN = {"well": "ok    ", "advice": "advice", "wrong": "WRONG "}
_SECONDS = 20.0


@frozen
class _Tool:
    """Commands that print a version, of which one is enough, and what the program is for."""

    commands: tuple[tuple[str, ...], ...]
    use: str
    source: str


_TOOLS = (
    _Tool(
        commands=(("kustomize", "version"), ("kubectl", "version", "--client")),
        use="kustomizations are judged as they are rendered, fixes in them are proved",
        source="https://kubernetes.io/docs/tasks/tools/ (kubectl is enough)",
    ),
    _Tool(
        commands=(("helm", "version", "--short"),),
        use="charts are judged as they are rendered, fixes in them are proved",
        source="https://helm.sh/docs/intro/install/",
    ),
)


def run(format_: str) -> int:
    """Look at everything and print it; 1 where anything is wrong."""
    found = list(_all())
    if format_ == "json":
        emit(json.dumps([asdict(one) for one in found], indent=2, ensure_ascii=False) + "\n", None)
    else:
        emit("".join(_line(one) for one in found), None)
    return int(any(one.health == "wrong" for one in found))


def _all() -> Iterator[Diagnosis]:
    try:
        settings = Settings.from_environment(os.environ)
    except ConfigError as error:
        remedy = "podsec setup makes an App and writes them; docs/configuration.md lists them"
        yield Diagnosis(about="settings", health="wrong", says=str(error), remedy=remedy)
        yield from _tools("")
        return
    yield Diagnosis(about="settings", health="well", says=f"GitHub is {settings.github_url}")
    yield from guarded("operator config", partial(_operator, settings), "mend the file")
    yield from _database(settings)
    yield from _github(settings)
    yield from _tools(settings.scan.scanner, settings.scan.trivy_program)


def _operator(settings: Settings) -> Iterator[Diagnosis]:
    layer = operator_layer(settings.operator_config)
    says = f"{layer.path} is right" if layer is not None else "there is none: the defaults hold"
    yield Diagnosis(about="operator config", health="well", says=says)


def _database(settings: Settings) -> Sequence[Diagnosis]:
    kind = "SQLite" if settings.database_url.startswith("sqlite") else "PostgreSQL"
    remedy = "PODSEC_DATABASE_URL: a local folder that can be written to, or a server that runs"
    records = RecordTable(settings.database_url)
    try:
        return guarded("database", partial(of_database, records, kind), remedy)
    finally:
        records.close()


def _github(settings: Settings) -> Iterator[Diagnosis]:
    client = AppClient(settings.app_id, settings.private_key, settings.github_url)
    remedy = "compare PODSEC_APP_ID and the private key with the App's settings, and set the clock"
    try:
        facts = client.facts()
    except PodsecError as error:
        yield Diagnosis(about="credentials", health="wrong", says=str(error), remedy=remedy)
        return
    yield from of_app(facts)
    yield from guarded("installations", partial(of_installations, client), remedy)
    yield from guarded("webhook", lambda: of_webhook(client, client.hook_url()), remedy)


def _tools(scanner: str, trivy: str = "trivy") -> Iterator[Diagnosis]:
    scan = _Tool(
        commands=((trivy, "--version"),),
        use="images are scanned, where this scanner is chosen",
        source="https://trivy.dev/latest/getting-started/installation/",
    )
    yield from (_tool(tool, "advice") for tool in _TOOLS)
    yield _tool(scan, "wrong" if scanner == "trivy" else "advice")
    kernel = process.confinements()
    bounds = ", ".join(kernel) if kernel else "none"
    says = f"bounds for renderers beside time, memory and output: {bounds}"
    yield Diagnosis(about="kernel", health="well" if kernel else "advice", says=says)


def _tool(tool: _Tool, without: Health) -> Diagnosis:
    """The first of the programs that runs; `without` one, that and where it comes from."""
    about = " or ".join(Path(command[0]).name for command in tool.commands)
    for command in tool.commands:
        try:
            done = process.run(command, environment=process.clean_environment(), seconds=_SECONDS)
        except PodsecError:
            continue
        first = (done.stdout or done.stderr).decode("utf-8", "replace").strip().splitlines()
        says = f"{command[0]}: {first[0][:100] if first else 'runs'}"
        return Diagnosis(about=about, health="well", says=says)
    remedy = f"with it {tool.use}; get it: {tool.source}"
    return Diagnosis(about=about, health=without, says="not on PATH", remedy=remedy)


def _line(one: Diagnosis) -> str:
    text = f"{_SIGN[one.health]}  {one.about}: {one.says}\n"
    if one.remedy and one.health != "well":
        text += f"        {one.remedy}\n"
    return "\n".join(visible(line) for line in text.split("\n"))
