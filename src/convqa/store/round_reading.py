"""Blind rounds as their members see them: what is revealed, and what counts for agreement."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, func, select

from convqa.errors import ReviewError
from convqa.schema import Outcome
from convqa.store.database import Database
from convqa.store.tables import (
    conversations,
    round_answers,
    round_conversations,
    round_members,
    round_submissions,
    rounds,
    users,
)
from convqa.store.viewers import Viewer, allowed, open_row, visible

RoundKind = Literal["double", "calibration"]


@dataclass(frozen=True, slots=True)
class Round:
    """A round, its members by username, and how far it is.

    `n_complete` conversations were submitted by every member; `n_mine` by the viewer.
    """

    id: int
    kind: RoundKind
    name: str
    members: tuple[str, ...]
    created_by: str
    created_at: datetime
    closed_at: datetime | None
    n_conversations: int
    n_complete: int
    n_mine: int


@dataclass(frozen=True, slots=True)
class RoundItem:
    """A conversation of a round: who has submitted it, and whether answers are shown now."""

    key: int
    conversation_id: str
    submitted_by: tuple[str, ...]
    is_revealed: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What a member said of a criterion."""

    outcome: Outcome
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Rating:
    """One answer that counts for agreement."""

    key: int
    criterion_id: str
    username: str
    outcome: Outcome
    language: str | None


def list_rounds(database: Database, viewer: Viewer) -> tuple[Round, ...]:
    """Return the rounds that the viewer is a member of or has made, the latest first."""
    mine = select(round_members.c.round_id).where(round_members.c.user_id == viewer.user_id)
    query = select(rounds.c.id).order_by(rounds.c.id.desc())
    if viewer.role != "admin":
        query = query.where(rounds.c.id.in_(mine) | (rounds.c.created_by == viewer.user_id))
    with database.reading() as connection:
        return tuple(
            _round(connection, viewer, i) for i in connection.execute(query).scalars().all()
        )


def read_round(
    database: Database, viewer: Viewer, round_id: int
) -> tuple[Round, tuple[RoundItem, ...]]:
    """Return a round and its conversations.

    Raises:
        ReviewError: There is none that the viewer takes part in.
    """
    with database.reading() as connection:
        check_part(connection, viewer, round_id)
        found = _round(connection, viewer, round_id)
        rows = connection.execute(
            select(conversations.c.id, conversations.c.conversation_id)
            .join(round_conversations, round_conversations.c.conversation == conversations.c.id)
            .where(round_conversations.c.round_id == round_id, allowed(viewer))
            .order_by(conversations.c.id)
        ).all()
        submitted = submitted_of(connection, round_id)
        items = tuple(
            RoundItem(
                row.id, row.conversation_id, tuple(submitted.get(row.id, ())),
                len(submitted.get(row.id, ())) == len(found.members),
            )
            for row in rows
        )  # fmt: skip
        return found, items


def read_answers(
    database: Database, viewer: Viewer, round_id: int, key: int
) -> dict[str, dict[str, Answer]]:
    """Return the answers on a conversation, username → criterion id → answer.

    The viewer's own only, until every member has submitted it.

    Raises:
        ReviewError: The viewer takes no part in the round, or may not open the conversation.
    """
    with database.reading() as connection:
        open_row(connection, viewer, key, is_blind=True)
        check_part(connection, viewer, round_id)
        n_members = len(members_of(connection, round_id))
        is_revealed = len(submitted_of(connection, round_id).get(key, ())) == n_members
        query = _answers().where(
            round_answers.c.round_id == round_id, round_answers.c.conversation == key
        )
        if not is_revealed:
            query = query.where(round_answers.c.user_id == viewer.user_id)
        found: dict[str, dict[str, Answer]] = {}
        for row in connection.execute(query):
            answer = Answer(row.outcome, row.comment)
            found.setdefault(row.username, {})[row.criterion_id] = answer
        return found


