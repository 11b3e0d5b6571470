"""`convqa review`: loads runs and serves the review desk."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from convqa.cli.desk import DatabaseOption, opened

if TYPE_CHECKING:
    from convqa.store.database import Database


def review(
    runs: Annotated[
        list[Path] | None, typer.Argument(metavar="[DIR]…", help="Run directories to load first.")
    ] = None,
    db: DatabaseOption = None,
    host: Annotated[
        str, typer.Option(help="The address to listen at; by default this machine alone.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes any.")] = 8765,
) -> None:
    """Serve the review desk: a web application to read, correct and answer results."""
    with opened(db) as database:
        from convqa.review.app import create_app
        from convqa.review.daily import daily_retention
        from convqa.review.serving import is_loopback, serve
        from convqa.review.tokens import read_secret, secret_file

        for run in runs or ():
            _load(database, run)
        _offer_first_admin(database)
        if not is_loopback(host):
            print(
                f"listening at {host}, where others can reach it: put a server with TLS in front, "
                "such as nginx or Caddy"
            )
        app = create_app(database, read_secret(secret_file()))
        with daily_retention(database):
            serve(app, host, port, ready=_say_address)


def _say_address(address: str) -> None:
    print(f"The review desk is at {address} (Ctrl+C ends it)", flush=True)


def _load(database: "Database", run: Path) -> None:
    from convqa.store.loading import load_run

    loaded = load_run(database, run, actor="command line")
    if not loaded.is_new:
        print(f"{run}: already loaded, {loaded.n_conversations:,} conversations")
        return
    told = f"{run}: {loaded.n_conversations:,} conversations loaded"
    if loaded.n_erased:
        told += f", {loaded.n_erased:,} erased since"
    if loaded.n_kept_out:
        told += f", {loaded.n_kept_out:,} left out that were erased or are newer here"
    print(told)


def _offer_first_admin(database: "Database") -> None:
    """Make the first administrator on a terminal; elsewhere tell how."""
    from convqa.cli.users import read_password
    from convqa.store.users import NewUser, add_user, list_users

    if list_users(database):
        return
    if not sys.stdin.isatty():
        print("Nobody can sign in yet: convqa users add NAME --role admin")
        return
    print("Nobody can sign in yet. Make the first administrator:")
    username: str = typer.prompt("Username", default="admin", err=True)
    add_user(
        database, "command line", NewUser(username, username, "admin", sees_all_teams=True),
        read_password(),
    )  # fmt: skip
    print(f"added {username} (admin)")
