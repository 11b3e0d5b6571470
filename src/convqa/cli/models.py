"""`convqa models`: which model bundles there are, what they are, and whether they are whole."""

import os
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Model bundles: list, show, verify, diff.", no_args_is_help=True)

BundleArgument = Annotated[
    str, typer.Argument(metavar="BUNDLE", help="A folder or the name of a shipped bundle.")
]

EXIT_FAULT = 1

_CARD_WIDTH = 140  # columns of a terminal in which the tables of a model card are not cut


@app.command("list")
def list_(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="DIR…", help="Folders with bundles, or bundles; else the shipped."),
    ] = None,
) -> None:
    """List the bundles that ship with convqa, or those in folders, with their own heads."""
    from rich.table import Table

    from convqa.cli.progress import console
    from convqa.encoder.bundle import read_manifest
    from convqa.registry import shipped_bundles

    table = Table()
    for heading in ("bundle", "languages", "size", "own heads", "sha256"):
        table.add_column(heading, overflow="fold")
    for folder in _bundles_in(folders) if folders else shipped_bundles():
        manifest, digest = read_manifest(folder)
        size = sum(file.stat().st_size for file in folder.iterdir())
        table.add_row(
            f"{manifest.name}/{manifest.version}", " ".join(manifest.languages),
            f"{size / 1e6:.0f} MB", " ".join(h.name for h in manifest.custom_heads), digest[:12],
        )  # fmt: skip
    console.print(table)


def _bundles_in(folders: list[Path]) -> list[Path]:
    """Return the bundles that folders are or hold; run directories beside them are passed over.

    Raises:
        ModelBundleError: A folder has none.
    """
    from convqa.encoder.bundle import ENCODER, MANIFEST
    from convqa.errors import ModelBundleError

    found = []
    for folder in folders:
        here = sorted({file.parent for depth in ("", "*/", "*/*/")
                       for file in folder.glob(f"{depth}{MANIFEST}")
                       if not depth or (file.parent / ENCODER).is_file()})  # fmt: skip
        if not here:
            raise ModelBundleError(f"{folder}: holds no model bundle; give the folder of one")
        found += here
    return found


@app.command("show")
def show(bundle: BundleArgument = "convqa-multilingual") -> None:
    """Show the model card of a bundle; as it is written where its tables would not fit."""
    from rich.markdown import Markdown

    from convqa.cli.progress import console
    from convqa.errors import ModelBundleError
    from convqa.registry import find_bundle

    card = find_bundle(bundle) / "MODEL_CARD.md"
    if not card.is_file():
        raise ModelBundleError(f"{card}: the bundle has no model card")
    text = card.read_text(encoding="utf-8")
    if console.is_terminal and console.width >= _CARD_WIDTH:
        console.print(Markdown(text))
    else:
        console.print(text, soft_wrap=True)


@app.command("verify")
def verify(
    bundles: Annotated[
        list[str] | None, typer.Argument(metavar="BUNDLE…", help="All that ship if none is named.")
    ] = None,
) -> None:
    """Check every file of bundles against its digest; exit code 1 if one is changed or missing."""
    from convqa.encoder import load_bundle
    from convqa.errors import ModelBundleError
    from convqa.registry import find_bundle, shipped_bundles

    folders: list[Path] = [find_bundle(name) for name in bundles or ()] or shipped_bundles()
    faults = 0
    for folder in folders:
        try:
            info = load_bundle(folder).version_info
        except ModelBundleError as error:
            faults += 1
            print(f"fault  {error}")
        else:
            print(f"whole  {folder}  {info.name} {info.version} {info.sha256}")
    if faults:
        raise typer.Exit(EXIT_FAULT)


@app.command("diff")
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The bundle before, as `--model`.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The bundle to compare with.")],
    run: Annotated[
        list[Path], typer.Option(metavar="DIR", help="Runs whose conversations are compared.")
    ],
) -> None:
    """Show whose score another model would move: finished runs labelled and scored by both."""
    from convqa.cli.difference import print_difference
    from convqa.encoder import load_bundle
    from convqa.preview import diff_models
    from convqa.registry import find_bundle

    before, after = (load_bundle(find_bundle(name)) for name in (old, new))
    print_difference(diff_models(before, after, run, threads=os.cpu_count() or 1))
