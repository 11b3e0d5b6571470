"""How often the machine errs, estimated from what people reviewed of the random samples.

Conversations that were read because they were flagged tell nothing about the rest, so they are not
counted here.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Text, and_, case, cast, exists, func, select

from convqa.store.database import Database
from convqa.store.desk_settings import settings_of
from convqa.store.figures import counted, smallest_shown
from convqa.store.filters import Filters
from convqa.store.tables import conversations, reviews, sample_conversations
from convqa.store.viewers import Viewer

# The text of an empty JSON list.
_EMPTY_LIST = 2


@dataclass(frozen=True, slots=True)
class SampledErrors:
    """Conversations of random samples, those reviewed, and how many of them were wrong.

    `n_wrong` have at least one criterion that a person answered otherwise. Of the `n_flagged`
    reviewed that the machine flagged, `n_flagged_wrongly` have no flag any more; of the others,
    `n_missed` have one since. `mean_change` is the mean distance of the machine's score to the
    final one, over the `n_scores` that have both. Hidden where fewer were reviewed than allowed.
    """

    n_drawn: int
    n_reviewed: int
    is_hidden: bool
    n_wrong: int
    n_flagged: int
    n_flagged_wrongly: int
    n_missed: int
    n_scores: int
    mean_change: float | None


def sampled_errors(database: Database, viewer: Viewer, filters: Filters) -> SampledErrors:
    """Return what the random samples tell of a selection; mystery shops are left out."""
    columns = conversations.c
    is_wrong = exists().where(
        reviews.c.conversation == columns.id, reviews.c.outcome != reviews.c.machine_outcome
    )
    flagged_now = func.length(cast(columns.final_flags, Text)) > _EMPTY_LIST
    reviewed = columns.n_reviews > 0
    distance = func.abs(columns.score - columns.final_score)

    def number(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((and_(reviewed, *conditions), 1), else_=0)), 0)

    query = select(
        func.count(), number(),
        func.count(case((reviewed, columns.agent_id)).distinct()),
        number(is_wrong), number(columns.is_flagged), number(columns.is_flagged, ~flagged_now),
        number(~columns.is_flagged, flagged_now), func.count(case((reviewed, distance))),
        func.avg(case((reviewed, distance))),
    ).where(
        *counted(viewer, filters, ()),
        columns.id.in_(select(sample_conversations.c.conversation)),
    )  # fmt: skip
    with database.reading() as connection:
        least = smallest_shown(viewer, (), settings_of(connection).smallest_group)
        row = connection.execute(query).one()
    n_drawn, n_reviewed, n_agents, *rest = row
    if n_reviewed < least[0] or n_agents < least[1]:
        return SampledErrors(n_drawn, n_reviewed, True, 0, 0, 0, 0, 0, None)
    return SampledErrors(n_drawn, n_reviewed, False, *rest)
