"""`convqa audit`: whether the audit log of the review desk is whole."""

from typing import Annotated

import typer

from convqa.cli.desk import DatabaseOption, opened

app = typer.Typer(help="The audit log of the review desk: verify.", no_args_is_help=True)

EXIT_FAULT = 1


@app.callback()
def _group() -> None:
    """Keep `verify` a command of its own while it is the only one."""


@app.command("verify")
def verify(
    db: DatabaseOption = None,
    head: Annotated[
        str | None,
        typer.Option(
            metavar="HEX", help="A last hash noted earlier: it must still be in the chain."
        ),
    ] = None,
) -> None:
    """Check every entry of the audit log by its hash; exit code 1 if one is changed or gone."""
    with opened(db, must_exist=True) as database:
        from convqa.store.audit import verify_audit

        check = verify_audit(database, known_head=head and head.strip().lower())
    if check.fault is not None:
        print(f"fault  {check.fault} (whole up to entry {check.n_entries:,})")
        raise typer.Exit(EXIT_FAULT)
    print(f"whole  {check.n_entries:,} entries, last hash {check.head}")
