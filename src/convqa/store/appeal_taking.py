"""Open appeals of a team, and taking one over from who is away."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, false, select, update

from convqa.errors import ReviewError
from convqa.store.appeal_people import is_own_work
from convqa.store.appeals import Appeal, appeals_query
from convqa.store.audit import Detail, record
from convqa.store.database import Database
from convqa.store.tables import appeals, audit_log, conversations
from convqa.store.viewers import Viewer, in_scope, require, visible


@dataclass(frozen=True, slots=True)
class OpenAppeal:
    """An open appeal as the list shows it.

    `is_readable` where the viewer may open the conversation, `is_own` where it is on work of the
    viewer's own, `can_take` where the viewer may take it over.
    """

    appeal: Appeal
    is_mine: bool
    is_readable: bool
    is_own: bool
    can_take: bool


@dataclass(frozen=True, slots=True)
class AppealStep:
    """What the audit log tells of an appeal; `to` is who it was for from then on."""

    at: datetime
    actor: str
    action: str
    to: str | None


def find_open_appeals(database: Database, viewer: Viewer) -> tuple[OpenAppeal, ...]:
    """Return the open appeals of the viewer's teams, the oldest first.

    They are listed even where the conversation may not be opened, so that none is left lying; in
    aggregate-only mode administrators alone see those of others.

    Raises:
        ReviewError: The role does not allow it.
    """
    require(viewer, "manager", "admin")
    mine = appeals.c.addressee_id == viewer.user_id
    query = (
        appeals_query()
        .add_columns(visible(viewer).label("is_readable"))
        .where(appeals.c.state == "open", in_scope(viewer) if _sees_others(viewer) else mine)
        .order_by(appeals.c.id)
    )
    with database.reading() as connection:
        rows = connection.execute(query).all()
        return tuple(
            _open_appeal(connection, viewer, Appeal(*row[:-1]), bool(row[-1])) for row in rows
        )


def _sees_others(viewer: Viewer) -> bool:
    return viewer.role == "admin" or not viewer.aggregate_only


def _open_appeal(
    connection: Connection, viewer: Viewer, appeal: Appeal, is_readable: bool
) -> OpenAppeal:
    row = connection.execute(select(conversations).where(conversations.c.id == appeal.key)).one()
    is_own = is_own_work(connection, viewer, row, appeal.criterion_id)
    is_mine = appeal.addressee_id == viewer.user_id
    can_take = not (is_mine or is_own)
    return OpenAppeal(appeal, is_mine, is_readable, is_own, can_take)


def take_over_appeal(database: Database, viewer: Viewer, appeal_id: int) -> None:
    """Become the one who decides an open appeal of the own team: its addressee is away.

    Raises:
        ReviewError: It is not open or not of the viewer's teams, or on work of the viewer's own.
    """
    require(viewer, "manager", "admin")
    allowed = in_scope(viewer) if _sees_others(viewer) else false()
    with database.writing() as connection:
        row = connection.execute(
            select(conversations)
            .join(appeals, appeals.c.conversation == conversations.c.id)
            .where(appeals.c.id == appeal_id, allowed)
            .with_for_update(of=conversations)
        ).first()
        if row is None:
            raise ReviewError(
                f"appeal {appeal_id}: there is none that you may take over", "not_found"
            )
        appeal = Appeal(*connection.execute(appeals_query().where(appeals.c.id == appeal_id)).one())
        if appeal.state != "open":
            raise ReviewError(f"appeal {appeal_id}: was decided already", "appeal_decided")
        if is_own_work(connection, viewer, row, appeal.criterion_id):
            raise ReviewError(
                f"appeal {appeal_id}: nobody decides on work of their own", "own_work"
            )
        if appeal.addressee_id == viewer.user_id:
            return
        connection.execute(
            update(appeals).where(appeals.c.id == appeal_id).values(addressee_id=viewer.user_id)
        )
        told: Detail = {"appeal": appeal_id, "to": viewer.username}
        record(connection, viewer.username, "appeal.take_over", row.conversation_id, told)


def appeal_steps(database: Database, appeal: Appeal) -> tuple[AppealStep, ...]:
    """Return what happened to an appeal, as the audit log has it, in order."""
    query = (
        select(audit_log.c.at, audit_log.c.actor, audit_log.c.action, audit_log.c.detail_json)
        .where(audit_log.c.subject == appeal.conversation_id, audit_log.c.action.like("appeal.%"))
        .order_by(audit_log.c.id)
    )
    steps = []
    with database.reading() as connection:
        for at, actor, action, detail_json in connection.execute(query):
            detail = json.loads(detail_json)
            if detail.get("appeal") == appeal.id:
                moment = datetime.fromisoformat(at)
                steps.append(AppealStep(moment, actor, action, detail.get("to")))
    return tuple(steps)
