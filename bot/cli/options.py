"""The options that several commands share, and the words that they take."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


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


class MapFormat(StrEnum):
    """How a map is drawn."""

    text = "text"
    mermaid = "mermaid"
    svg = "svg"


class GraphName(StrEnum):
    """How a network is drawn."""

    text = "text"
    mermaid = "mermaid"
    dot = "dot"
    svg = "svg"


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
ReportOption = Annotated[
    list[str] | None,
    typer.Option(
        "--report",
        metavar="[IMAGE=]FILE",
        help="a report of Trivy, Clair or Aqua, or SARIF of any scanner",
    ),
]
FormatOption = Annotated[TextOrJson, typer.Option("--format", help="how to print")]