def round_ratings(
    database: Database, viewer: Viewer, round_id: int | None = None
) -> tuple[Rating, ...]:
    """Return the answers that count for agreement: of conversations that every member submitted.

    Args:
        database: Where.
        viewer: Who looks; only conversations that may be opened are in it.
        round_id: One round; None for all double reviews. A conversation of several counts once,
            with the answers of the latest.
    """
    members = select(func.count()).where(round_members.c.round_id == round_answers.c.round_id)
    done = select(func.count()).where(
        round_submissions.c.round_id == round_answers.c.round_id,
        round_submissions.c.conversation == round_answers.c.conversation,
    )
    query = _answers().where(visible(viewer), members.scalar_subquery() == done.scalar_subquery())
    if round_id is None:
        query = query.where(rounds.c.kind == "double")
    else:
        query = query.where(rounds.c.id == round_id)
    with database.reading() as connection:
        if round_id is not None:
            check_part(connection, viewer, round_id)
        rows = connection.execute(query).all()
    latest: dict[int, int] = {}
    for row in rows:
        latest[row.conversation] = max(row.round_id, latest.get(row.conversation, 0))
    return tuple(
        Rating(row.conversation, row.criterion_id, row.username, row.outcome, row.language)
        for row in rows
        if row.round_id == latest[row.conversation]
    )


def _answers() -> Select[Any]:
    return (
        select(
            round_answers.c.conversation, round_answers.c.criterion_id, round_answers.c.outcome,
            round_answers.c.comment, users.c.username, conversations.c.language,
            round_answers.c.round_id,
        )
        .join(users, users.c.id == round_answers.c.user_id)
        .join(rounds, rounds.c.id == round_answers.c.round_id)
        .join(conversations, conversations.c.id == round_answers.c.conversation)
        .order_by(round_answers.c.conversation, users.c.username, round_answers.c.criterion_id)
    )  # fmt: skip


def members_of(connection: Connection, round_id: int) -> tuple[str, ...]:
    """Return the usernames of the members of a round."""
    query = (
        select(users.c.username)
        .join(round_members, round_members.c.user_id == users.c.id)
        .where(round_members.c.round_id == round_id)
        .order_by(users.c.username)
    )
    return tuple(connection.execute(query).scalars())


def submitted_of(connection: Connection, round_id: int) -> dict[int, list[str]]:
    """Return who has submitted, by conversation."""
    query = (
        select(round_submissions.c.conversation, users.c.username)
        .join(users, users.c.id == round_submissions.c.user_id)
        .where(round_submissions.c.round_id == round_id)
        .order_by(users.c.username)
    )
    found: dict[int, list[str]] = {}
    for key, username in connection.execute(query):
        found.setdefault(key, []).append(username)
    return found


def round_row(connection: Connection, round_id: int) -> Row[Any]:
    """Return the row of a round with the username of who made it."""
    row = connection.execute(
        select(rounds, users.c.username)
        .join(users, users.c.id == rounds.c.created_by)
        .where(rounds.c.id == round_id)
    ).first()
    if row is None:
        raise ReviewError(f"round {round_id}: there is none that you take part in", "not_found")
    return row


def _round(connection: Connection, viewer: Viewer, round_id: int) -> Round:
    row = round_row(connection, round_id)
    members = members_of(connection, round_id)
    submitted = submitted_of(connection, round_id)
    n_conversations = connection.execute(
        select(func.count()).where(round_conversations.c.round_id == round_id)
    ).scalar_one()
    return Round(
        id=round_id,
        kind=row.kind,
        name=row.name,
        members=members,
        created_by=row.username,
        created_at=row.created_at,
        closed_at=row.closed_at,
        n_conversations=n_conversations,
        n_complete=sum(len(names) == len(members) for names in submitted.values()),
        n_mine=sum(viewer.username in names for names in submitted.values()),
    )


def check_part(connection: Connection, viewer: Viewer, round_id: int) -> None:
    """Check that a viewer is a member of a round, has made it or is an admin."""
    row = round_row(connection, round_id)
    is_member = viewer.username in members_of(connection, round_id)
    if not is_member and row.created_by != viewer.user_id and viewer.role != "admin":
        raise ReviewError(f"round {round_id}: there is none that you take part in", "not_found")
