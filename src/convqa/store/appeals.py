"""Appeals: an agent disputes a result, a named person decides, the score is frozen meanwhile."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, insert, select, update

from convqa.errors import ReviewError
from convqa.store.appeal_people import (
    eligible_people,
    eligible_person,
    is_about,
    is_own_work,
)
from convqa.store.audit import Detail, now, record
from convqa.store.critical import put_critical_decision, record_critical_decision
from convqa.store.database import Database
from convqa.store.desk_settings import settings_of
from convqa.store.final import refresh_final, results_of
from convqa.store.reviews import Correction, final_score_of, put_review, record_review
from convqa.store.tables import appeals, conversations, users
from convqa.store.viewers import Viewer, open_row, require, visible

AppealState = Literal["open", "granted", "rejected"]
LONGEST_TEXT = 4_000


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal on a conversation, or on one criterion of it.

    `decider` is who decided it, which need not be who it was for; None while it is open.
    """

    id: int
    key: int
    conversation_id: str
    criterion_id: str | None
    agent: str
    addressee: str
    addressee_id: int
    reason: str
    state: AppealState
    opened_at: datetime
    answer: str
    decided_at: datetime | None
    agent_user_id: int
    decider: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to an appeal, and what changes if it is granted."""

    is_granted: bool
    answer: str
    corrections: tuple[Correction, ...] = ()
    dismisses_critical: bool = False


def appeal_until(database: Database, viewer: Viewer, key: int) -> datetime:
    """Return until when an appeal may be opened: counted from when the score became what it is.

    Raises:
        ReviewError: The viewer may not open the conversation.
    """
    with database.reading() as connection:
        return _until(connection, open_row(connection, viewer, key))


def _until(connection: Connection, row: Row[Any]) -> datetime:
    result_at: datetime = row.result_at
    return result_at + timedelta(days=settings_of(connection).appeal_days)


def find_addressees(
    database: Database, viewer: Viewer, key: int, *, criterion_id: str | None = None
) -> tuple[Viewer, ...]:
    """Return the managers to whom an appeal on a conversation or criterion can go, by name."""
    with database.reading() as connection:
        return eligible_people(connection, open_row(connection, viewer, key), criterion_id)


def open_appeal(
    database: Database, viewer: Viewer, key: int, *, addressee: str, reason: str,
    criterion_id: str | None = None,
) -> Appeal:  # fmt: skip
    """Open an appeal as the agent; the score is frozen until it is decided.

    Each criterion can be appealed against once, and the conversation as a whole once, by an agent
    to whom all of it is charged.

    Raises:
        ReviewError: The time is over, one was opened already, the result is another agent's, the
            addressee cannot decide it, or the viewer is not the agent.
    """
    require(viewer, "agent")
    reason = _text(reason)
    with database.writing() as connection:
        row = open_row(connection, viewer, key, is_writing=True)
        _check_new(connection, viewer, row, criterion_id)
        person = eligible_person(connection, row, criterion_id, addressee)
        appeal_id = connection.execute(
            insert(appeals)
            .values(
                conversation=key, criterion_id=criterion_id, agent_user_id=viewer.user_id,
                addressee_id=person.user_id, reason=reason, state="open", opened_at=now(),
                answer="",
            )
            .returning(appeals.c.id)
        ).scalar_one()  # fmt: skip
        connection.execute(
            update(conversations).where(conversations.c.id == key).values(state="frozen")
        )
        told = {"appeal": appeal_id, "to": addressee, "criterion": criterion_id,
                "score": row.final_score}  # fmt: skip
        record(connection, viewer.username, "appeal.open", row.conversation_id, told)
        return _appeal(connection, appeal_id)


def _check_new(
    connection: Connection, viewer: Viewer, row: Row[Any], criterion_id: str | None
) -> None:
    if row.status == "skipped":
        raise ReviewError(f"{row.conversation_id}: was not scored", "not_scored")
    if any(known.criterion_id == criterion_id for known in appeals_of(connection, row.id)):
        raise ReviewError(f"{row.conversation_id}: an appeal was opened already", "appeal_known")
    until = _until(connection, row)
    if now() > until:
        raise ReviewError(
            f"{row.conversation_id}: appeals were possible until {until:%Y-%m-%d}", "appeal_late",
            day=until.date(),
        )  # fmt: skip
    charged = {result.id: result.agent_id for result in results_of(connection, row.id)}
    for asked in charged if criterion_id is None else (criterion_id,):
        if asked not in charged:
            raise ReviewError(
                f"{asked!r} is no criterion of this conversation's standard", "no_criterion",
                criterion=asked,
            )  # fmt: skip
        if charged[asked] not in (None, *viewer.agent_ids):
            raise ReviewError(
                f"{asked!r}: is the result of another agent", "others_result", criterion=asked
            )


def hand_over_appeal(database: Database, viewer: Viewer, appeal_id: int, addressee: str) -> None:
    """Give an open appeal to another person to decide.

    Raises:
        ReviewError: It is not open or not the viewer's to give, or the person cannot decide.
    """
    with database.writing() as connection:
        appeal, row = _deciding(connection, viewer, appeal_id)
        person = eligible_person(connection, row, appeal.criterion_id, addressee)
        connection.execute(
            update(appeals).where(appeals.c.id == appeal.id).values(addressee_id=person.user_id)
        )
        told: Detail = {"appeal": appeal_id, "to": addressee}
        record(connection, viewer.username, "appeal.hand_over", row.conversation_id, told)


def decide_appeal(
    database: Database, viewer: Viewer, appeal_id: int, decision: Decision
) -> float | None:
    """Decide an appeal as its addressee or an administrator; return the score that follows.

    The score is final from now on, or stays frozen while another appeal on it is open.

    Raises:
        ReviewError: It is not open, not the viewer's or on work of the viewer's own, the answer is
            missing, or a granted appeal changes nothing, or what it is not about.
    """
    answer = _text(decision.answer)
    changes = bool(decision.corrections) or decision.dismisses_critical
    if decision.is_granted != changes:
        raise ReviewError(
            "a granted appeal corrects at least one criterion, a rejected one corrects nothing",
            "appeal_corrections",
        )
    with database.writing() as connection:
        appeal, row = _deciding(connection, viewer, appeal_id)
        if is_own_work(connection, viewer, row, appeal.criterion_id):
            raise ReviewError(
                f"appeal {appeal_id}: nobody decides on work of their own", "own_work"
            )
        corrected = [correction.criterion_id for correction in decision.corrections]
        if not is_about(
            connection, row, appeal.criterion_id, corrected,
            dismisses_critical=decision.dismisses_critical,
        ):  # fmt: skip
            raise ReviewError(
                f"appeal {appeal_id}: is about {appeal.criterion_id}; correct nothing else",
                "appeal_corrections",
            )
        _carry_out(connection, viewer, appeal, row, decision)
        state: AppealState = "granted" if decision.is_granted else "rejected"
        connection.execute(
            update(appeals)
            .where(appeals.c.id == appeal.id)
            .values(state=state, answer=answer, decided_by=viewer.user_id, decided_at=now())
        )
        score = final_score_of(connection, row.id)
        told = {
            "appeal": appeal_id, "state": state, "score_before": row.final_score,
            "score_after": score, "criteria": corrected,
        }  # fmt: skip
        record(connection, viewer.username, "appeal.decide", row.conversation_id, told)
        return score


def _carry_out(
    connection: Connection, viewer: Viewer, appeal: Appeal, row: Row[Any], decision: Decision
) -> None:
    """Write what a decision changes, work out the score, and log each change as a reviewer's."""
    for correction in decision.corrections:
        put_review(connection, viewer, row, correction)
    if decision.dismisses_critical:
        comment = decision.answer.strip()
        put_critical_decision(connection, viewer, row, is_confirmed=False, comment=comment)
    _settle(connection, appeal, is_granted=decision.is_granted)
    for correction in decision.corrections:
        record_review(connection, viewer, row, correction.criterion_id)
    if decision.dismisses_critical:
        record_critical_decision(connection, viewer, row, is_confirmed=False)


