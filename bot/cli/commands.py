"""The commands and what their help teaches."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot import __version__
from bot.cli.operating import COMMANDS
from bot.cli.options import (
    FormatOption,
    GradeName,
    ImagesFormat,
    MapFormat,
    NoIgnoreOption,
    OperatorOption,
    Paths,
    ProfileOption,
    ReportOption,
    ScannerName,
    SeverityName,
    StdinOption,
    StrictOption,
    TextOrJson,
    VersionOption,
)
from bot.cli.policies_command import policies

app = typer.Typer(
    name="podsec",
    help="Find what is soft in Kubernetes manifests, and harden it without breaking it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


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
    paths: Paths = None,
    format_: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="FORMAT[=FILE]",
            help="text, json, sarif, junit, github or markdown; several go to files",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="write there instead of printing")
    ] = None,
    profile: ProfileOption = None,
    kubernetes_version: VersionOption = None,
    fail_on: Annotated[
        SeverityName | None, typer.Option(help="exit 1 from this severity on (default high)")
    ] = None,
    diff: Annotated[
        str | None,
        typer.Option(
            metavar="BASE..HEAD",
            help="count only what a change brings or worsens; BASE alone: to the working tree",
        ),
    ] = None,
    baseline_: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="FILE", help="count only what is not accepted there"),
    ] = None,
    show_suppressed: Annotated[
        bool | None,
        typer.Option(
            "--show-suppressed/--hide-suppressed",
            help="also what is allowed and by whom, and suppressions that allow nothing",
            show_default=False,
        ),
    ] = None,
    operator_config: OperatorOption = None,
    no_ignore: NoIgnoreOption = None,
    force_exclude: StrictOption = False,
    cache: Annotated[
        bool,
        typer.Option("--cache/--no-cache", help="remember what unchanged files of a tree said"),
    ] = True,
    stdin_filename: StdinOption = "<stdin>",
) -> None:
    """Check manifests. Exit 0: nothing at or above --fail-on; 1: findings; 2: wrong usage.

    Try:

    podsec check deploy/ --profile restricted

    podsec check deploy/ --format sarif=podsec.sarif --format github

    podsec check --diff origin/main...HEAD

    helm template chart/ | podsec check -
    """
    from bot.cli import end_at_interrupt
    from bot.cli.check import CheckOptions, run
    from bot.cli.home import Wishes

    end_at_interrupt()
    options = CheckOptions(
        wishes=Wishes(
            profile=profile.value if profile else None,
            kubernetes_version=kubernetes_version,
            fail_on=fail_on.value if fail_on else None,
            operator_config=operator_config,
            no_ignore=tuple(no_ignore or ()),
        ),
        formats=tuple(format_ or ()),
        output=output,
        diff=diff,
        baseline=baseline_,
        show_suppressed=show_suppressed,
        strict_paths=force_exclude,
        stdin_name=stdin_filename,
        cached=cache,
    )
    raise typer.Exit(run(paths or [], options))


@app.command()
def fix(
    paths: Paths = None,
    diff: Annotated[bool, typer.Option("--diff", help="print the diff, write nothing")] = False,
    stdout: Annotated[
        bool, typer.Option("--stdout", help="print the fixed file, write nothing; one file only")
    ] = False,
    check_: Annotated[
        bool, typer.Option("--check", help="write nothing; exit 1 if something would change")
    ] = False,
    interactive: Annotated[
        bool, typer.Option("--interactive", "-i", help="show the diff of each container, and ask")
    ] = False,
    unsafe: Annotated[
        bool, typer.Option("--unsafe", help="also fixes that want a test first")
    ] = False,
    rule: Annotated[list[str] | None, typer.Option("--rule", help="only this rule")] = None,
    report: ReportOption = None,
    profile: ProfileOption = None,
    kubernetes_version: VersionOption = None,
    operator_config: OperatorOption = None,
    no_ignore: NoIgnoreOption = None,
    force_exclude: StrictOption = False,
    stdin_filename: StdinOption = "<stdin>",
) -> None:
    """Apply the safe fixes; say what was done, and what was not and why.

    Exit 0: done, whatever was left; 1: --check would change something, or a file was not written;
    2: wrong usage.

    Try:

    podsec fix deploy/ --diff

    podsec fix deploy/ --unsafe --interactive

    podsec fix - < pod.yaml > hardened.yaml
    """
    from bot.cli import end_at_interrupt
    from bot.cli.check import CheckOptions
    from bot.cli.fix import FixOptions, run
    from bot.cli.home import Wishes

    end_at_interrupt()
    wishes = Wishes(
        profile=profile.value if profile else None,
        kubernetes_version=kubernetes_version,
        operator_config=operator_config,
        no_ignore=tuple(no_ignore or ()),
    )
    options = FixOptions(
        check=CheckOptions(wishes=wishes, strict_paths=force_exclude, stdin_name=stdin_filename),
        rules=tuple(rule or ()),
        reports=tuple(report or ()),
        unsafe=unsafe,
        diff=diff,
        stdout=stdout,
        only_check=check_,
        interactive=interactive,
    )
    raise typer.Exit(run(paths or [], options))


@app.command()
def baseline(
    paths: Paths = None,
    write: Annotated[
        bool, typer.Option("--write", help="write .podsec-baseline.json instead of printing")
    ] = False,
    profile: ProfileOption = None,
    kubernetes_version: VersionOption = None,
) -> None:
    """Accept the findings that stand now: check --baseline then counts only new ones.

    Example: podsec baseline deploy/ > .podsec-baseline.json
    """
    from bot.cli.baseline import DEFAULT_FILE, run
    from bot.cli.check import CheckOptions
    from bot.cli.home import Wishes

    wishes = Wishes(
        profile=profile.value if profile else None, kubernetes_version=kubernetes_version
    )
    run(paths or [], CheckOptions(wishes=wishes), DEFAULT_FILE if write else None)


@app.command()
def config(
    path: Annotated[str, typer.Argument(help="the file or folder that it is for")] = ".",
    profile: ProfileOption = None,
    kubernetes_version: VersionOption = None,
    operator_config: OperatorOption = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="print the JSON Schema of .podsec.yaml")
    ] = False,
    format_: FormatOption = TextOrJson.text,
) -> None:
    """Print the effective config, and where each value came from; exit 2 where it is wrong.

    Example: podsec config deploy/
    """
    from bot.cli.config import run
    from bot.cli.config import schema as schema_text
    from bot.cli.home import Wishes
    from bot.cli.output import emit

    wishes = Wishes(
        profile=profile.value if profile else None,
        kubernetes_version=kubernetes_version,
        operator_config=operator_config,
    )
    emit(schema_text() if schema else run(path, wishes, format_.value), None)


@app.command()
def rules(
    rule: Annotated[
        str | None, typer.Argument(metavar="[RULE|test]", help="explain this one, or run tests")
    ] = None,
    path: Annotated[str, typer.Argument(metavar="[PATH]", help="where test looks")] = ".",
    format_: FormatOption = TextOrJson.text,
) -> None:
    """List the rules, or explain one: what it finds, why, the fix, when to allow it.

    Try:

    podsec rules --format json

    podsec rules test    runs the examples of your own rules in .podsec/rules
    """
    from bot.cli.output import emit

    if rule == "test":
        from bot.cli.own_tests import run as try_examples

        text, code = try_examples(path)
        emit(text, None)
        raise typer.Exit(code)
    from bot.cli.rules import run

    emit(run(rule, format_.value), None)


@app.command()
def images(
    paths: Paths = None,
    scanner: Annotated[ScannerName | None, typer.Option(help="ask this scanner")] = None,
    report: ReportOption = None,
    format_: Annotated[
        ImagesFormat, typer.Option("--format", help="how to print")
    ] = ImagesFormat.text,
    fail_on: Annotated[
        GradeName | None, typer.Option(help="exit 1 from this grade on (default critical)")
    ] = None,
    registry: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="also speak to this registry, private or not"),
    ] = None,
    vex: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="an OpenVEX document: what to bear")
    ] = None,
    newer_tags: Annotated[
        int | None,
        typer.Option(min=0, max=5, help="scan so many newer tags to name a better one"),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="list all, not the worst five")] = False,
) -> None:
    """Show the vulnerabilities of the images that manifests name.

    Scanners are set by the environment; docs/configuration.md lists the variables.

    Example: podsec images deploy/ --scanner trivy --format sarif
    """
    from bot.cli.images import ImagesOptions, run

    options = ImagesOptions(
        scanner=scanner.value if scanner else None,
        reports=tuple(report or ()),
        format_=format_.value,
        fail_on=fail_on.value if fail_on else None,
        hosts=tuple(registry or ()),
        vex=tuple(vex or ()),
        newer_tags=newer_tags,
        everything=all_,
    )
    raise typer.Exit(run(paths or [], options))


app.command()(policies)


@app.command(name="map")
def map_(
    path: Annotated[str, typer.Argument(help="the folder of a repository")] = ".",
    format_: Annotated[MapFormat, typer.Option("--format", help="how to draw")] = MapFormat.text,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="write there instead of printing")
    ] = None,
) -> None:
    """Draw what deploys what: kustomizations, charts, Argo CD and Flux, and what is not seen.

    Example: podsec map . --format svg --output map.svg
    """
    from bot.cli.map import run
    from bot.cli.output import emit

    emit(run(path, format_.value), output)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="the address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="the port to listen on")] = None,
    poll: Annotated[
        bool,
        typer.Option(
            "--poll", help="read deliveries from GitHub's log: no public address is needed"
        ),
    ] = False,
) -> None:
    """Run the GitHub App: webhook, jobs and worker in one process.

    What did not arrive while podsec was down is looked for at the start and every hour; with
    --poll everything is, every PODSEC_POLL_SECONDS.

    Settings come from the environment: PODSEC_APP_ID, PODSEC_PRIVATE_KEY (or
    PODSEC_PRIVATE_KEY_FILE), PODSEC_WEBHOOK_SECRET; docs/configuration.md lists the others.
    """
    from bot.cli.serve import run

    run(host, port, poll=poll)


for _command in COMMANDS:
    app.command()(_command)


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
