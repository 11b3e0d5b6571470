"""The settings of the desk, kept in the database: what an administrator decides on its pages."""

import json
from collections.abc import Mapping
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


# What the numbers can be, both ends included. A year to appeal and a century of keeping are more
# than anybody asks for, and leave every date that follows from them one that there is.
LIMITS: Mapping[str, tuple[int, int]] = {
    "appeal_days": (0, 365), "retention_days": (1, 36_500), "smallest_group": (1, 1_000),
    "flag_budget": (1, 1_000),
}  # fmt: skip


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
    require(viewer, "admin")
    after = asdict(wanted)
    for name, (low, high) in LIMITS.items():
        if after[name] is not None and not low <= after[name] <= high:
            raise ReviewError(
                f"settings: {name} is {after[name]:,}; it can be {low} to {high:,}",
                "setting_range", low=low, high=high,
            )  # fmt: skip
    with database.writing() as connection:
        before = asdict(settings_of(connection))
        changed = {name: value for name, value in after.items() if before[name] != value}
        if not changed:
            return
        connection.execute(delete(settings).where(settings.c.name.in_(sorted(changed))))
        connection.execute(
            insert(settings), [{"name": n, "value_json": json.dumps(v)} for n, v in changed.items()]
        )
        record(connection, viewer.username, "settings.change", "settings", changed)