def _settle(connection: Connection, appeal: Appeal, *, is_granted: bool) -> None:
    others = [a for a in appeals_of(connection, appeal.key) if a.id != appeal.id]
    state = "frozen" if any(other.state == "open" for other in others) else "final"
    if is_granted:
        refresh_final(connection, appeal.key, state=state)
    else:
        connection.execute(
            update(conversations).where(conversations.c.id == appeal.key).values(state=state)
        )


def find_appeals(
    database: Database, viewer: Viewer, *, is_open: bool | None = None, is_mine: bool = False
) -> tuple[Appeal, ...]:
    """Return the appeals on conversations that the viewer may open, the latest first.

    Args:
        database: Where.
        viewer: Who looks; an agent sees the own ones.
        is_open: Open or decided ones only; None for both.
        is_mine: Only those addressed to the viewer.
    """
    query = appeals_query().where(visible(viewer)).order_by(appeals.c.id.desc())
    if viewer.role == "agent":
        query = query.where(appeals.c.agent_user_id == viewer.user_id)
    if is_mine:
        query = query.where(appeals.c.addressee_id == viewer.user_id)
    if is_open is not None:
        query = query.where((appeals.c.state == "open") == is_open)
    with database.reading() as connection:
        return tuple(Appeal(*row) for row in connection.execute(query))


