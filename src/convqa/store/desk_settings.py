"""The settings of the desk, kept in the database: what a manager decides, not who runs it."""

import json
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection, delete, insert, select

from convqa.errors import ReviewError
from convqa.store.audit import record
from convqa.store.database import Database
from convqa.store.tables import settings
from convqa.store.viewers import Viewer, require


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """How the desk works.

    `smallest_group` is how many conversations and agents a shown figure must cover: five, as works
    councils ask. An appeal may be opened `appeal_days` after a result was last changed.
    `retention_days` None keeps everything. `notice_version` changes when the notice to agents does:
    they accept it again. `flag_budget` is how many conversations «most worth reading today» holds.
    """

    appeal_days: int = 14
    retention_days: int | None = None
    aggregate_only: bool = False
    smallest_group: int = 5
    flag_budget: int = 40
    notice_version: str = "1"


def read_settings(database: Database) -> DeskSettings:
    """Return the settings, defaults where nothing was decided."""
    with database.reading() as connection:
        return settings_of(connection)


def settings_of(connection: Connection) -> DeskSettings:
    """Return the settings as a transaction sees them."""
    known = {row.name: json.loads(row.value_json) for row in connection.execute(select(settings))}
    names = asdict(DeskSettings())
    return replace(DeskSettings(), **{k: v for k, v in known.items() if k in names})


def change_settings(database: Database, viewer: Viewer, wanted: DeskSettings) -> None:
    """Keep settings, with an audit entry for what changed.

    Raises:
        ReviewError: The role does not allow it, or a number is out of range.
    """
    require(viewer, "admin", "manager")
    if wanted.appeal_days < 0 or wanted.smallest_group < 1 or wanted.flag_budget < 1:
        raise ReviewError(
            "settings: days must be 0 or more, groups and budgets 1 or more", "settings_range"
        )
    if wanted.retention_days is not None and wanted.retention_days < 1:
        raise ReviewError(
            "settings: retention_days must be 1 or more, or empty to keep everything",
            "retention_range",
        )
    with database.writing() as connection:
        before, after = asdict(settings_of(connection)), asdict(wanted)
        changed = {name: value for name, value in after.items() if before[name] != value}
        if not changed:
            return
        connection.execute(delete(settings).where(settings.c.name.in_(sorted(changed))))
        connection.execute(
            insert(settings), [{"name": n, "value_json": json.dumps(v)} for n, v in changed.items()]
        )
        record(connection, viewer.username, "settings.change", "settings", changed)
