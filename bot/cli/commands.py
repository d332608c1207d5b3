"""The commands and what their help teaches."""

from __future__ import annotations

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


class TextOrJson(StrEnum):
    """How facts are printed."""

    text = "text"
    json = "json"


class ScannerName(StrEnum):
    """Who is asked about images."""

    trivy = "trivy"
    clair = "clair"
    aqua = "aqua"
    aqua_console = "aqua-console"


class ImagesFormat(StrEnum):
    """How images are printed."""

    text = "text"
    json = "json"
    sarif = "sarif"


class GradeName(StrEnum):
    """From which grade of a vulnerability on `images` fails."""

    low = "low"
    medium = "medium"
    high = "high"
    critical = "critical"
    never = "never"


Paths = Annotated[
    list[str] | None,
    typer.Argument(help="files or folders; - is the standard input", show_default=False),
]
ProfileOption = Annotated[
    ProfileName | None,
    typer.Option(help="rules to run; baseline and restricted are the Pod Security Standards"),
]
VersionOption = Annotated[
    str | None,
    typer.Option("--kubernetes-version", metavar="1.NN|latest", help="the version to judge by"),
]
OperatorOption = Annotated[
    Path | None,
    typer.Option(help="a config below the repository's; it may enforce rules", metavar="FILE"),
]
NoIgnoreOption = Annotated[
    list[str] | None,
    typer.Option("--no-ignore", metavar="RULE", help="take no suppression of this rule; * is all"),
]
StrictOption = Annotated[
    bool, typer.Option("--force-exclude", help="leave excluded files out even when named")
]
StdinOption = Annotated[
    str, typer.Option("--stdin-filename", metavar="NAME", help="what to call the standard input")
]
FormatOption = Annotated[TextOrJson, typer.Option("--format", help="how to print")]


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
    unsafe: Annotated[
        bool, typer.Option("--unsafe", help="also fixes that want a test first")
    ] = False,
    rule: Annotated[list[str] | None, typer.Option("--rule", help="only this rule")] = None,
    profile: ProfileOption = None,
    kubernetes_version: VersionOption = None,
    operator_config: OperatorOption = None,
    no_ignore: NoIgnoreOption = None,
    force_exclude: StrictOption = False,
    stdin_filename: StdinOption = "<stdin>",
) -> None:
    """Apply the safe fixes; say what was done, and what was not and why.

    Try:

    podsec fix deploy/ --diff

    podsec fix - < pod.yaml > hardened.yaml
    """
    from bot.cli import end_at_interrupt
    from bot.cli.check import CheckOptions
    from bot.cli.fix import run
    from bot.cli.home import Wishes

    end_at_interrupt()
    options = CheckOptions(
        wishes=Wishes(
            profile=profile.value if profile else None,
            kubernetes_version=kubernetes_version,
            operator_config=operator_config,
            no_ignore=tuple(no_ignore or ()),
        ),
        strict_paths=force_exclude,
        stdin_name=stdin_filename,
    )
    raise typer.Exit(run(paths or [], options, rule or [], diff=diff, unsafe=unsafe))


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
    report: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[IMAGE=]FILE", help="a report of Trivy, Clair or Aqua, or SARIF of any scanner"
        ),
    ] = None,
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