def appeals_of(connection: Connection, key: int) -> tuple[Appeal, ...]:
    """Return the appeals on a conversation in the order opened."""
    query = appeals_query().where(appeals.c.conversation == key).order_by(appeals.c.id)
    return tuple(Appeal(*row) for row in connection.execute(query))


def appeals_query() -> Select[Any]:
    """Return the query whose rows are the values of an `Appeal`."""
    agents, addressees = users.alias("agents"), users.alias("addressees")
    deciders = users.alias("deciders")
    return (
        select(
            appeals.c.id, appeals.c.conversation, conversations.c.conversation_id,
            appeals.c.criterion_id, agents.c.name, addressees.c.name.label("addressee"),
            appeals.c.addressee_id, appeals.c.reason, appeals.c.state, appeals.c.opened_at,
            appeals.c.answer, appeals.c.decided_at, appeals.c.agent_user_id,
            deciders.c.name.label("decider"),
        )
        .join(conversations, conversations.c.id == appeals.c.conversation)
        .join(agents, agents.c.id == appeals.c.agent_user_id)
        .join(addressees, addressees.c.id == appeals.c.addressee_id)
        .outerjoin(deciders, deciders.c.id == appeals.c.decided_by)
    )  # fmt: skip


def _appeal(connection: Connection, appeal_id: int) -> Appeal:
    row = connection.execute(appeals_query().where(appeals.c.id == appeal_id)).first()
    if row is None:
        raise ReviewError(f"appeal {appeal_id}: there is none", "not_found")
    return Appeal(*row)


def _deciding(connection: Connection, viewer: Viewer, appeal_id: int) -> tuple[Appeal, Row[Any]]:
    """Return an open appeal that this person decides, and its conversation, held for writing."""
    require(viewer, "manager", "admin")
    appeal = _appeal(connection, appeal_id)
    row = open_row(connection, viewer, appeal.key, is_writing=True)
    appeal = _appeal(connection, appeal_id)  # as it is now that the conversation is held
    if appeal.state != "open":
        raise ReviewError(f"appeal {appeal_id}: was decided already", "appeal_decided")
    if appeal.addressee_id != viewer.user_id and viewer.role != "admin":
        raise ReviewError(
            f"appeal {appeal_id}: is for {appeal.addressee} to decide", "appeal_for",
            name=appeal.addressee,
        )  # fmt: skip
    return appeal, row


def _text(text: str) -> str:
    text = text.strip()
    if not 0 < len(text) <= LONGEST_TEXT:
        raise ReviewError(
            f"an appeal needs a reason and its decision an answer, of 1 to {LONGEST_TEXT:,} "
            "characters",
            "appeal_text", longest=LONGEST_TEXT,
        )  # fmt: skip
    return text
