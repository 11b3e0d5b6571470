"""Critical errors: their zero waits for a person, who confirms it or says that it is none."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from convqa.errors import ReviewError
from convqa.store.audit import now, record
from convqa.store.database import Database
from convqa.store.final import (
    final_result,
    human_outcomes,
    refresh_final,
    results_of,
    standard_of,
)
from convqa.store.reviews import check_open, checked_comment, final_score_of
from convqa.store.tables import critical_decisions, users
from convqa.store.viewers import Viewer, open_row, require


@dataclass(frozen=True, slots=True)
class CriticalDecision:
    """A person's word on the critical errors of a conversation: the zero stands, or it does not."""

    names: tuple[str, ...]
    is_confirmed: bool
    comment: str
    decided_by: str
    decided_at: datetime


def decide_critical(
    database: Database, viewer: Viewer, key: int, *, is_confirmed: bool, comment: str = ""
) -> float | None:
    """Confirm the zero of the critical errors, or dismiss it; return the final score.

    A later result with other critical errors needs a new decision.

    Raises:
        ReviewError: There is no critical error, or the score is not open to this viewer.
    """
    require(viewer, "reviewer", "manager", "admin")
    with database.writing() as connection:
        row = open_row(connection, viewer, key, is_writing=True)
        check_open(row)
        put_critical_decision(connection, viewer, row, is_confirmed=is_confirmed, comment=comment)
        refresh_final(connection, key)
        record_critical_decision(connection, viewer, row, is_confirmed=is_confirmed)
        return final_score_of(connection, key)


def put_critical_decision(
    connection: Connection, viewer: Viewer, row: Row[Any], *, is_confirmed: bool, comment: str
) -> None:
    """Write a decision on critical errors, without working out the score."""
    standard = standard_of(connection, row.standard_id)
    undecided = final_result(
        results_of(connection, row.id), human_outcomes(connection, row.id), standard
    )
    names = sorted(undecided.score.critical)
    if not names:
        raise ReviewError(
            f"{row.conversation_id}: has no critical error to decide upon", "no_critical"
        )
    here = critical_decisions.c.conversation == row.id
    connection.execute(delete(critical_decisions).where(here))
    connection.execute(
        insert(critical_decisions).values(
            conversation=row.id, names=names, is_confirmed=is_confirmed,
            comment=checked_comment(comment), decided_by=viewer.user_id, decided_at=now(),
        )
    )  # fmt: skip


def record_critical_decision(
    connection: Connection, viewer: Viewer, row: Row[Any], *, is_confirmed: bool
) -> None:
    """Log a decision that was written, with the score that follows; `row` is as it was before."""
    detail = {"is_confirmed": is_confirmed, "score_before": row.final_score,
              "score_after": final_score_of(connection, row.id)}  # fmt: skip
    record(connection, viewer.username, "critical.decide", row.conversation_id, detail)


def critical_decision_of(connection: Connection, key: int) -> CriticalDecision | None:
    """Return the decision on the critical errors of a conversation, None where there is none."""
    row = connection.execute(
        select(critical_decisions, users.c.name.label("who"))
        .join(users, users.c.id == critical_decisions.c.decided_by)
        .where(critical_decisions.c.conversation == key)
    ).first()
    if row is None:
        return None
    return CriticalDecision(
        tuple(row.names), row.is_confirmed, row.comment, row.who, row.decided_at
    )
