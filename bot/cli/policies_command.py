"""What the help of `podsec policies` teaches."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.options import GraphName, OperatorOption, Paths


def policies(
    paths: Paths = None,
    write: Annotated[
        bool,
        typer.Option("--write", help="write the files, and list them in their kustomizations"),
    ] = False,
    graph: Annotated[
        GraphName | None, typer.Option(help="draw who may talk to whom, before and after")
    ] = None,
    explain: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="A B",
            help="say why A reaches B or not; a PORT may stand at the end; A may be outside",
        ),
    ] = None,
    operator_config: OperatorOption = None,
) -> None:
    """Print NetworkPolicies that allow what the manifests show, and nothing else.

    Who talks to whom is read from Services, variables, ConfigMaps, commands, Ingresses and
    monitors. What is left out is said with its reason.

    Try:

    podsec policies deploy/ --write

    podsec policies deploy/ --graph mermaid

    podsec policies deploy/ --explain web api 8080
    """
    from bot.cli import end_at_interrupt
    from bot.cli.home import Wishes
    from bot.cli.policies import PoliciesOptions, run

    end_at_interrupt()
    options = PoliciesOptions(
        wishes=Wishes(operator_config=operator_config),
        write=write,
        graph=graph.value if graph else None,
        explain=explain,
    )
    raise typer.Exit(run(paths or [], options))
