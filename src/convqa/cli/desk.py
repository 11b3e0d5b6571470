"""What the commands of the review desk share: its database, and the extra that it needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from convqa.errors import ConfigError

if TYPE_CHECKING:
    from convqa.store.database import Database

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--db",
        metavar="URL",
        help="Database: postgresql://…, or an SQLite file; else CONVQA_DB, else a file of yours.",
    ),
]


@contextmanager
def opened(url: str | None) -> "Iterator[Database]":
    """Open the database of the desk for one command.

    Raises:
        ConfigError: The packages of the extra `review` are not installed.
        StoreError: The database cannot be used.
    """
    try:
        from convqa.store.database import open_database
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"the review desk needs {error.name}: pip install 'convqa[review]'"
        ) from error
    database = open_database(url)
    try:
        yield database
    finally:
        database.close()
