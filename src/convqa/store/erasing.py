"""Conversations erased from the database: on a schedule, on request, or with their run directory.

The text, the results and what people wrote about them go; the audit log keeps that it was done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select

from convqa.errors import ReviewError
from convqa.store.audit import Detail, now, record
from convqa.store.database import Database
from convqa.store.desk_settings import settings_of
from convqa.store.tables import conversations, erased_conversations, retention_log, search_texts
from convqa.store.viewers import Viewer, require, visible

# Bound parameters of one statement: SQLite takes 32,766, PostgreSQL 65,535.
_KEYS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Retention:
    """One clean-up: what started before `before` was erased; what has no date was kept."""

    at: datetime
    before: datetime
    n_erased: int
    n_undated: int
    actor: str


def erase_keys(
    connection: Connection, gone: Mapping[int, str], *, reason: str, retention_id: int | None = None
) -> None:
    """Erase conversations with all that hangs on them, and remember their ids.

    Args:
        connection: Of `Database.writing`.
        gone: `conversations.id` to conversation id.
        reason: In a few words.
        retention_id: Of the clean-up that does it.
    """
    at = now()
    for keys in _batches(list(gone)):
        connection.execute(delete(search_texts).where(search_texts.c.rowid.in_(keys)))
        connection.execute(delete(conversations).where(conversations.c.id.in_(keys)))
        names = [gone[key] for key in keys]
        known = erased_conversations.c.conversation_id.in_(names)
        connection.execute(delete(erased_conversations).where(known))
        connection.execute(
            insert(erased_conversations),
            [
                {"conversation_id": name, "reason": reason, "retention_id": retention_id,
                 "erased_at": at}
                for name in names
            ],
        )  # fmt: skip


def erase_from_desk(database: Database, viewer: Viewer, conversation_id: str) -> None:
    """Erase one conversation from the database; run directories need `convqa erase` as well.

    Raises:
        ReviewError: The role does not allow it, or there is no such conversation to be seen.
    """
    require(viewer, "admin", "manager")
    with database.writing() as connection:
        key = connection.execute(
            select(conversations.c.id).where(
                conversations.c.conversation_id == conversation_id, visible(viewer)
            )
        ).scalar()
        if key is None:
            raise ReviewError(
                f"conversation {conversation_id!r}: there is none", "no_conversation",
                id=conversation_id,
            )  # fmt: skip
        erase_keys(connection, {key: conversation_id}, reason=f"by {viewer.username}")
        record(connection, viewer.username, "conversation.erase", conversation_id)


def apply_retention(database: Database, *, actor: str = "system") -> Retention | None:
    """Erase what is older than the settings keep; None where everything is kept.

    What an open appeal is about waits for its decision.

    Meant to run every day. Each run is logged with how many conversations went, and their ids stay
    in `erased_conversations`.
    """
    with database.writing() as connection:
        days = settings_of(connection).retention_days
        if days is None:
            return None
        at = now()
        before = at - timedelta(days=days)
        old = connection.execute(
            select(conversations.c.id, conversations.c.conversation_id).where(
                conversations.c.started < before, conversations.c.state != "frozen"
            )
        )
        gone = {row.id: row.conversation_id for row in old}
        n_undated = connection.execute(
            select(func.count()).select_from(conversations).where(conversations.c.started.is_(None))
        ).scalar_one()
        done = Retention(at, before, len(gone), n_undated, actor)
        retention_id = connection.execute(
            insert(retention_log)
            .values(at=at, before=before, n_erased=len(gone), n_undated=n_undated, actor=actor)
            .returning(retention_log.c.id)
        ).scalar_one()
        erase_keys(connection, gone, reason=f"older than {days} days", retention_id=retention_id)
        told: Detail = {"before": before.isoformat(), "n_erased": len(gone), "n_undated": n_undated}
        record(connection, actor, "retention.apply", "conversations", told)
        return done


def read_retention(database: Database) -> tuple[Retention, ...]:
    """Return what was erased by age, the latest first."""
    columns = (retention_log.c.at, retention_log.c.before, retention_log.c.n_erased,
               retention_log.c.n_undated, retention_log.c.actor)  # fmt: skip
    with database.reading() as connection:
        rows = connection.execute(select(*columns).order_by(retention_log.c.id.desc()))
        return tuple(Retention(*row) for row in rows)


def _batches(keys: list[int]) -> list[list[int]]:
    return [keys[i : i + _KEYS_AT_ONCE] for i in range(0, len(keys), _KEYS_AT_ONCE)]
