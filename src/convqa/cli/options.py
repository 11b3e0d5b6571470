"""Arguments and options that several commands share, each described once."""

from pathlib import Path
from typing import Annotated

import typer

RunDirectory = Annotated[Path, typer.Argument(metavar="DIR", help="A run directory.")]
StandardOption = Annotated[
    str,
    typer.Option(
        "--standard", metavar="FILE", help="Speech standard: a YAML file or a shipped name."
    ),
]
ModelOption = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="BUNDLE",
        help="Model bundle: a folder, a shipped name, or models:/NAME@ALIAS of MLflow.",
    ),
]
RunModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="BUNDLE",
        help="The run's model, to read new examples of a standard (meaning:) with.",
    ),
]
ModelDigestOption = Annotated[
    str | None,
    typer.Option(
        "--model-sha256", metavar="HEX", help="Refuse any model but the one with this digest."
    ),
]
OutOption = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="Run directory, made if missing.")
]
WorkersOption = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="Processes; one for each core if unset.")
]
