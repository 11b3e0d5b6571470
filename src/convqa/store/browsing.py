"""Finding conversations: filters, full-text search, sorting, pages, and what each may be seen by.

Every query takes the viewer; a conversation of a team that the viewer does not see is not found.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, Select, func, literal, select, union_all

from convqa.standard import Standard
from convqa.store.database import Database
from convqa.store.desk_settings import settings_of
from convqa.store.filters import Filters, matching, matching_page
from convqa.store.final import parsed_standard
from convqa.store.tables import FACETS, assignments, conversations, facets, standards, users
from convqa.store.viewers import Viewer, in_scope

Sort = Literal["risk", "newest", "oldest", "lowest", "highest", "unsure"]

# A page needs the exact number of matches no further than this: counting 200,000 takes seconds.
COUNT_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """A conversation in a list. `score` is the machine's, `final_score` the one that counts.

    `confidence` is the least of a criterion that cost points, in [0, 1].
    """

    key: int
    conversation_id: str
    status: str
    language: str | None
    channel: str | None
    agent_id: str | None
    team: str | None
    queue: str | None
    started: datetime | None
    score: float | None
    final_score: float | None
    final_band: str | None
    final_status: str
    final_flags: tuple[str, ...]
    final_critical: tuple[str, ...]
    confidence: float | None
    state: str
    n_reviews: int
    n_stale: int
    is_mystery_shop: bool
    assignee: str | None
    first_loaded_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `n_found` is exact up to `COUNT_LIMIT`, `is_more` where it is more."""

    rows: tuple[ConversationRow, ...]
    n_found: int
    is_more: bool
    number: int
    size: int


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The conversations before and after one in a list, by key."""

    previous: int | None
    next: int | None


@dataclass(frozen=True, slots=True)
class Choices:
    """The values that filters can take, of what a viewer sees."""

    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    agent_ids: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    standard_versions: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()


_ROW = (
    conversations.c.id, conversations.c.conversation_id, conversations.c.status,
    conversations.c.language, conversations.c.channel, conversations.c.agent_id,
    conversations.c.team, conversations.c.queue, conversations.c.started, conversations.c.score,
    conversations.c.final_score, conversations.c.final_band, conversations.c.final_status,
    conversations.c.final_flags, conversations.c.final_critical, conversations.c.confidence,
    conversations.c.state, conversations.c.n_reviews, conversations.c.n_stale,
    conversations.c.is_mystery_shop, users.c.username.label("assignee"),
    conversations.c.first_loaded_at,
)  # fmt: skip

# Each ends in the key, so that no two rows are equal and pages never repeat one.
_ORDERS: dict[Sort, tuple[ColumnElement[Any], ...]] = {
    "risk": (conversations.c.risk.desc(), conversations.c.id.desc()),
    "newest": (conversations.c.started.desc().nulls_last(), conversations.c.id.desc()),
    "oldest": (conversations.c.started.asc().nulls_last(), conversations.c.id.asc()),
    "lowest": (conversations.c.final_score.asc().nulls_last(), conversations.c.id.asc()),
    "highest": (conversations.c.final_score.desc().nulls_last(), conversations.c.id.desc()),
    "unsure": (conversations.c.confidence.asc().nulls_last(), conversations.c.id.asc()),
}


def find_conversations(
    database: Database, viewer: Viewer, filters: Filters, *, sort: Sort = "risk",
    number: int = 1, size: int = 50,
) -> Page:  # fmt: skip
    """Return a page of the conversations that match and that the viewer may open.

    Args:
        database: Where.
        viewer: Who looks.
        filters: What to find.
        sort: `risk` puts critical errors first, then low scores, then sure evidence.
        number: Of the page, from 1.
        size: Rows of a page, up to 200.
    """
    number, size = max(1, number), min(max(1, size), 200)
    matches = matching(viewer, filters)
    counted = select(conversations.c.id).where(*matches).limit(COUNT_LIMIT + 1).subquery()
    page = _rows().order_by(*_ORDERS[sort]).limit(size).offset((number - 1) * size)
    with database.reading() as connection:
        page = page.where(*matching_page(connection, viewer, filters))
        rows = tuple(_conversation_row(row) for row in connection.execute(page))
        n_found = connection.execute(select(func.count()).select_from(counted)).scalar_one()
    is_more = n_found > COUNT_LIMIT
    return Page(rows, min(n_found, COUNT_LIMIT), is_more, number, size)


def reading_list(database: Database, viewer: Viewer) -> tuple[ConversationRow, ...]:
    """Return the flagged conversations most worth reading today, as many as the flag budget.

    Those that nobody has reviewed, by risk.
    """
    conditions = matching(viewer, Filters(is_flagged=True, is_reviewed=False))
    with database.reading() as connection:
        budget = settings_of(connection).flag_budget
        query = _rows().where(*conditions).order_by(*_ORDERS["risk"]).limit(budget)
        return tuple(_conversation_row(row) for row in connection.execute(query))


def find_neighbours(
    database: Database, viewer: Viewer, filters: Filters, key: int, *, sort: Sort = "risk",
    limit: int = 2_000,
) -> Neighbours:  # fmt: skip
    """Return the conversations before and after one in a list of at most `limit`."""
    query = select(conversations.c.id).order_by(*_ORDERS[sort]).limit(limit)
    with database.reading() as connection:
        query = query.where(*matching_page(connection, viewer, filters))
        keys = connection.execute(query).scalars().all()
    if key not in keys:
        return Neighbours(None, None)
    place = keys.index(key)
    return Neighbours(
        keys[place - 1] if place else None, keys[place + 1] if place + 1 < len(keys) else None
    )


def find_choices(database: Database, viewer: Viewer) -> Choices:
    """Return what the filters can be set to, from the conversations of the viewer's scope."""
    with database.reading() as connection:
        found: dict[str, set[str]] = {name: set() for name in FACETS}
        for name, value in connection.execute(_facets(viewer)):
            found[name].add(value)
        texts = connection.execute(select(standards.c.standard_json)).scalars().all()
    known = [parsed_standard(text) for text in texts]
    criteria = dict.fromkeys(c.id for standard in known for c in standard.criteria)
    return Choices(
        languages=tuple(sorted(found["language"])),
        channels=tuple(sorted(found["channel"])),
        teams=tuple(sorted(found["team"])),
        queues=tuple(sorted(found["queue"])),
        agent_ids=tuple(sorted(found["agent_id"])),
        bands=tuple(dict.fromkeys(band.name for standard in known for band in standard.bands)),
        flags=tuple(dict.fromkeys(f for standard in known for f in _flags(standard))),
        standard_versions=tuple(sorted({standard.version for standard in known})),
        criteria=tuple(criteria),
    )


