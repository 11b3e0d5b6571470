"""What moved: the figures of two stretches of days side by side, under one standard and model.

Only conversations that the newest standard and model scored are counted, so that a new version is
never taken for a change of the work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal_column, select

from convqa.store.database import Database
from convqa.store.desk_settings import settings_of
from convqa.store.figures import Grouping, counted, group_keys, smallest_shown
from convqa.store.filters import Filters
from convqa.store.stored import day_start
from convqa.store.tables import conversations, criterion_results, reviews, standards
from convqa.store.viewers import Viewer

Stretch = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Newest:
    """The latest day with conversations in a selection, and what scored the latest of them."""

    day: date
    standard_id: int
    standard: str
    model: str
    model_sha256: str


@dataclass(frozen=True, slots=True)
class Moved:
    """How often, how much: of a group in one stretch of days.

    `what` is a criterion id, empty for scores. For scores `mean` and `sd` are those of the score;
    for a criterion the mean is the share met, in [0, 1]. Both are None where the group is hidden.
    """

    stretch: Stretch
    group: tuple[str, ...]
    what: str
    n: int
    mean: float | None
    sd: float | None


def find_newest(database: Database, viewer: Viewer, filters: Filters) -> Newest | None:
    """Return the newest day of a selection, None where no conversation has a score and a day."""
    columns = conversations.c
    query = (
        select(columns.started, columns.standard_id, standards.c.name, standards.c.version,
               columns.model_name, columns.model_version, columns.model_sha256)
        .join(standards, standards.c.id == columns.standard_id)
        .where(*counted(viewer, filters, ()), columns.started.is_not(None),
               columns.final_score.is_not(None))
        .order_by(columns.started.desc(), columns.id.desc())
        .limit(1)
    )  # fmt: skip
    with database.reading() as connection:
        row = connection.execute(query).first()
    if row is None:
        return None
    return Newest(
        row[0].date(), row[1], f"{row[2]} {row[3]}", f"{row[4]} {row[5]}", row.model_sha256
    )


def score_moves(
    database: Database, viewer: Viewer, filters: Filters, newest: Newest, days: int,
    by: tuple[Grouping, ...] = (),
) -> tuple[Moved, ...]:  # fmt: skip
    """Return the scores of the last `days` days and of as many before them, by group."""
    score = conversations.c.final_score
    with database.reading() as connection:
        keys = [_stretch(newest, days), *group_keys(connection, by)]
        query = (
            select(*keys, func.count(), func.count(conversations.c.agent_id.distinct()),
                   func.avg(score), func.avg(score * score))
            .where(*_both(viewer, filters, newest, days), score.is_not(None))
            .group_by(*keys).order_by(*keys)
        )  # fmt: skip
        smallest = smallest_shown(viewer, by, settings_of(connection).smallest_group)
        rows = connection.execute(query).all()
    return tuple(_moved_score(tuple(row), smallest) for row in rows)


def _moved_score(row: tuple[Any, ...], smallest: tuple[int, int]) -> Moved:
    stretch, *group, n, n_agents, mean, square = row
    named = tuple("" if value is None else str(value) for value in group)
    if n < smallest[0] or n_agents < smallest[1]:
        return Moved(stretch, named, "", n, None, None)
    variance = max(square - mean * mean, 0.0) * n / (n - 1) if n > 1 else 0.0
    return Moved(stretch, named, "", n, mean, variance**0.5)


def criterion_moves(
    database: Database, viewer: Viewer, filters: Filters, newest: Newest, days: int
) -> tuple[Moved, ...]:
    """Return how often each criterion was met in both stretches, of those passed or failed."""
    with database.reading() as connection:
        smallest = smallest_shown(viewer, (), settings_of(connection).smallest_group)
        return _criterion_moves(
            connection, _both(viewer, filters, newest, days), _stretch(newest, days), smallest
        )


def _criterion_moves(
    connection: Connection, conditions: Sequence[ColumnElement[bool]], stretch: ColumnElement[str],
    smallest: tuple[int, int],
) -> tuple[Moved, ...]:  # fmt: skip
    # The few conversations first: left to itself, SQLite walks through all outcomes there are
    # (32 instead of 143 ms of 20,000 conversations).
    columns = conversations.c
    few = (
        select(columns.id, columns.agent_id, stretch.label("stretch")).where(*conditions).cte("few")
    )
    judged = criterion_results.c
    outcome = func.coalesce(reviews.c.outcome, judged.outcome)
    own = judged.criterion_id.concat(literal_column("''"))
    query = (
        select(few.c.stretch, own, func.count(), func.count(few.c.agent_id.distinct()),
               func.sum(case((outcome == "pass", 1), else_=0)))
        .select_from(few)
        .join(criterion_results, judged.conversation == few.c.id)
        .outerjoin(reviews, and_(reviews.c.conversation == judged.conversation,
                                 reviews.c.criterion_id == judged.criterion_id))
        .where(outcome.in_(("pass", "partial", "fail")))
        .group_by(few.c.stretch, own).order_by(few.c.stretch, own)
    )  # fmt: skip
    found = []
    for which, criterion, n, n_agents, n_met in connection.execute(query):
        is_hidden = n < smallest[0] or n_agents < smallest[1]
        share = None if is_hidden else n_met / n
        sd = None if share is None else (share * (1 - share)) ** 0.5
        found.append(Moved(which, (), criterion, n, share, sd))
    return tuple(found)


def _stretch(newest: Newest, days: int) -> ColumnElement[str]:
    begins = day_start(newest.day - timedelta(days=days - 1))
    # Written out for PostgreSQL, which must find what is selected among what is grouped by; it is
    # a date of this program, never of a request.
    moment = begins.strftime("%Y-%m-%d %H:%M:%S+00:00")
    is_after = conversations.c.started >= literal_column(f"'{moment}'")
    return case((is_after, literal_column("'after'")), else_=literal_column("'before'"))


def _both(
    viewer: Viewer, filters: Filters, newest: Newest, days: int
) -> tuple[ColumnElement[bool], ...]:
    columns = conversations.c
    return (
        *counted(viewer, filters, ()),
        columns.started >= day_start(newest.day - timedelta(days=2 * days - 1)),
        columns.started < day_start(newest.day + timedelta(days=1)),
        columns.standard_id == newest.standard_id,
        columns.model_sha256 == newest.model_sha256,
    )
