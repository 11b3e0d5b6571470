"""`convqa erase`."""

from datetime import datetime
from typing import Annotated

import typer

from convqa.cli.options import RunDirectory
from convqa.errors import ConfigError


def erase(
    run: RunDirectory,
    conversation: Annotated[
        str | None, typer.Option(metavar="ID", help="Erase the conversation with this id.")
    ] = None,
    before: Annotated[
        datetime | None,
        typer.Option(
            metavar="DATE", formats=["%Y-%m-%d"], help="Erase what started before this day."
        ),
    ] = None,
) -> None:
    """Remove conversations from a run directory: text, findings and evaluations."""
    from convqa.erase import erase_before, erase_conversation

    if (conversation is None) == (before is None):
        raise ConfigError("erase needs either --conversation ID or --before DATE (YYYY-MM-DD)")
    if conversation is not None:
        erased = erase_conversation(run, conversation)
        if erased.n_erased == 0:
            raise ConfigError(f"{run}: no conversation with the id {conversation!r}")
    elif before is not None:
        erased = erase_before(run, before.date().isoformat())
        if erased.n_undated:
            print(f"{erased.n_undated:,} conversations have no date and were kept")
    print(
        f"erased {erased.n_erased:,} conversations and the run's own report and exports; copies "
        "made elsewhere still hold them"
    )
