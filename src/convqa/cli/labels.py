"""`convqa labels`: what people corrected in the review desk, as training labels."""

from pathlib import Path
from typing import Annotated, cast

import typer

from convqa.cli.desk import DatabaseOption, opened
from convqa.errors import ConfigError


def labels(
    out: Annotated[Path, typer.Argument(metavar="DIR", help="Folder for the files.")],
    to: Annotated[
        str, typer.Option("--for", metavar="TOOL", help="convqa, argilla or label-studio.")
    ] = "convqa",
    db: DatabaseOption = None,
) -> None:
    """Write what was corrected or confirmed in the review desk as training labels.

    There is a file for each head and role. Files that begin with `random` are of random samples and
    unbiased; those with `chosen` are of all other conversations. Texts are redacted.
    """
    with opened(db, must_exist=True) as database:
        from convqa.review.label_files import (
            FORMATS,
            LabelFormat,
            collect_labels,
            label_studio_config,
        )
        from convqa.store.filters import Filters
        from convqa.store.label_export import record_export
        from convqa.store.labelled import read_reviewed
        from convqa.store.viewers import Viewer

        if to not in FORMATS:
            raise ConfigError(f"--for {to}: use one of {', '.join(FORMATS)}")
        chosen = FORMATS[cast(LabelFormat, to)]
        # Whoever may read the database sees all of it.
        viewer = Viewer(0, "command line", "command line", "admin", sees_all_teams=True)
        found = collect_labels(read_reviewed(database, viewer, Filters()))
        for sheet in found.sheets:
            _write(out / f"{sheet.name}.{chosen.ending}", chosen.write(sheet))
            if to == "label-studio":
                _write(out / f"{sheet.name}.xml", label_studio_config(sheet))
            record_export(database, viewer, sheet.name, len(sheet.rows))
    for sheet in found.sheets:
        print(
            f"{out / sheet.name}.{chosen.ending}: {len(sheet.rows):,} sentences of "
            f"{sheet.n_conversations:,} conversations, {sheet.n_corrected:,} other than the "
            "machine's"
        )
    for reason, n in sorted(found.left_out.items()):
        print(f"no label from {n:,} reviews: {_WHY[reason]}")
    if not found.sheets:
        print("nothing written: correct or confirm criteria in the review desk first")


def _write(path: Path, text: str) -> None:
    from convqa.output import open_atomic

    with open_atomic(path) as file:
        file.write(text.encode())


# By the reasons of `convqa.review.labelling`.
_WHY = {
    "stale": "to be seen again first, the machine says something else now",
    "no_head": "no head decides the criterion, such as times, phrases or the resolution",
    "no_words": "no words are marked, so no sentence can be named",
    "no_run": "the directory of their run is not on this machine",
    "unclear": "no single label follows for certain",
}
