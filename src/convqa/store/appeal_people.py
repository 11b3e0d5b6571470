"""Who may decide an appeal: who manages the team, and never on work of their own."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from convqa.errors import ReviewError
from convqa.standard.criteria import CombinedCriterion
from convqa.store.final import standard_of
from convqa.store.tables import criterion_results, critical_decisions, reviews, users
from convqa.store.users import viewer_of
from convqa.store.viewers import Viewer


def eligible_people(
    connection: Connection, row: Row[Any], criterion_id: str | None
) -> tuple[Viewer, ...]:
    """Return who may decide an appeal on a conversation, or on one criterion of it, by name."""
    names = connection.execute(
        select(users.c.username)
        .where(users.c.role.in_(("manager", "admin")), users.c.is_disabled.is_(False))
        .order_by(users.c.name)
    ).scalars()
    known = [viewer_of(connection, name) for name in names.all()]
    return tuple(
        person for person in known
        if (person.sees_all_teams or row.team in person.teams)
        and not is_own_work(connection, person, row, criterion_id)
    )  # fmt: skip


def eligible_person(
    connection: Connection, row: Row[Any], criterion_id: str | None, username: str
) -> Viewer:
    """Return one of `eligible_people`.

    Raises:
        ReviewError: This person may not decide the appeal.
    """
    for person in eligible_people(connection, row, criterion_id):
        if person.username == username:
            return person
    raise ReviewError(
        f"user {username!r}: cannot decide an appeal of this team, or not on work of their own; "
        "choose another manager",
        "cannot_decide", username=username,
    )  # fmt: skip


def is_own_work(
    connection: Connection, person: Viewer, row: Row[Any], criterion_id: str | None
) -> bool:
    """Return whether a person held the conversation, or gave the answer that is appealed against.

    Args:
        connection: Of a transaction.
        person: Who would decide.
        row: Of `conversations`.
        criterion_id: What the appeal is about; None for the whole conversation.
    """
    if row.agent_id in person.agent_ids:
        return True
    concerned = _concerned(connection, row, criterion_id)
    charged = select(criterion_results.c.conversation).where(
        criterion_results.c.conversation == row.id,
        criterion_results.c.agent_id.in_(sorted(person.agent_ids)),
    )
    answered = select(reviews.c.id).where(
        reviews.c.conversation == row.id, reviews.c.reviewer_id == person.user_id
    )
    if concerned is not None:
        charged = charged.where(criterion_results.c.criterion_id.in_(concerned))
        answered = answered.where(reviews.c.criterion_id.in_(concerned))
    decided = select(critical_decisions.c.conversation).where(
        critical_decisions.c.conversation == row.id,
        critical_decisions.c.decided_by == person.user_id,
        critical_decisions.c.is_confirmed.is_(True),
    )
    checks = [charged, answered]
    if concerned is None or _is_critical(connection, row, concerned):
        checks.append(decided)
    return connection.execute(select(or_(*(check.exists() for check in checks)))).scalar_one()


def is_about(
    connection: Connection, row: Row[Any], criterion_id: str | None, corrected: Collection[str], *,
    dismisses_critical: bool,
) -> bool:  # fmt: skip
    """Return whether a decision changes nothing but what the appeal is about.

    Args:
        connection: Of a transaction.
        row: Of `conversations`.
        criterion_id: What the appeal is about; None for the whole conversation.
        corrected: The criteria that the decision corrects.
        dismisses_critical: Whether it says that critical errors are none.
    """
    concerned = _concerned(connection, row, criterion_id)
    return concerned is None or (
        set(corrected) <= set(concerned)
        and (not dismisses_critical or _is_critical(connection, row, concerned))
    )


def _concerned(connection: Connection, row: Row[Any], criterion_id: str | None) -> list[str] | None:
    """Return the criterion and, of a combination, its parts and theirs; None for all."""
    if criterion_id is None:
        return None
    concerned = [criterion_id]
    for criterion in reversed(standard_of(connection, row.standard_id).criteria):
        if criterion.id in concerned and isinstance(criterion, CombinedCriterion):
            concerned.extend(criterion.of)
    return concerned


def _is_critical(connection: Connection, row: Row[Any], concerned: list[str]) -> bool:
    return any(
        criterion.severity == "critical" and criterion.id in concerned
        for criterion in standard_of(connection, row.standard_id).criteria
    )
