"""The commands of those who run podsec: try it, set it up, look after it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import FormatOption, OperatorOption, TextOrJson

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="print what would be written on GitHub, and write nothing")
]


def preview(
    url: Annotated[str, typer.Argument(help="the address of a pull request, or of a repository")],
    last: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, max=100, help="the last N pull requests of the repository"
        ),
    ] = None,
    operator_config: OperatorOption = None,
) -> None:
    """Print the review and the fixes that podsec would write on a pull request.

    No App is needed and nothing is written: GITHUB_TOKEN is read from the environment, and public
    repositories need none.

    Example: podsec preview https://github.com/OWNER/NAME/pull/1
    """
    from bot.cli.preview import run

    run(url, last, operator_config)


def replay(
    file: Annotated[Path, typer.Argument(help="a delivery as JSON; - is the standard input")],
    event: Annotated[
        str | None,
        typer.Option(help="the event, where the file holds the payload alone"),
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Do the jobs of a stored delivery once more, in this process, and print what was done.

    A file holds `event` and `payload`, or what GitHub shows of a delivery, or a payload. Settings
    are those of podsec serve.
    """
    from bot.cli.replay import run

    raise typer.Exit(run(file, event, dry_run=dry_run))


def report(
    owner: Annotated[str, typer.Argument(help="an organisation or a person; all if empty")] = "",
    format_: FormatOption = TextOrJson.text,
) -> None:
    """Print what podsec saw in the mode `observe`: one report for an organisation.

    PODSEC_DATABASE_URL says where it was stored.
    """
    from bot.cli.report import run

    run(owner, format_.value)


def doctor(
    format_: FormatOption = TextOrJson.text,
) -> None:
    """Check what podsec serve needs: settings, credentials, permissions, events, webhook, tools.

    Exit 0: all is well or only advised; 1: something is wrong.
    """
    from bot.cli.doctor import run

    raise typer.Exit(run(format_.value))


def setup(
    organisation: Annotated[
        str | None, typer.Option(metavar="NAME", help="who owns the App; you, if not given")
    ] = None,
    name: Annotated[str, typer.Option(help="the App's name, unique on GitHub")] = "podsec",
    webhook_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="where GitHub sends deliveries: https://HOST/webhook"),
    ] = None,
    folder: Annotated[
        Path, typer.Option(help="where podsec.env and podsec.pem are written, mode 600")
    ] = Path(),
    host: Annotated[str, typer.Option(help="the address of the page")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="the port of the page; 0: any that is free")] = 0,
) -> None:
    """Make the GitHub App with one click: a page sends its manifest, GitHub sends back the key.

    For an Enterprise Server set PODSEC_GITHUB_URL=https://HOST/api/v3. Without --webhook-url
    use podsec serve --poll.
    """
    from bot.cli.setup import SetupOptions, run

    options = SetupOptions(
        organisation=organisation,
        name=name,
        webhook_url=webhook_url,
        folder=folder,
        host=host,
        port=port,
    )
    raise typer.Exit(run(options))


def sweep(
    repository: Annotated[str, typer.Argument(help="OWNER/REPO, where the App is installed")],
) -> None:
    """Sweep a whole repository now, whatever its schedule says.

    Opens and renews pull requests within the limits of its config. Settings come from the
    environment, as those of `podsec serve`.
    """
    from bot.cli.sweep import run

    run(repository)


def cleanup(
    target: Annotated[str, typer.Argument(metavar="OWNER[/NAME]", help="whose repositories")],
    dry_run: DryRun = False,
) -> None:
    """Close podsec's pull requests and delete its branches; branches with others' commits stay.

    Example: podsec cleanup acme/shop --dry-run
    """
    from bot.cli.cleanup import run

    raise typer.Exit(run(target, dry_run=dry_run))


COMMANDS = (preview, replay, sweep, report, setup, doctor, cleanup)
