"""Figures of many conversations: scores and criteria by team, agent, language, channel and time.

Means come with counts and standard deviations, so that intervals can be shown; groups smaller than
the settings allow are named and not shown. Mystery-shop conversations are left out unless asked
for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    and_,
    case,
    cast,
    func,
    literal_column,
    select,
)

from convqa.schema import Outcome
from convqa.store.database import Database
from convqa.store.desk_settings import settings_of
from convqa.store.filters import Filters, matching_in_scope
from convqa.store.tables import (
    conversations,
    criterion_results,
    reviews,
    sample_conversations,
    standards,
)
from convqa.store.viewers import Viewer

Grouping = Literal["team", "agent_id", "language", "channel", "queue", "standard", "model",
                   "day", "week", "month", "mystery_shop"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScoreFigure:
    """The scores of a group, final ones.

    `group` has one value for each grouping, in its order, empty where unknown; of `week` the
    Monday. `sd` is the sample standard deviation. Where the group is smaller than allowed
    `is_hidden` is true and there are no figures. `mean_csat` and `recontact_share` cover `n_csat`
    and `n_recontact` conversations.
    """

    group: tuple[str, ...]
    is_hidden: bool
    n: int
    n_agents: int
    mean: float | None
    sd: float | None
    n_flagged: int
    n_critical: int
    n_csat: int
    mean_csat: float | None
    n_recontact: int
    recontact_share: float | None


@dataclass(frozen=True, slots=True)
class CriterionFigure:
    """How often a criterion had each outcome in a group; a person's outcome counts before others.

    Where the group is smaller than allowed the counts are empty.
    """

    criterion_id: str
    group: tuple[str, ...]
    is_hidden: bool
    outcomes: Mapping[Outcome, int]


@dataclass(frozen=True, slots=True)
class AgreementCount:
    """How often machine and person gave these outcomes to a criterion in a language.

    `is_random` tells conversations of a random sample from those reviewed because they were
    flagged: only the former show the true error rate.
    """

    criterion_id: str
    language: str | None
    is_random: bool
    machine: Outcome
    human: Outcome
    n: int


def score_figures(
    database: Database, viewer: Viewer, filters: Filters, by: tuple[Grouping, ...] = ()
) -> tuple[ScoreFigure, ...]:
    """Return the scores of the conversations that match, by group.

    Groups are in ascending order; without `by` there is one. Only conversations with a score count.
    """
    score = conversations.c.final_score
    with database.reading() as connection:
        keys = group_keys(connection, by)
        query = (
            select(
                *keys,
                func.count(),
                func.count(conversations.c.agent_id.distinct()),
                func.avg(score),
                func.avg(score * score),
                _sum(conversations.c.is_flagged),
                _sum(func.length(_text(conversations.c.final_critical)) > _EMPTY_LIST),
                func.count(conversations.c.csat),
                func.avg(conversations.c.csat),
                func.count(conversations.c.is_recontact),
                _sum(conversations.c.is_recontact),
            )
            .where(*counted(viewer, filters, by), score.is_not(None))
            .group_by(*keys)
            .order_by(*keys)
        )
        smallest = settings_of(connection).smallest_group
        rows = connection.execute(query).all()
    return tuple(_score_figure(tuple(row), len(by), smallest_shown(viewer, by, smallest))
                 for row in rows if row[len(keys)])  # fmt: skip


# The text of an empty JSON list.
_EMPTY_LIST = 2

# Written out, not bound: PostgreSQL takes two bound values for two different expressions, so it
# would not find what is selected among what is grouped by.
_SPACE: ColumnElement[str] = literal_column("' '")


def _text(column: ColumnElement[Any]) -> ColumnElement[str]:
    return cast(column, Text)


def _score_figure(row: tuple[Any, ...], n_keys: int, smallest: tuple[int, int]) -> ScoreFigure:
    group = tuple("" if value is None else str(value) for value in row[:n_keys])
    n, n_agents, mean, square, flagged, critical, *others = row[n_keys:]
    n_csat, csat, n_recontact, recontact = others
    if n < smallest[0] or n_agents < smallest[1]:
        return ScoreFigure(group, True, n, n_agents, None, None, 0, 0, 0, None, 0, None)
    variance = max(square - mean * mean, 0.0) * n / (n - 1) if n > 1 else None
    return ScoreFigure(
        group=group,
        is_hidden=False,
        n=n,
        n_agents=n_agents,
        mean=mean,
        sd=None if variance is None else variance**0.5,
        n_flagged=flagged or 0,
        n_critical=critical or 0,
        n_csat=n_csat,
        mean_csat=csat,
        n_recontact=n_recontact,
        recontact_share=None if not n_recontact else (recontact or 0) / n_recontact,
    )


def criterion_figures(
    database: Database, viewer: Viewer, filters: Filters, by: tuple[Grouping, ...] = (), *,
    only: str | None = None,
) -> tuple[CriterionFigure, ...]:  # fmt: skip
    """Return how often each criterion, or `only` one, had which outcome, by group."""
    judged = criterion_results.c
    wanted = [] if only is None else [judged.criterion_id == only]
    outcome = func.coalesce(reviews.c.outcome, judged.outcome)
    with database.reading() as connection:
        keys = group_keys(connection, by)
        query = (
            select(judged.criterion_id, *keys, outcome, func.count())
            .select_from(criterion_results)
            .join(conversations, conversations.c.id == judged.conversation)
            .outerjoin(reviews, _same_criterion())
            .where(*counted(viewer, filters, by), *wanted)
            .group_by(judged.criterion_id, *keys, outcome)
            .order_by(judged.criterion_id, *keys)
        )
        smallest = settings_of(connection).smallest_group
        agents = {}
        sizes = select(*keys, func.count(), func.count(conversations.c.agent_id.distinct())).where(
            *counted(viewer, filters, by)
        )
        for row in connection.execute(sizes.group_by(*keys) if keys else sizes):
            agents[tuple(row[: len(keys)])] = (row[-2], row[-1])
        counts: dict[tuple[Any, ...], dict[Outcome, int]] = {}
        for row in connection.execute(query):
            counts.setdefault(tuple(row[: 1 + len(keys)]), {})[row[-2]] = row[-1]
    least = smallest_shown(viewer, by, smallest)
    figures = []
    for (criterion_id, *group), outcomes in counts.items():
        n, n_agents = agents[tuple(group)]
        is_hidden = n < least[0] or n_agents < least[1]
        named = tuple("" if value is None else str(value) for value in group[: len(by)])
        shown = {} if is_hidden else outcomes
        figures.append(CriterionFigure(criterion_id, named, is_hidden, shown))
    return tuple(figures)


def agreement_counts(
    database: Database, viewer: Viewer, filters: Filters
) -> tuple[AgreementCount, ...]:
    """Return how machine and people agree on the criteria that people have reviewed."""
    sampled = select(sample_conversations.c.conversation)
    is_random = conversations.c.id.in_(sampled)
    groups = (reviews.c.criterion_id, conversations.c.language, is_random,
              reviews.c.machine_outcome, reviews.c.outcome)  # fmt: skip
    query = (
        select(*groups, func.count())
        .join(conversations, conversations.c.id == reviews.c.conversation)
        .where(*matching_in_scope(viewer, filters))
        .group_by(*groups)
        .order_by(*groups)
    )
    with database.reading() as connection:
        return tuple(
            AgreementCount(row[0], row[1], bool(row[2]), row[3], row[4], row[5])
            for row in connection.execute(query)
        )


def _same_criterion() -> ColumnElement[bool]:
    return and_(
        reviews.c.conversation == criterion_results.c.conversation,
        reviews.c.criterion_id == criterion_results.c.criterion_id,
    )


def _sum(condition: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.sum(case((condition, 1), else_=0))


def counted(
    viewer: Viewer, filters: Filters, by: tuple[Grouping, ...]
) -> tuple[ColumnElement[bool], ...]:
    conditions = matching_in_scope(viewer, filters)
    if filters.is_mystery_shop is None and "mystery_shop" not in by:
        conditions = (*conditions, conversations.c.is_mystery_shop.is_(False))
    return conditions


def smallest_shown(viewer: Viewer, by: tuple[Grouping, ...], smallest: int) -> tuple[int, int]:
    """Return how many conversations and agents a group must have to be shown.

    An agent sees the own figures. Of teams, and of everything in aggregate-only mode, a group also
    needs that many agents; then figures of one agent are never shown.
    """
    if viewer.role == "agent":
        return 1, 0
    needs_agents = viewer.aggregate_only or ("team" in by and "agent_id" not in by)
    return smallest, smallest if needs_agents else 0


def group_keys(connection: Connection, by: tuple[Grouping, ...]) -> list[ColumnElement[Any]]:
    return [_key(connection, grouping) for grouping in by]


def _key(connection: Connection, grouping: Grouping) -> ColumnElement[Any]:
    columns = conversations.c
    if grouping == "standard":
        name = standards.c.name + _SPACE + standards.c.version
        return select(name).where(standards.c.id == columns.standard_id).scalar_subquery()
    if grouping == "model":
        return columns.model_name + _SPACE + columns.model_version
    if grouping == "mystery_shop":
        return case(
            (columns.is_mystery_shop, literal_column("'yes'")), else_=literal_column("'no'")
        )
    if grouping in ("day", "week", "month"):
        return _period(connection, grouping)
    return columns[grouping]


def _period(connection: Connection, grouping: str) -> ColumnElement[Any]:
    started = conversations.c.started
    if connection.dialect.name == "postgresql":
        utc = func.timezone(literal_column("'UTC'"), started)
        start = func.date_trunc(literal_column(f"'{grouping}'"), utc)
        return func.to_char(start, literal_column("'YYYY-MM-DD'"))
    if grouping == "week":
        # The next Sunday, then back to its Monday.
        return func.date(started, "weekday 0", "-6 days")
    return func.date(started, "start of month") if grouping == "month" else func.date(started)
