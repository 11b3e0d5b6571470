"""Blind rounds: double reviews by two people, calibration sessions by any number.

Each member answers alone. What the others said of a conversation is shown when every member has
submitted it, and only then does it count for agreement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, delete, exists, func, insert, select, update

from convqa.errors import ReviewError
from convqa.schema import Outcome
from convqa.store.audit import now, record
from convqa.store.database import Database
from convqa.store.final import results_of
from convqa.store.reviews import OUTCOMES
from convqa.store.tables import (
    conversations,
    round_answers,
    round_conversations,
    round_members,
    round_submissions,
    rounds,
    users,
)
from convqa.store.users import viewer_of
from convqa.store.viewers import Viewer, open_row, require, visible

RoundKind = Literal["double", "calibration"]
_PAIR = 2


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


def create_round(
    database: Database, viewer: Viewer, kind: RoundKind, name: str, *, keys: Sequence[int],
    members: Sequence[str],
) -> int:  # fmt: skip
    """Begin a round and return its key.

    Args:
        database: Where.
        viewer: A manager or admin.
        kind: `double` has exactly two members, `calibration` two or more.
        name: What it is called.
        keys: The conversations.
        members: Usernames of people who review and may open each of them.

    Raises:
        ReviewError: Members or conversations do not fit, or the viewer may not.
    """
    require(viewer, "manager", "admin")
    usernames = list(dict.fromkeys(members))
    if len(usernames) < _PAIR or (kind == "double" and len(usernames) != _PAIR):
        raise ReviewError("a double review has two members, a calibration session two or more")
    if not keys or not name.strip():
        raise ReviewError("a round needs a name and at least one conversation")
    with database.writing() as connection:
        people = [viewer_of(connection, username) for username in usernames]
        for person in people:
            require(person, "reviewer", "manager", "admin")
        for key in dict.fromkeys(keys):
            for person in (viewer, *people):
                open_row(connection, person, key)
        round_id: int = connection.execute(
            insert(rounds)
            .values(kind=kind, name=name.strip(), created_by=viewer.user_id, created_at=now())
            .returning(rounds.c.id)
        ).scalar_one()
        connection.execute(
            insert(round_members), [{"round_id": round_id, "user_id": p.user_id} for p in people]
        )
        connection.execute(
            insert(round_conversations),
            [{"round_id": round_id, "conversation": key} for key in dict.fromkeys(keys)],
        )
        told = {"kind": kind, "members": usernames, "n_conversations": len(set(keys))}
        record(connection, viewer.username, "round.create", str(round_id), told)
        return round_id


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
        _check_part(connection, viewer, round_id)
        found = _round(connection, viewer, round_id)
        rows = connection.execute(
            select(conversations.c.id, conversations.c.conversation_id)
            .join(round_conversations, round_conversations.c.conversation == conversations.c.id)
            .where(round_conversations.c.round_id == round_id, visible(viewer))
            .order_by(conversations.c.id)
        ).all()
        submitted = _submitted(connection, round_id)
        items = tuple(
            RoundItem(
                row.id, row.conversation_id, tuple(submitted.get(row.id, ())),
                len(submitted.get(row.id, ())) == len(found.members),
            )
            for row in rows
        )  # fmt: skip
        return found, items


def save_answers(
    database: Database, viewer: Viewer, round_id: int, key: int, answers: Mapping[str, Answer],
    *, is_submitted: bool,
) -> None:  # fmt: skip
    """Keep the viewer's own answers on a conversation; once submitted they are not changed.

    Raises:
        ReviewError: Not a member, closed, already submitted, or an answer is wrong or missing.
    """
    with database.writing() as connection:
        open_row(connection, viewer, key, is_writing=True)
        _check_answering(connection, viewer, round_id, key)
        known = [result.id for result in results_of(connection, key)]
        for criterion_id, answer in answers.items():
            if criterion_id not in known or answer.outcome not in OUTCOMES:
                raise ReviewError(f"{criterion_id}: is no criterion here, or not an outcome")
        missing = [criterion_id for criterion_id in known if criterion_id not in answers]
        if is_submitted and missing:
            raise ReviewError(f"answer every criterion first; missing: {', '.join(missing)}")
        place = {"round_id": round_id, "conversation": key, "user_id": viewer.user_id}
        connection.execute(delete(round_answers).where(*_mine(viewer, round_id, key)))
        if answers:
            connection.execute(
                insert(round_answers),
                [
                    place | {"criterion_id": i, "outcome": a.outcome, "comment": a.comment.strip()}
                    for i, a in answers.items()
                ],
            )
        if is_submitted:
            connection.execute(insert(round_submissions).values(**place, submitted_at=now()))
            told = {"conversation": key}
            record(connection, viewer.username, "round.submit", str(round_id), told)


def read_answers(
    database: Database, viewer: Viewer, round_id: int, key: int
) -> dict[str, dict[str, Answer]]:
    """Return the answers on a conversation, username → criterion id → answer.

    The viewer's own only, until every member has submitted it.

    Raises:
        ReviewError: The viewer takes no part in the round, or may not open the conversation.
    """
    with database.reading() as connection:
        open_row(connection, viewer, key)
        _check_part(connection, viewer, round_id)
        n_members = len(_members(connection, round_id))
        is_revealed = len(_submitted(connection, round_id).get(key, ())) == n_members
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
        round_id: One round; None for all double reviews.
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
            _check_part(connection, viewer, round_id)
        return tuple(
            Rating(row.conversation, row.criterion_id, row.username, row.outcome, row.language)
            for row in connection.execute(query)
        )


def close_round(database: Database, viewer: Viewer, round_id: int) -> None:
    """End a round: nobody answers any more.

    Raises:
        ReviewError: There is none that the viewer takes part in, or the viewer may not.
    """
    require(viewer, "manager", "admin")
    with database.writing() as connection:
        _check_part(connection, viewer, round_id)
        connection.execute(update(rounds).where(rounds.c.id == round_id).values(closed_at=now()))
        record(connection, viewer.username, "round.close", str(round_id))


def _answers() -> Select[Any]:
    return (
        select(
            round_answers.c.conversation, round_answers.c.criterion_id, round_answers.c.outcome,
            round_answers.c.comment, users.c.username, conversations.c.language,
        )
        .join(users, users.c.id == round_answers.c.user_id)
        .join(rounds, rounds.c.id == round_answers.c.round_id)
        .join(conversations, conversations.c.id == round_answers.c.conversation)
        .order_by(round_answers.c.conversation, users.c.username, round_answers.c.criterion_id)
    )  # fmt: skip


def _mine(viewer: Viewer, round_id: int, key: int) -> tuple[Any, ...]:
    return (
        round_answers.c.round_id == round_id,
        round_answers.c.conversation == key,
        round_answers.c.user_id == viewer.user_id,
    )


def _members(connection: Connection, round_id: int) -> tuple[str, ...]:
    query = (
        select(users.c.username)
        .join(round_members, round_members.c.user_id == users.c.id)
        .where(round_members.c.round_id == round_id)
        .order_by(users.c.username)
    )
    return tuple(connection.execute(query).scalars())


def _submitted(connection: Connection, round_id: int) -> dict[int, list[str]]:
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


def _row(connection: Connection, round_id: int) -> Row[Any]:
    row = connection.execute(
        select(rounds, users.c.username)
        .join(users, users.c.id == rounds.c.created_by)
        .where(rounds.c.id == round_id)
    ).first()
    if row is None:
        raise ReviewError(f"round {round_id}: there is none that you take part in")
    return row


def _round(connection: Connection, viewer: Viewer, round_id: int) -> Round:
    row = _row(connection, round_id)
    members = _members(connection, round_id)
    submitted = _submitted(connection, round_id)
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


def _check_part(connection: Connection, viewer: Viewer, round_id: int) -> None:
    row = _row(connection, round_id)
    is_member = viewer.username in _members(connection, round_id)
    if not is_member and row.created_by != viewer.user_id and viewer.role != "admin":
        raise ReviewError(f"round {round_id}: there is none that you take part in")


def _check_answering(connection: Connection, viewer: Viewer, round_id: int, key: int) -> None:
    row = _row(connection, round_id)
    if viewer.username not in _members(connection, round_id):
        raise ReviewError(f"round {round_id}: there is none that you take part in")
    if row.closed_at is not None:
        raise ReviewError(f"round {round_id}: is closed")
    here = (round_conversations.c.round_id == round_id) & (
        round_conversations.c.conversation == key
    )
    if not connection.execute(select(exists().where(here))).scalar():
        raise ReviewError(f"conversation {key}: is not in this round")
    if viewer.username in _submitted(connection, round_id).get(key, ()):
        raise ReviewError("you have submitted this conversation; answers stay as they are")
