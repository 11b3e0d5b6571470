"""`convqa train`: heads of one's own, and corrections of the built-in ones."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from convqa.cli.options import ModelDigestOption, ModelOption

if TYPE_CHECKING:
    from convqa.heads.results import HeadReport

app = typer.Typer(help="Train heads from labels.", no_args_is_help=True)

EXIT_NOT_BETTER = 1


@app.callback()
def _train() -> None:
    """Train heads from labels."""


@app.command("heads")
def heads(
    labels: Annotated[
        Path, typer.Option(metavar="FILE", help="Labelled segments, one JSON object a line.")
    ],
    name: Annotated[
        str,
        typer.Option(metavar="NAME", help="Name of the new head, or a built-in one to correct."),
    ],
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of the new bundle, which must not exist.")
    ],
    model: ModelOption = "convqa-multilingual",
    model_sha256: ModelDigestOption = None,
    precision: Annotated[
        float | None,
        typer.Option(metavar="P", help="Wanted precision, for which thresholds are chosen."),
    ] = None,
) -> None:
    """Fit a head to labelled segments and write a new model bundle with it.

    Each line needs `id`, `conversation_id`, `lang`, `role`, `text` and `label`, and may have
    `context`, what the other party said before it, and `before`, all that was said before, as
    a list of `{"role", "text"}`. Exit code 1, and no bundle, if corrections of a
    built-in head make held-out segments come out worse, or teach nothing.
    """
    _check_library()
    from convqa.encoder import Encoder, load_bundle
    from convqa.encoder.derive import check_is_new
    from convqa.errors import ConfigError
    from convqa.heads.labels import read_labels
    from convqa.heads.make import train_head, write_bundle
    from convqa.registry import find_bundle

    if precision is not None and not 0 < precision < 1:
        raise ConfigError(f"--precision {precision:g}: must lie between 0 and 1, such as 0.9")
    check_is_new(out)
    rows = read_labels(labels)
    bundle = load_bundle(find_bundle(model), sha256=model_sha256)
    encoder = Encoder(bundle, threads=os.cpu_count() or 1)
    trained = train_head(rows, name, bundle, encoder, precision=precision)
    _show(trained.report)
    if trained.report.refit is not None and not trained.report.refit.is_better:
        print(f"nothing written: {trained.report.refit.refusal}")
        raise typer.Exit(EXIT_NOT_BETTER)
    info = write_bundle(trained, rows, bundle, out).version_info
    print(f"{out}: {info.name} {info.version} {info.sha256}")


def _check_library() -> None:
    """Refuse to go on without the extra.

    Raises:
        ConfigError: scikit-learn is not installed.
    """
    from convqa.errors import ConfigError

    try:
        import convqa.heads.fit  # noqa: F401
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"sklearn", "scipy"}:
            raise
        raise ConfigError(
            "train heads needs scikit-learn; install it with: pip install 'convqa[heads]'"
        ) from error


def _show(report: "HeadReport") -> None:
    from rich.markdown import Markdown

    from convqa.cli.progress import console
    from convqa.heads.results import card_section

    console.print(Markdown(card_section(report)))
