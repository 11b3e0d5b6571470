"""`convqa report`, `export` and `diff`: what can be done with a finished run."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from convqa.cli.options import RunDirectory
from convqa.cli.pipe import until_reader_leaves
from convqa.errors import ConfigError


def export(
    run: RunDirectory,
    format: Annotated[Literal["jsonl", "csv", "xlsx", "vcon"], typer.Option(help="What to write.")],
    output: Annotated[
        str | None, typer.Option(metavar="FILE", help="Where to; `-` is the standard output.")
    ] = None,
) -> None:
    """Write the machine's evaluations of a run for other programs; vCon is one object a line.

    What people corrected in the review desk is not in them.
    """
    from convqa.export import EXPORTS
    from convqa.output import open_atomic
    from convqa.store.manifest import read_finished

    read_finished(run)
    if output == "-":
        with until_reader_leaves():
            EXPORTS[format](run, sys.stdout.buffer)
        return
    suffix = "vcon.jsonl" if format == "vcon" else format
    path = Path(output) if output else run / f"evaluations.{suffix}"
    with open_atomic(path) as file:
        EXPORTS[format](run, file)
    print(path)


def report(
    run: RunDirectory,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Where to; in the run if unset.")
    ] = None,
    report_language: Annotated[
        Literal["en", "nb", "da", "sv", "pl", "ro"], typer.Option(help="Language of the report.")
    ] = "en",
) -> None:
    """Write a run as one HTML file that opens offline."""
    from convqa.report.run import report_run

    path = output or run / "report.html"
    report_run(run, path, language=report_language)
    print(path)


def diff(
    before: Annotated[Path, typer.Argument(metavar="RUN1", help="A run directory.")],
    after: Annotated[Path, typer.Argument(metavar="RUN2", help="The run to compare with.")],
) -> None:
    """Show what changed between two runs over the same conversations."""
    from convqa.cli.difference import print_difference
    from convqa.preview import compare_runs
    from convqa.store.manifest import read_finished

    for run in (before, after):
        read_finished(run)
    difference = compare_runs(before, after)
    if difference.n == 0:
        raise ConfigError(f"{after}: shares no conversation id with {before}; compare other runs")
    print_difference(difference)
