"""The database of the review desk: which one, how it is opened, and how it is brought up to date.

SQLite in WAL mode for one machine, PostgreSQL for a team; the same tables and statements on both.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from convqa.errors import StoreError

URL_VARIABLE = "CONVQA_DB"
_MIGRATIONS = Path(__file__).parent / "migrations"

# How long a writer of SQLite waits for another one before it gives up.
_BUSY_TIMEOUT_MS = 30_000
_POOL_SIZE = 10
# Any number that nobody else uses in the same database: one process migrates, the others wait.
_MIGRATION_LOCK = 7_266_801


@dataclass(frozen=True, slots=True)
class Database:
    """An open database with the tables of this version."""

    engine: Engine

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded one."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Hold a transaction that only reads: it sees one state of the database.

        Raises:
            StoreError: The database refused.
        """
        with _translated(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Hold a transaction that writes; it is kept as a whole or, on an error, not at all.

        SQLite has one writer at a time: it takes its lock here, not in the middle of the work.

        Raises:
            StoreError: The database refused.
        """
        engine = self.engine.execution_options(is_writing=True)
        with _translated(), engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def database_url(given: str | None = None) -> URL:
    """Return the URL of the database: as given, else `CONVQA_DB`, else a file of this user.

    The file is `convqa/review.db` in `XDG_DATA_HOME`, or in `~/.local/share`. A path without `://`
    names an SQLite file.

    Raises:
        StoreError: The URL cannot be read, or names another kind of database.
    """
    wanted = given or os.environ.get(URL_VARIABLE) or str(_default_file())
    if "://" not in wanted:
        return URL.create("sqlite+pysqlite", database=str(Path(wanted).expanduser()))
    try:
        url = make_url(wanted)
    except ArgumentError as error:
        raise StoreError("--db: not a URL; use sqlite:///FILE or postgresql://…") from error
    drivers = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg"}
    backend = url.get_backend_name()
    if backend not in drivers:
        raise StoreError(f"--db: {backend} is not supported; use sqlite:///FILE or postgresql://…")
    return url.set(drivername=drivers[backend])


def _default_file() -> Path:
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "convqa" / "review.db"


def open_database(url: URL | str | None = None) -> Database:
    """Open the database, made if it is an SQLite file that is missing, and migrate it.

    Raises:
        StoreError: It cannot be reached or written, or a newer version of convqa has changed it.
    """
    engine = connect(database_url(url) if not isinstance(url, URL) else url)
    database = Database(engine)
    try:
        migrate(database)
    except StoreError:
        engine.dispose()
        raise
    return database


def connect(url: URL) -> Engine:
    """Return an engine for a URL of `database_url`, its tables as they are."""
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_size=_POOL_SIZE, pool_pre_ping=True)
    if url.database and url.database != ":memory:":
        _make_private(Path(url.database))
    engine = create_engine(url, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_private(path: Path) -> None:
    """Make the file before SQLite does: only its owner may read it; the WAL takes its mode over."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be used as database ({error.strerror}); choose another --db"
        ) from error


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    # sqlite3 would begin transactions by itself, and too late: _begin_sqlite does it.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get("is_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    """Tell what the database refused without the statement, whose values may be text."""
    try:
        yield
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0] if error.orig else "no reason given"
        raise StoreError(f"the database cannot be used: {reason}") from error
    except DBAPIError as error:
        raise StoreError(f"the database refused ({type(error.orig).__name__})") from error


def migrate(database: Database, revision: str = "head") -> None:
    """Bring the tables to a revision, from whatever earlier one they have.

    Raises:
        StoreError: The tables are newer than this version of convqa knows.
    """
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _MIGRATION_LOCK})
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        present = MigrationContext.configure(connection).get_current_revision()
        if present is not None and present not in known:
            raise StoreError(
                f"the database was changed by a newer version of convqa (schema {present}); "
                "update convqa"
            )
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, revision)
        except CommandError as error:
            raise StoreError(f"the database cannot be migrated: {error}") from error
