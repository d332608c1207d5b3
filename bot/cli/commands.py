"""The commands and what their help teaches."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot import __version__

app = typer.Typer(
    name="podsec",
    help="Find what is soft in Kubernetes manifests, and harden it without breaking it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


class Format(StrEnum):
    """How a report is printed."""

    text = "text"
    json = "json"
    sarif = "sarif"


class ProfileName(StrEnum):
    """Which rules run."""

    baseline = "baseline"
    restricted = "restricted"
    podsec = "podsec"


class SeverityName(StrEnum):
    """From which severity on `check` fails."""

    low = "low"
    medium = "medium"
    high = "high"
    critical = "critical"


Paths = Annotated[list[Path], typer.Argument(help="files or folders", show_default=False)]
ProfileOption = Annotated[
    ProfileName | None,
    typer.Option(help="rules to run; baseline and restricted are the Pod Security Standards"),
]


def _version(value: bool) -> None:
    if value:
        print(__version__)
        raise typer.Exit


@app.callback()
def root(
    _version_flag: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version")
    ] = False,
) -> None:
    """Hardening for Kubernetes pods."""


@app.command()
def check(
    paths: Paths,
    format_: Annotated[Format, typer.Option("--format", help="how to print")] = Format.text,
    profile: ProfileOption = None,
    fail_on: Annotated[
        SeverityName | None, typer.Option(help="exit 1 from this severity on (default high)")
    ] = None,
) -> None:
    """Check manifests. Exit 0: nothing at or above --fail-on; 1: findings; 2: wrong usage.

    Example: podsec check deploy/ --profile restricted --format sarif
    """
    from bot.cli.check import run

    code = run(
        paths,
        format_.value,
        profile.value if profile else None,
        fail_on.value if fail_on else None,
    )
    raise typer.Exit(code)


@app.command()
def fix(
    paths: Paths,
    diff: Annotated[bool, typer.Option("--diff", help="print the diff, write nothing")] = False,
    unsafe: Annotated[
        bool, typer.Option("--unsafe", help="also fixes that want a test first")
    ] = False,
    rule: Annotated[list[str] | None, typer.Option("--rule", help="only this rule")] = None,
    profile: ProfileOption = None,
) -> None:
    """Apply the safe fixes; say what was done, and what was not and why.

    Example: podsec fix deploy/ --diff
    """
    from bot.cli.fix import run

    raise typer.Exit(
        run(paths, profile.value if profile else None, rule or [], diff=diff, unsafe=unsafe)
    )


@app.command()
def rules(
    rule: Annotated[str | None, typer.Argument(help="explain this one")] = None,
) -> None:
    """List the rules, or explain one."""
    from bot.cli.rules import run

    sys.stdout.write(run(rule))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="the address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="the port to listen on")] = None,
) -> None:
    """Run the GitHub App: webhook, jobs and worker in one process.

    Settings come from the environment: PODSEC_APP_ID, PODSEC_PRIVATE_KEY (or
    PODSEC_PRIVATE_KEY_FILE), PODSEC_WEBHOOK_SECRET; docs/configuration.md lists the others.
    """
    from bot.cli.serve import run

    run(host, port)


@app.command()
def demo(
    stay: Annotated[bool, typer.Option("--stay", help="keep the pages up until Ctrl-C")] = False,
    picture: Annotated[
        Path | None, typer.Option(help="write a PNG of the first review; needs Chromium")
    ] = None,
) -> None:
    """Show the main job on a GitHub stand-in: a pull request reviewed and hardened."""
    from bot.demo import run

    raise typer.Exit(run(stay=stay, picture=picture))
