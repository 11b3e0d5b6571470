"""The commands by name. Each is a module of its own, so that `--help` loads none of the engines."""

from typing import Annotated

import typer

from convqa import __version__
from convqa.cli import (
    audit,
    classify,
    erase,
    evaluate,
    labels,
    models,
    results,
    review,
    score,
    standards,
    train,
    users,
)

app = typer.Typer(
    name="convqa",
    help="Scores customer-service conversations against your own speech standard.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("score")(score.score)
app.command("rescore")(score.rescore)
app.command("report")(results.report)
app.command("export")(results.export)
app.command("diff")(results.diff)
app.command("erase")(erase.erase)
app.command("classify")(classify.classify)
app.command("evaluate")(evaluate.evaluate)
app.add_typer(standards.app, name="standards")
app.add_typer(models.app, name="models")
app.command("review")(review.review)
app.command("labels")(labels.labels)
app.add_typer(users.app, name="users")
app.add_typer(audit.app, name="audit")
app.add_typer(train.app, name="train")


def _print_version(is_asked: bool) -> None:
    if is_asked:
        print(f"convqa {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Version.")
    ] = False,
) -> None:
    """Score customer-service conversations against your own speech standard."""
    del version
