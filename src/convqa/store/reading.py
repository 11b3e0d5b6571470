"""One conversation with all that is known of it: machine, human and final answers side by side."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from convqa.errors import ReviewError
from convqa.schema import Evaluation, Resolution, Turn, Version
from convqa.scoring.score import Score
from convqa.standard import Standard
from convqa.store.appeals import Appeal, appeals_of
from convqa.store.browsing import ConversationRow, row_of
from convqa.store.critical import CriticalDecision, critical_decision_of
from convqa.store.database import Database
from convqa.store.final import FinalResult, current_final, results_of, standard_of
from convqa.store.notes import Note, is_acknowledged, notes_of
from convqa.store.reviews import Review, reviews_of
from convqa.store.stored import turns_from_json
from convqa.store.tables import (
    conversations,
    results,
    runs,
    sample_conversations,
    standards,
    transcripts,
)
from convqa.store.viewers import Viewer, open_row, visible


@dataclass(frozen=True, slots=True)
class PastResult:
    """The score of a conversation in one run."""

    run_id: int
    loaded_at: datetime
    standard: str
    model: str
    status: str
    score: float | None


@dataclass(frozen=True, slots=True)
class DeskConversation:
    """A conversation as the desk shows it.

    `machine` is the evaluation of the last run, `final` the outcomes that count and what they add
    up to; while an appeal is open, and after its decision, `row.final_score` is what counts and
    `final` what it would be. An agent's view has the notes meant for the agent, and the own
    appeals, only.
    """

    row: ConversationRow
    turns: tuple[Turn, ...]
    machine: Evaluation
    final: FinalResult
    standard: Standard
    reviews: Mapping[str, Review]
    critical_decision: CriticalDecision | None
    notes: tuple[Note, ...]
    appeals: tuple[Appeal, ...]
    history: tuple[PastResult, ...]
    is_acknowledged: bool
    is_sampled: bool
    csat: float | None
    is_recontact: bool | None
    result_at: datetime


def read_conversation(database: Database, viewer: Viewer, key: int) -> DeskConversation:
    """Return a conversation by its key.

    Raises:
        ReviewError: There is none that this viewer may open.
    """
    with database.reading() as connection:
        row = open_row(connection, viewer, key)
        standard = standard_of(connection, row.standard_id)
        machine = _evaluation(connection, row, standard)
        final = (
            FinalResult((), _score_of(row))
            if row.status == "skipped"
            else current_final(connection, key, standard)
        )
        notes = notes_of(connection, key)
        return DeskConversation(
            row=row_of(connection, key),
            turns=_turns(connection, key),
            machine=machine,
            final=final,
            standard=standard,
            reviews=reviews_of(connection, key),
            critical_decision=critical_decision_of(connection, key),
            notes=tuple(n for n in notes if viewer.role != "agent" or n.is_for_agent),
            appeals=tuple(
                appeal for appeal in appeals_of(connection, key)
                if viewer.role != "agent" or appeal.agent_user_id == viewer.user_id
            ),
            history=_history(connection, key),
            is_acknowledged=is_acknowledged(connection, viewer, key),
            is_sampled=_is_sampled(connection, key),
            csat=row.csat,
            is_recontact=row.is_recontact,
            result_at=row.result_at,
        )  # fmt: skip


def find_key(database: Database, viewer: Viewer, conversation_id: str) -> int:
    """Return the key of a conversation by the organisation's own id.

    Raises:
        ReviewError: There is none that this viewer may open.
    """
    query = select(conversations.c.id).where(
        conversations.c.conversation_id == conversation_id, visible(viewer)
    )
    with database.reading() as connection:
        key: int | None = connection.execute(query).scalar()
    if key is None:
        raise ReviewError(
            f"conversation {conversation_id!r}: there is none that you may open", "no_conversation",
            id=conversation_id,
        )  # fmt: skip
    return key


def _evaluation(connection: Connection, row: Row[Any], standard: Standard) -> Evaluation:
    resolution = None
    if row.resolution_label is not None:
        resolution = Resolution(row.resolution_label, row.resolution_probability)
    return Evaluation(
        conversation_id=row.conversation_id,
        status=row.status,
        language=row.language,
        channel=row.channel,
        agent_id=row.agent_id,
        team=row.team,
        queue=row.queue,
        started_at=row.started_at,
        score=row.score,
        raw_score=row.raw_score,
        band=row.band,
        flag=row.is_flagged,
        flags=tuple(row.flags),
        critical=tuple(row.critical),
        resolution=resolution,
        ending=row.ending,
        criteria=results_of(connection, row.id),
        standard=standard.version_info,
        model=Version(row.model_name, row.model_version, row.model_sha256),
        coverage=row.coverage,
        skip_reason=row.skip_reason,
        metadata=json.loads(row.metadata_json),
    )


def _score_of(row: Row[Any]) -> Score:
    return Score(row.status, None, None, None, tuple(row.flags), (), row.coverage)


def _turns(connection: Connection, key: int) -> tuple[Turn, ...]:
    query = select(transcripts.c.turns_json).where(transcripts.c.conversation == key)
    return turns_from_json(connection.execute(query).scalar_one())


def _history(connection: Connection, key: int) -> tuple[PastResult, ...]:
    rows = connection.execute(
        select(
            results.c.run_id, runs.c.loaded_at, standards.c.name, standards.c.version,
            runs.c.model_name, runs.c.model_version, results.c.status, results.c.score,
        )
        .join(runs, runs.c.id == results.c.run_id)
        .join(standards, standards.c.id == runs.c.standard_id)
        .where(results.c.conversation == key)
        .order_by(results.c.run_id)
    )  # fmt: skip
    return tuple(
        PastResult(
            row.run_id, row.loaded_at, f"{row.name} {row.version}",
            f"{row.model_name} {row.model_version}", row.status, row.score,
        )
        for row in rows
    )  # fmt: skip


def _is_sampled(connection: Connection, key: int) -> bool:
    query = select(sample_conversations.c.sample_id).where(
        sample_conversations.c.conversation == key
    )
    return connection.execute(query).first() is not None