def _flags(standard: Standard) -> Iterator[str]:
    for criterion in standard.criteria:
        if criterion.severity == "critical":
            yield f"critical:{criterion.raises}"
        elif criterion.severity == "flag":
            yield str(criterion.raises)
    yield from ("low_score", "low_coverage")


def _facets(viewer: Viewer) -> Select[Any]:
    """Return the query for what an agent's few conversations hold, or a team's many."""
    if viewer.role == "agent":
        columns = [(name, conversations.c[name]) for name in FACETS]
        return select(
            *union_all(
                *(
                    select(literal(name), column).where(in_scope(viewer), column.is_not(None))
                    for name, column in columns
                )
            )
            .subquery()
            .c
        ).distinct()
    query = select(facets.c.name, facets.c.value).distinct()
    return query if viewer.sees_all_teams else query.where(facets.c.team.in_(sorted(viewer.teams)))


def _rows() -> Select[Any]:
    return (
        select(*_ROW)
        .outerjoin(assignments, assignments.c.conversation == conversations.c.id)
        .outerjoin(users, users.c.id == assignments.c.assignee_id)
    )


def row_of(connection: Connection, key: int) -> ConversationRow:
    """Return a conversation as a list shows it, for a caller who has checked the viewer."""
    return _conversation_row(connection.execute(_rows().where(conversations.c.id == key)).one())


def _conversation_row(row: Row[Any]) -> ConversationRow:
    values = dict(zip(ConversationRow.__slots__, row, strict=True))
    for name in ("final_flags", "final_critical"):
        values[name] = tuple(values[name])
    return ConversationRow(**values)
