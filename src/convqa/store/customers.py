"""The score beside what customers said and did: satisfaction given, and contact again.

Both come from the metadata of conversations, where they have them.
"""

from dataclasses import dataclass
from math import sqrt

from sqlalchemy import case, func, literal_column, select

from convqa.store.database import Database
from convqa.store.desk_settings import settings_of
from convqa.store.figures import counted, smallest_shown
from convqa.store.filters import Filters
from convqa.store.tables import conversations
from convqa.store.viewers import Viewer

RANGE_WIDTH = 20


@dataclass(frozen=True, slots=True)
class RangeFigure:
    """What customers of the conversations with a score in `[low, low + 20)` said; 100 is in 80.

    Without figures where fewer conversations or agents than allowed are behind them.
    """

    low: int
    n: int
    n_csat: int
    mean_csat: float | None
    sd_csat: float | None
    n_recontact: int
    n_again: int | None


@dataclass(frozen=True, slots=True)
class Correlation:
    """Pearson's r of score and satisfaction over `n` conversations, None where it has no value."""

    n: int
    r: float | None


def by_score_range(database: Database, viewer: Viewer, filters: Filters) -> tuple[RangeFigure, ...]:
    """Return satisfaction and contact again by ranges of the score, the lowest first."""
    columns = conversations.c
    score = columns.final_score
    bounds = range(RANGE_WIDTH, 100, RANGE_WIDTH)
    low = case(
        *((score < literal_column(str(b)), literal_column(str(b - RANGE_WIDTH))) for b in bounds),
        else_=literal_column(str(100 - RANGE_WIDTH)),
    )
    csat, again = columns.csat, columns.is_recontact
    query = (
        select(low, func.count(), func.count(columns.agent_id.distinct()), func.count(csat),
               func.avg(csat), func.avg(csat * csat), func.count(again),
               func.sum(case((again, 1), else_=0)))
        .where(*counted(viewer, filters, ()), score.is_not(None))
        .group_by(low).order_by(low)
    )  # fmt: skip
    with database.reading() as connection:
        least = smallest_shown(viewer, (), settings_of(connection).smallest_group)
        rows = connection.execute(query).all()
    figures = []
    for start, n, n_agents, n_csat, mean, square, n_recontact, n_again in rows:
        enough = n_agents >= least[1]
        has_csat, has_again = enough and n_csat >= least[0], enough and n_recontact >= least[0]
        sd = None
        if has_csat and n_csat > 1:
            sd = sqrt(max(square - mean * mean, 0.0) * n_csat / (n_csat - 1))
        figures.append(
            RangeFigure(
                start, n, n_csat, mean if has_csat else None, sd, n_recontact,
                n_again if has_again else None,
            )
        )  # fmt: skip
    return tuple(figures)


def satisfaction_correlation(database: Database, viewer: Viewer, filters: Filters) -> Correlation:
    """Return how score and satisfaction go together."""
    x, y = conversations.c.final_score, conversations.c.csat
    query = select(
        func.count(), func.count(conversations.c.agent_id.distinct()),
        func.avg(x), func.avg(y), func.avg(x * x), func.avg(y * y), func.avg(x * y),
    ).where(*counted(viewer, filters, ()), x.is_not(None), y.is_not(None))  # fmt: skip
    with database.reading() as connection:
        least = smallest_shown(viewer, (), settings_of(connection).smallest_group)
        n, n_agents, mx, my, xx, yy, xy = connection.execute(query).one()
    if n < max(least[0], 2) or n_agents < least[1]:
        return Correlation(n, None)
    spread = (xx - mx * mx) * (yy - my * my)
    # Without spread in either there is nothing to go together; sums of floats leave a remainder.
    if spread <= 1e-9:
        return Correlation(n, None)
    return Correlation(n, max(-1.0, min(1.0, (xy - mx * my) / sqrt(spread))))
