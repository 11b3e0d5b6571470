"""What people attach to conversations: notes, assignments, acknowledgements, accepted notices."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from convqa.errors import ReviewError
from convqa.store.audit import now, record
from convqa.store.database import Database
from convqa.store.desk_settings import settings_of
from convqa.store.tables import (
    acknowledgements,
    assignments,
    conversations,
    notes,
    notice_acceptances,
    users,
)
from convqa.store.users import viewer_of
from convqa.store.viewers import Viewer, open_row, require, visible

LONGEST_NOTE = 4_000


@dataclass(frozen=True, slots=True)
class Note:
    """A coaching note on a conversation, perhaps on one criterion or turn of it."""

    id: int
    text: str
    author: str
    author_id: int
    written_at: datetime
    is_for_agent: bool
    criterion_id: str | None
    turn: int | None


def add_note(
    database: Database, viewer: Viewer, key: int, text: str, *, is_for_agent: bool,
    criterion_id: str | None = None, turn: int | None = None,
) -> Note:  # fmt: skip
    """Write a coaching note; the agent sees it where `is_for_agent`.

    Raises:
        ReviewError: It is empty or too long, or the viewer may not.
    """
    require(viewer, "reviewer", "manager", "admin")
    text = text.strip()
    if not 0 < len(text) <= LONGEST_NOTE:
        raise ReviewError(
            f"the note has {len(text):,} characters; it needs 1 to {LONGEST_NOTE:,}", "note_length",
            longest=LONGEST_NOTE,
        )  # fmt: skip
    with database.writing() as connection:
        row = open_row(connection, viewer, key)
        at = now()
        note_id = connection.execute(
            insert(notes)
            .values(
                conversation=key, criterion_id=criterion_id, turn=turn, text=text,
                is_for_agent=is_for_agent, author_id=viewer.user_id, written_at=at,
            )
            .returning(notes.c.id)
        ).scalar_one()  # fmt: skip
        told = {"note": note_id, "is_for_agent": is_for_agent}
        record(connection, viewer.username, "note.add", row.conversation_id, told)
    return Note(note_id, text, viewer.name, viewer.user_id, at, is_for_agent, criterion_id, turn)


def delete_note(database: Database, viewer: Viewer, note_id: int) -> None:
    """Delete a note; only its author may.

    Raises:
        ReviewError: There is no such note of this author.
    """
    with database.writing() as connection:
        row = connection.execute(
            select(conversations.c.conversation_id)
            .join(notes, notes.c.conversation == conversations.c.id)
            .where(notes.c.id == note_id, notes.c.author_id == viewer.user_id, visible(viewer))
        ).first()
        if row is None:
            raise ReviewError(f"note {note_id}: there is none of yours", "not_found")
        connection.execute(delete(notes).where(notes.c.id == note_id))
        record(connection, viewer.username, "note.delete", row.conversation_id, {"note": note_id})


def notes_of(connection: Connection, key: int) -> tuple[Note, ...]:
    """Return the notes of a conversation in the order written."""
    rows = connection.execute(
        select(notes, users.c.name.label("author"))
        .join(users, users.c.id == notes.c.author_id)
        .where(notes.c.conversation == key)
        .order_by(notes.c.id)
    )
    return tuple(
        Note(
            row.id, row.text, row.author, row.author_id, row.written_at, row.is_for_agent,
            row.criterion_id, row.turn,
        )
        for row in rows
    )  # fmt: skip


def assign(database: Database, viewer: Viewer, key: int, username: str | None) -> None:
    """Give a conversation to a person to review, or to nobody.

    A reviewer may take one or give back an own one; managers assign to anybody who may open it.

    Raises:
        ReviewError: The person may not review or open it, or the viewer may not assign it.
    """
    require(viewer, "reviewer", "manager", "admin")
    with database.writing() as connection:
        row = open_row(connection, viewer, key, is_writing=True)
        present = connection.execute(
            select(assignments.c.assignee_id).where(assignments.c.conversation == key)
        ).scalar()
        is_own = username in (viewer.username, None) and present in (viewer.user_id, None)
        if not viewer.can_manage and not is_own:
            raise ReviewError("only a manager assigns to others", "assigned_by_manager")
        connection.execute(delete(assignments).where(assignments.c.conversation == key))
        if username is not None:
            assignee = viewer_of(connection, username)
            if not assignee.can_review:
                raise ReviewError(
                    f"user {username!r}: is an agent and does not review", "assigned_to_agent",
                    username=username,
                )  # fmt: skip
            open_row(connection, assignee, key)
            connection.execute(
                insert(assignments).values(
                    conversation=key, assignee_id=assignee.user_id, assigned_by=viewer.user_id,
                    assigned_at=now(),
                )
            )  # fmt: skip
        told = {"to": username}
        record(connection, viewer.username, "conversation.assign", row.conversation_id, told)


def acknowledge(database: Database, viewer: Viewer, key: int) -> None:
    """Keep that an agent has read an own result.

    Raises:
        ReviewError: The viewer is no agent, or may not open it.
    """
    require(viewer, "agent")
    with database.writing() as connection:
        row = open_row(connection, viewer, key, is_writing=True)
        if is_acknowledged(connection, viewer, key):
            return
        connection.execute(
            insert(acknowledgements).values(
                conversation=key, user_id=viewer.user_id, acknowledged_at=now()
            )
        )
        record(connection, viewer.username, "result.acknowledge", row.conversation_id)


def is_acknowledged(connection: Connection, viewer: Viewer, key: int) -> bool:
    """Return whether this person has acknowledged the result; for others, whether any agent has."""
    query = select(acknowledgements.c.user_id).where(acknowledgements.c.conversation == key)
    if viewer.role == "agent":
        query = query.where(acknowledgements.c.user_id == viewer.user_id)
    return connection.execute(query).first() is not None


def has_accepted_notice(database: Database, viewer: Viewer) -> bool:
    """Return whether this person has accepted the present notice of what is scored and how."""
    with database.reading() as connection:
        return _has_accepted(connection, viewer, settings_of(connection).notice_version)


def accept_notice(database: Database, viewer: Viewer) -> None:
    """Keep that this person has read the present notice."""
    with database.writing() as connection:
        version = settings_of(connection).notice_version
        if _has_accepted(connection, viewer, version):
            return
        connection.execute(
            insert(notice_acceptances).values(
                user_id=viewer.user_id, notice_version=version, accepted_at=now()
            )
        )
        told = {"version": version}
        record(connection, viewer.username, "notice.accept", viewer.username, told)


def _has_accepted(connection: Connection, viewer: Viewer, version: str) -> bool:
    query = select(notice_acceptances.c.user_id).where(
        notice_acceptances.c.user_id == viewer.user_id,
        notice_acceptances.c.notice_version == version,
    )
    return connection.execute(query).first() is not None
