"""`convqa models`: which model bundles there are, what they are, and whether they are whole."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Model bundles: list, show, verify.", no_args_is_help=True)

BundleArgument = Annotated[
    str, typer.Argument(metavar="BUNDLE", help="A folder or the name of a shipped bundle.")
]

EXIT_FAULT = 1


@app.command("list")
def list_() -> None:
    """List the bundles that ship with convqa."""
    from rich.table import Table

    from convqa.cli.progress import console
    from convqa.encoder.bundle import read_manifest
    from convqa.registry import shipped_bundles

    table = Table("bundle", "languages", "size", "sha256")
    for folder in shipped_bundles():
        manifest, digest = read_manifest(folder)
        size = sum(file.stat().st_size for file in folder.iterdir())
        table.add_row(
            f"{manifest.name}/{manifest.version}", " ".join(manifest.languages),
            f"{size / 1e6:.0f} MB", digest[:12],
        )  # fmt: skip
    console.print(table)


@app.command("show")
def show(bundle: BundleArgument = "convqa-multilingual") -> None:
    """Show the model card of a bundle."""
    from rich.markdown import Markdown

    from convqa.cli.progress import console
    from convqa.errors import ModelBundleError
    from convqa.registry import find_bundle

    card = find_bundle(bundle) / "MODEL_CARD.md"
    if not card.is_file():
        raise ModelBundleError(f"{card}: the bundle has no model card")
    console.print(Markdown(card.read_text(encoding="utf-8")))


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
