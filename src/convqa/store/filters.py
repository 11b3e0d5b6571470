"""What a list of conversations is narrowed down to, as conditions for the database."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Connection, select

from convqa.schema import Outcome
from convqa.store.search import contains, is_rare, search_terms
from convqa.store.stored import day_start
from convqa.store.tables import (
    appeals,
    assignments,
    conversation_flags,
    conversations,
    criterion_results,
    round_conversations,
    sample_conversations,
    standards,
    users,
)
from convqa.store.viewers import Viewer, countable, in_scope, is_blind, visible

Appealed = Literal["open", "decided"]


@dataclass(frozen=True, slots=True)
class Filters:
    """What to find; what is None or empty does not matter.

    `first_day` and `last_day` are of the start, both included, in UTC. `text` is searched in the
    stored transcript and the conversation id. `criterion` with `outcome` is the machine's outcome
    of that criterion. `assigned_to` is a username. `sample`, `round` and `run` are keys.
    """

    text: str = ""
    is_flagged: bool | None = None
    flag: str | None = None
    language: str | None = None
    channel: str | None = None
    agent_id: str | None = None
    team: str | None = None
    queue: str | None = None
    band: str | None = None
    status: str | None = None
    state: str | None = None
    standard_version: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    lowest_score: float | None = None
    highest_score: float | None = None
    criterion: str | None = None
    outcome: Outcome | None = None
    is_reviewed: bool | None = None
    is_stale: bool | None = None
    is_mystery_shop: bool | None = None
    assigned_to: str | None = None
    appeal: Appealed | None = None
    sample: int | None = None
    round: int | None = None
    run: int | None = None


def matching_in_scope(viewer: Viewer, filters: Filters) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for figures: of a viewer's teams, also where none may be opened."""
    return (countable(viewer), *_of_filters(filters))


def left_out_blind(viewer: Viewer, filters: Filters) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for what the viewer's figures leave out, to be answered blind."""
    return (in_scope(viewer), is_blind(viewer), *_of_filters(filters))


def matching(viewer: Viewer, filters: Filters) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on `conversations` of filters, visibility first."""
    return (visible(viewer), *_of_filters(filters))


def _of_filters(filters: Filters) -> tuple[ColumnElement[bool], ...]:
    return (*_of_columns(filters), *_of_numbers(filters), *_of_others(filters))


def matching_page(
    connection: Connection, viewer: Viewer, filters: Filters
) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of `matching` for a few rows in an order, with the faster search."""
    conditions = matching(viewer, replace(filters, text=""))
    if not search_terms(filters.text):
        return conditions
    found = contains(filters.text, is_rare=is_rare(connection, filters.text))
    return (*conditions, found)


def _of_columns(filters: Filters) -> Sequence[ColumnElement[bool]]:
    equal = {
        "is_flagged": filters.is_flagged, "language": filters.language, "channel": filters.channel,
        "agent_id": filters.agent_id, "team": filters.team, "queue": filters.queue,
        "final_band": filters.band, "final_status": filters.status, "state": filters.state,
        "is_mystery_shop": filters.is_mystery_shop, "run_id": filters.run,
    }  # fmt: skip
    return [conversations.c[name] == value for name, value in equal.items() if value is not None]


def _of_numbers(filters: Filters) -> Sequence[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.first_day is not None:
        conditions.append(conversations.c.started >= day_start(filters.first_day))
    if filters.last_day is not None and filters.last_day < date.max:
        end = day_start(filters.last_day) + timedelta(days=1)
        conditions.append(conversations.c.started < end)
    if filters.lowest_score is not None:
        conditions.append(conversations.c.final_score >= filters.lowest_score)
    if filters.highest_score is not None:
        conditions.append(conversations.c.final_score <= filters.highest_score)
    for wanted, column in (
        (filters.is_reviewed, conversations.c.n_reviews),
        (filters.is_stale, conversations.c.n_stale),
    ):
        if wanted is not None:
            conditions.append(column > 0 if wanted else column == 0)
    return conditions


def _of_others(filters: Filters) -> Sequence[ColumnElement[bool]]:
    """Return the conditions that look into other tables."""
    key = conversations.c.id
    conditions: list[ColumnElement[bool]] = []
    if filters.flag is not None:
        flagged = conversation_flags.c
        conditions.append(key.in_(select(flagged.conversation).where(flagged.flag == filters.flag)))
    if filters.criterion is not None:
        judged = criterion_results.c
        found = select(judged.conversation).where(judged.criterion_id == filters.criterion)
        if filters.outcome is not None:
            found = found.where(judged.outcome == filters.outcome)
        conditions.append(key.in_(found))
    if filters.standard_version is not None:
        version = standards.c.version == filters.standard_version
        conditions.append(conversations.c.standard_id.in_(select(standards.c.id).where(version)))
    if filters.assigned_to is not None:
        assigned = select(assignments.c.conversation).join(
            users, users.c.id == assignments.c.assignee_id
        )
        conditions.append(key.in_(assigned.where(users.c.username == filters.assigned_to)))
    if filters.appeal is not None:
        is_open = appeals.c.state == "open"
        wanted = is_open if filters.appeal == "open" else ~is_open
        conditions.append(key.in_(select(appeals.c.conversation).where(wanted)))
    if filters.sample is not None:
        drawn = sample_conversations.c
        conditions.append(
            key.in_(select(drawn.conversation).where(drawn.sample_id == filters.sample))
        )
    if filters.round is not None:
        of = round_conversations.c
        conditions.append(key.in_(select(of.conversation).where(of.round_id == filters.round)))
    if search_terms(filters.text):
        conditions.append(contains(filters.text))
    return conditions
