"""Blind rounds: double reviews by two people, calibration sessions by any number.

Each member answers alone. What the others said of a conversation is shown when every member has
submitted it, and only then does it count for agreement.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, insert, select, update

from convqa.errors import ReviewError
from convqa.store.audit import now, record
from convqa.store.database import Database
from convqa.store.final import results_of
from convqa.store.reviews import OUTCOMES
from convqa.store.round_reading import (
    Answer,
    RoundKind,
    check_part,
    members_of,
    round_row,
    submitted_of,
)
from convqa.store.tables import (
    conversations,
    round_answers,
    round_conversations,
    round_members,
    round_submissions,
    rounds,
)
from convqa.store.users import viewer_of
from convqa.store.viewers import Viewer, allowed, open_row, require

_PAIR = 2


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
        raise ReviewError(
            "a double review has two members, a calibration session two or more", "round_members"
        )
    if not keys or not name.strip():
        raise ReviewError("a round needs a name and at least one conversation", "round_empty")
    with database.writing() as connection:
        people = [viewer_of(connection, username) for username in usernames]
        for key in dict.fromkeys(keys):
            row = open_row(connection, viewer, key, is_blind=True)
            for person in people:
                _check_member(connection, person, row)
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


def _check_member(connection: Connection, person: Viewer, row: Row[Any]) -> None:
    if not person.can_review:
        raise ReviewError(
            f"user {person.username!r}: is an agent and does not review", "assigned_to_agent",
            username=person.username,
        )  # fmt: skip
    query = select(exists().where(conversations.c.id == row.id, allowed(person)))
    if not connection.execute(query).scalar():
        raise ReviewError(
            f"user {person.username!r}: may not open {row.conversation_id!r}", "member_elsewhere",
            username=person.username, id=row.conversation_id,
        )  # fmt: skip


def save_answers(
    database: Database, viewer: Viewer, round_id: int, key: int, answers: Mapping[str, Answer],
    *, is_submitted: bool,
) -> None:  # fmt: skip
    """Keep the viewer's own answers on a conversation; once submitted they are not changed.

    Raises:
        ReviewError: Not a member, closed, already submitted, or an answer is wrong or missing.
    """
    with database.writing() as connection:
        open_row(connection, viewer, key, is_writing=True, is_blind=True)
        _check_answering(connection, viewer, round_id, key)
        known = [result.id for result in results_of(connection, key)]
        for criterion_id, answer in answers.items():
            if criterion_id not in known or answer.outcome not in OUTCOMES:
                raise ReviewError(
                    f"{criterion_id}: is no criterion here, or not an outcome", "no_criterion",
                    criterion=criterion_id,
                )  # fmt: skip
        missing = [criterion_id for criterion_id in known if criterion_id not in answers]
        if is_submitted and missing:
            raise ReviewError(
                f"answer every criterion first; missing: {', '.join(missing)}", "answers_missing",
                criteria=missing,
            )  # fmt: skip
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


def close_round(database: Database, viewer: Viewer, round_id: int) -> None:
    """End a round: nobody answers any more.

    Raises:
        ReviewError: There is none that the viewer takes part in, or the viewer may not.
    """
    require(viewer, "manager", "admin")
    with database.writing() as connection:
        check_part(connection, viewer, round_id)
        connection.execute(update(rounds).where(rounds.c.id == round_id).values(closed_at=now()))
        record(connection, viewer.username, "round.close", str(round_id))


def _mine(viewer: Viewer, round_id: int, key: int) -> tuple[Any, ...]:
    return (
        round_answers.c.round_id == round_id,
        round_answers.c.conversation == key,
        round_answers.c.user_id == viewer.user_id,
    )


def _check_answering(connection: Connection, viewer: Viewer, round_id: int, key: int) -> None:
    row = round_row(connection, round_id)
    if viewer.username not in members_of(connection, round_id):
        raise ReviewError(f"round {round_id}: there is none that you take part in", "not_found")
    if row.closed_at is not None:
        raise ReviewError(f"round {round_id}: is closed", "round_closed")
    here = (round_conversations.c.round_id == round_id) & (
        round_conversations.c.conversation == key
    )
    if not connection.execute(select(exists().where(here))).scalar():
        raise ReviewError(f"conversation {key}: is not in this round", "not_in_round")
    if viewer.username in submitted_of(connection, round_id).get(key, ()):
        raise ReviewError(
            "you have submitted this conversation; answers stay as they are", "already_submitted"
        )
