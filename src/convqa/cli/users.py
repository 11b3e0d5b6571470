"""`convqa users`: the accounts of the review desk."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from convqa.cli.desk import DatabaseOption, opened
from convqa.errors import ConfigError

if TYPE_CHECKING:
    from convqa.store.database import Database
    from convqa.store.users import NewUser

app = typer.Typer(
    help="Accounts of the review desk: add, list, password, disable, enable.", no_args_is_help=True
)

# The audit log names who acted: here, whoever may write the database.
_ACTOR = "command line"

Username = Annotated[str, typer.Argument(metavar="USERNAME", help="The name to sign in with.")]


@app.command("add")
def add(
    username: Username,
    role: Annotated[str, typer.Option(help="agent, reviewer, manager or admin.")],
    name: Annotated[str | None, typer.Option(help="The name shown; else the username.")] = None,
    team: Annotated[
        list[str] | None, typer.Option(metavar="TEAM", help="A team to see; may be given again.")
    ] = None,
    all_teams: Annotated[bool, typer.Option("--all-teams", help="See every team.")] = False,
    agent_id: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="An agent's id in the transcripts; may be given again."),
    ] = None,
    db: DatabaseOption = None,
) -> None:
    """Make an account; the password is asked for, or read from the standard input."""
    with opened(db) as database:
        from convqa.store.users import NewUser, add_user
        from convqa.store.viewers import USER_ROLES

        known = {known: known for known in USER_ROLES}
        if role not in known:
            raise ConfigError(f"--role {role}: use one of {', '.join(USER_ROLES)}")
        new = NewUser(
            username=username,
            name=name or username,
            role=known[role],
            teams=frozenset(team or ()),
            agent_ids=frozenset(agent_id or ()),
            sees_all_teams=all_teams,
        )
        add_user(database, _ACTOR, new, read_password())
        doubts = list(_unknown(database, new))
    print(f"added {username} ({role})")
    for doubt in doubts:
        print(f"warning: {doubt}", file=sys.stderr)


def _unknown(database: "Database", new: "NewUser") -> Iterator[str]:
    """Yield a warning of teams, and of agent ids, that no run has; none before one is loaded."""
    from convqa.store.browsing import find_choices
    from convqa.store.viewers import Viewer

    known = find_choices(database, Viewer(0, _ACTOR, _ACTOR, "admin", sees_all_teams=True))
    if known.teams and (teams := sorted(new.teams.difference(known.teams))):
        yield f"no loaded run has team {', '.join(teams)}; known: {', '.join(known.teams)}"
    if known.agent_ids and (ids := sorted(new.agent_ids.difference(known.agent_ids))):
        yield f"no loaded run has agent id {', '.join(ids)}"


@app.command("list")
def list_(db: DatabaseOption = None) -> None:
    """List the accounts."""
    from rich.table import Table

    from convqa.cli.progress import console

    table = Table("username", "name", "role", "teams", "agent ids", "open")
    with opened(db, must_exist=True) as database:
        from convqa.store.users import list_users

        for user in list_users(database):
            sees_all = user.sees_all_teams or user.role == "admin"
            table.add_row(
                user.username, user.name, user.role,
                "all" if sees_all else ", ".join(sorted(user.teams)),
                ", ".join(sorted(user.agent_ids)), "no" if user.is_disabled else "yes",
            )  # fmt: skip
    console.print(table)


@app.command("password")
def password(username: Username, db: DatabaseOption = None) -> None:
    """Give an account another password, asked for or read from the standard input."""
    with opened(db) as database:
        from convqa.store.users import find_user, set_password

        find_user(database, username)
        set_password(database, _ACTOR, username, read_password())
    print(f"changed the password of {username}; its sessions have ended")


@app.command("disable")
def disable(username: Username, db: DatabaseOption = None) -> None:
    """Close an account; what it did stays."""
    with opened(db) as database:
        from convqa.store.users import disable_user

        disable_user(database, _ACTOR, username)
    print(f"closed {username}; its sessions have ended")


@app.command("enable")
def enable(username: Username, db: DatabaseOption = None) -> None:
    """Open a closed account again."""
    with opened(db) as database:
        from convqa.store.users import disable_user

        disable_user(database, _ACTOR, username, is_disabled=False)
    print(f"opened {username}")


def read_password() -> str:
    """Ask twice on a terminal, or read one line: never an argument, which others could see."""
    if sys.stdin.isatty():
        asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return asked
    return sys.stdin.readline().rstrip("\r\n")
