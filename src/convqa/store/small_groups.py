"""What may not be worked out from what is shown: the guard of aggregate-only mode.

A group that is too small is hidden, but where everything else is shown its figures are the total
less the rest. So, where only figures of groups may be seen, the next smallest groups are withheld
until those hidden are together large enough, and a selection is shown only if what each of its
filters leaves out is, too. Differences of periods that overlap are not guarded against.
"""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import func, select

from convqa.store.database import Database
from convqa.store.desk_settings import settings_of
from convqa.store.figures import ScoreFigure, counted
from convqa.store.filters import Filters, left_out_blind
from convqa.store.tables import conversations
from convqa.store.viewers import Viewer


def guarded(
    figures: Iterable[ScoreFigure], viewer: Viewer, smallest: int
) -> tuple[ScoreFigure, ...]:
    """Return the figures of groups that make up a whole, more of them hidden where needed."""
    known = tuple(figures)
    if not viewer.aggregate_only or viewer.role == "agent":
        return known
    hidden = {f.group for f in known if f.is_hidden}
    shown = sorted((f for f in known if not f.is_hidden), key=lambda f: (f.n, f.group))
    n, n_agents = (
        sum(getattr(f, name) for f in known if f.is_hidden) for name in ("n", "n_agents")
    )
    while hidden and shown and (n < smallest or n_agents < smallest):
        withheld = shown.pop(0)
        hidden.add(withheld.group)
        n, n_agents = n + withheld.n, n_agents + withheld.n_agents
    return tuple(_hide(f) if f.group in hidden else f for f in known)


def _hide(figure: ScoreFigure) -> ScoreFigure:
    return ScoreFigure(
        figure.group, True, figure.n, figure.n_agents, None, None, 0, 0, 0, None, 0, None
    )


def may_be_shown(database: Database, viewer: Viewer, filters: Filters) -> bool:
    """Return whether a selection, and what each filter leaves out of it, is large enough.

    Always true outside aggregate-only mode, where the viewer may read every conversation.
    """
    if not viewer.aggregate_only or viewer.role == "agent":
        return True
    columns = conversations.c
    own = counted(viewer, filters, ())
    sizes = select(func.count(), func.count(columns.agent_id.distinct()))
    left_out = columns.id.not_in(select(columns.id).where(*own))
    queries = [sizes.where(*own)]
    queries += [sizes.where(*counted(viewer, f, ()), left_out) for f in _wider(filters)]
    with database.reading() as connection:
        smallest = settings_of(connection).smallest_group
        counts = [connection.execute(query).one() for query in queries]
    return all(n == 0 or (n >= smallest and n_agents >= smallest) for n, n_agents in counts)


def count_blind(database: Database, viewer: Viewer, filters: Filters) -> int:
    """Return how many conversations a viewer's figures leave out, to be answered blind."""
    if not viewer.can_review:
        return 0
    query = select(func.count()).where(*left_out_blind(viewer, filters))
    with database.reading() as connection:
        n: int = connection.execute(query).scalar_one()
    return n


def _wider(filters: Filters) -> list[Filters]:
    """Return the filters with one of them taken away, for each that narrows the selection.

    The period is not among them: every selection has one.
    """
    wider = (
        replace(filters, language=None), replace(filters, channel=None),
        replace(filters, agent_id=None), replace(filters, team=None), replace(filters, queue=None),
        replace(filters, standard_version=None),
    )  # fmt: skip
    return [f for f in wider if f != filters]
