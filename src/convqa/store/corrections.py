"""What people corrected, row by row: for training labels, annotation tools and error rates.

Rows of random samples and of flagged conversations are told apart: only the former are unbiased.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from convqa.schema import Evidence, Outcome
from convqa.store.database import Database
from convqa.store.filters import Filters, matching
from convqa.store.stored import evidence_from_json
from convqa.store.tables import (
    conversations,
    criterion_results,
    reviews,
    sample_conversations,
    users,
)
from convqa.store.viewers import Viewer

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """One review with what it was about.

    `evidence` are the words that the reviewer marked, `machine_evidence` those of the machine now.
    `is_random` is true where the conversation is in a random sample.
    """

    key: int
    conversation_id: str
    language: str | None
    criterion_id: str
    state: str
    machine_outcome: Outcome
    outcome: Outcome
    evidence: tuple[Evidence, ...]
    machine_evidence: tuple[Evidence, ...]
    comment: str
    reviewer: str
    saved_at: datetime
    is_stale: bool
    is_random: bool


def read_corrections(
    database: Database, viewer: Viewer, filters: Filters, *, is_random: bool | None = None,
    limit: int | None = None, offset: int = 0,
) -> Iterator[CorrectionRow]:  # fmt: skip
    """Yield the reviews of conversations that match, in the order of conversation and criterion.

    Args:
        database: Where.
        viewer: Only conversations that may be opened are in it.
        filters: Which conversations.
        is_random: Of random samples only, or of none; None for both.
        limit: How many at most, None for all.
        offset: How many to leave out before them.
    """
    sampled = conversations.c.id.in_(select(sample_conversations.c.conversation))
    machine = criterion_results.c
    query = (
        select(
            reviews, conversations.c.conversation_id, conversations.c.language,
            users.c.username.label("reviewer"), sampled.label("is_random"),
            machine.evidence_json.label("machine_evidence"),
        )
        .join(conversations, conversations.c.id == reviews.c.conversation)
        .join(users, users.c.id == reviews.c.reviewer_id)
        .outerjoin(
            criterion_results,
            (machine.conversation == reviews.c.conversation)
            & (machine.criterion_id == reviews.c.criterion_id),
        )
        .where(*matching(viewer, filters))
        .order_by(conversations.c.conversation_id, reviews.c.criterion_id)
    )  # fmt: skip
    if is_random is not None:
        query = query.where(sampled if is_random else ~sampled)
    if limit is not None:
        query = query.limit(limit).offset(offset)
    with database.reading() as connection:
        streamed = connection.execution_options(yield_per=_AT_ONCE).execute(query)
        for row in streamed:
            yield CorrectionRow(
                key=row.conversation,
                conversation_id=row.conversation_id,
                language=row.language,
                criterion_id=row.criterion_id,
                state=row.state,
                machine_outcome=row.machine_outcome,
                outcome=row.outcome,
                evidence=evidence_from_json(row.evidence_json),
                machine_evidence=evidence_from_json(row.machine_evidence or "[]"),
                comment=row.comment,
                reviewer=row.reviewer,
                saved_at=row.saved_at,
                is_stale=row.is_stale,
                is_random=bool(row.is_random),
            )
