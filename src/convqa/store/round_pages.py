"""What the pages of a round show: the words alone while answering, and what was agreed later."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, exists, insert, select

from convqa.errors import ReviewError
from convqa.schema import Turn
from convqa.standard import Standard
from convqa.store.audit import now, record
from convqa.store.database import Database
from convqa.store.final import results_of, standard_of
from convqa.store.reviews import OUTCOMES
from convqa.store.round_reading import Answer, check_part, members_of, submitted_of
from convqa.store.stored import turns_from_json
from convqa.store.tables import (
    round_agreements,
    round_conversations,
    transcripts,
)
from convqa.store.viewers import Viewer, open_row, require


@dataclass(frozen=True, slots=True)
class BlindConversation:
    """A conversation as it is answered in a round: the words and the questions, no answers.

    `criterion_ids` are those of the standard in its order.
    """

    key: int
    conversation_id: str
    language: str | None
    channel: str | None
    turns: tuple[Turn, ...]
    standard: Standard
    criterion_ids: tuple[str, ...]


def read_blind(database: Database, viewer: Viewer, round_id: int, key: int) -> BlindConversation:
    """Return a conversation of a round without anything that machine or people said of it.

    Raises:
        ReviewError: It is in no such round that the viewer takes part in.
    """
    with database.reading() as connection:
        check_part(connection, viewer, round_id)
        row = open_row(connection, viewer, key, is_blind=True)
        _check_in_round(connection, round_id, key)
        turns = connection.execute(
            select(transcripts.c.turns_json).where(transcripts.c.conversation == key)
        ).scalar_one()
        return BlindConversation(
            key=key,
            conversation_id=row.conversation_id,
            language=row.language,
            channel=row.channel,
            turns=turns_from_json(turns),
            standard=standard_of(connection, row.standard_id),
            criterion_ids=tuple(result.id for result in results_of(connection, key)),
        )


def read_agreed(database: Database, viewer: Viewer, round_id: int, key: int) -> dict[str, Answer]:
    """Return what was agreed upon, by criterion id; nothing while answers are blind.

    Raises:
        ReviewError: The viewer takes no part in the round, or may not open the conversation.
    """
    with database.reading() as connection:
        check_part(connection, viewer, round_id)
        open_row(connection, viewer, key, is_blind=True)
        here = _here(round_id, key)
        rows = connection.execute(select(round_agreements).where(*here))
        return {row.criterion_id: Answer(row.outcome, row.comment) for row in rows}


def save_agreed(
    database: Database, viewer: Viewer, round_id: int, key: int, agreed: Mapping[str, Answer]
) -> None:
    """Keep the answers that the members agreed upon, in the place of those kept before.

    Any member may write them down, once every member has submitted the conversation.

    Raises:
        ReviewError: Not all have submitted, or an answer is none.
    """
    require(viewer, "reviewer", "manager", "admin")
    with database.writing() as connection:
        check_part(connection, viewer, round_id)
        open_row(connection, viewer, key, is_writing=True, is_blind=True)
        _check_in_round(connection, round_id, key)
        submitted = submitted_of(connection, round_id).get(key, [])
        if len(submitted) < len(members_of(connection, round_id)):
            raise ReviewError(
                "agree when every member has submitted the conversation", "agreed_early"
            )
        known = {result.id for result in results_of(connection, key)}
        for criterion_id, answer in agreed.items():
            if criterion_id not in known or answer.outcome not in OUTCOMES:
                raise ReviewError(
                    f"{criterion_id}: is no criterion here, or not an outcome", "no_criterion",
                    criterion=criterion_id,
                )  # fmt: skip
        connection.execute(delete(round_agreements).where(*_here(round_id, key)))
        if agreed:
            connection.execute(
                insert(round_agreements),
                [
                    {
                        "round_id": round_id, "conversation": key, "criterion_id": criterion_id,
                        "outcome": answer.outcome, "comment": answer.comment.strip(),
                        "agreed_by": viewer.user_id, "agreed_at": now(),
                    }
                    for criterion_id, answer in agreed.items()
                ],
            )  # fmt: skip
        told = {"conversation": key, "n_criteria": len(agreed)}
        record(connection, viewer.username, "round.agree", str(round_id), told)


def _here(round_id: int, key: int) -> tuple[ColumnElement[bool], ...]:
    return (
        round_agreements.c.round_id == round_id,
        round_agreements.c.conversation == key,
    )


def _check_in_round(connection: Connection, round_id: int, key: int) -> None:
    here = (round_conversations.c.round_id == round_id) & (
        round_conversations.c.conversation == key
    )
    if not connection.execute(select(exists().where(here))).scalar():
        raise ReviewError(f"conversation {key}: is not in this round", "not_in_round")
