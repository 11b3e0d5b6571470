"""What the commands of the review desk share: its database, and the extra that it needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
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
def opened(url: str | None, *, must_exist: bool = False) -> "Iterator[Database]":
    """Open the database of the desk for one command; an SQLite file that is missing is made.

    Raises:
        ConfigError: The packages of the extra `review` are not installed, or the file is missing
            and `must_exist`.
        StoreError: The database cannot be used.
    """
    try:
        from convqa.store.database import database_url, open_database
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"the review desk needs {error.name}: pip install 'convqa[review]'"
        ) from error
    place = database_url(url)
    is_file = place.get_backend_name() == "sqlite"
    if must_exist and is_file and not Path(place.database or "").is_file():
        raise ConfigError(
            f"{place.database}: there is no such database; name that of the review desk by --db or "
            "CONVQA_DB"
        )
    database = open_database(place)
    try:
        yield database
    finally:
        database.close()
