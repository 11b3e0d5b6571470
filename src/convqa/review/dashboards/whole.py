"""The figures of a whole selection, which groups too small to be shown still add up to."""

from collections.abc import Sequence
from dataclasses import replace

from convqa.report.wording import Wording
from convqa.review.dashboards.scope import Scope
from convqa.review.dashboards.tables import (
    Cell,
    Column,
    Table,
    interval_of,
    mean_cells,
    mean_columns,
    number,
    share_cells,
    share_columns,
    text,
)
from convqa.review.visit import Visit
from convqa.store.figures import Grouping, ScoreFigure, score_figures
from convqa.store.filters import Filters
from convqa.store.small_groups import may_be_shown


def whole_tables(visit: Visit, scope: Scope) -> list[Table]:
    """Return the figures of a selection beside those of everything the viewer's teams have."""
    rows = [("figures.this_selection", scope.filters)]
    if scope.selection != Filters():
        rows.append(("figures.whole_period", Filters(first_day=scope.filters.first_day)))
    return [_table(visit, rows)]


def wider_tables(visit: Visit, scope: Scope) -> list[Table]:
    """Return what may be shown where the selection itself may not: everything, or why not."""
    return [
        _table(
            visit,
            [
                ("figures.whole_period", Filters(first_day=scope.filters.first_day)),
                ("figures.whole_time", Filters()),
            ],
        )
    ]


def _table(visit: Visit, selections: Sequence[tuple[str, Filters]]) -> Table:
    words = visit.words
    rows, notes = [], []
    for key, filters in selections:
        figure = _figure(visit, filters)
        may = may_be_shown(visit.database, visit.reader, filters)
        if figure is None or figure.is_hidden or not may:
            notes += few_notes(visit, key, filters)
        else:
            rows.append(_row(words(key), figure, words))
            notes += _mixed(words(key), filters, visit)
    columns = [
        Column(words("figures.what")),
        Column(words("figures.n"), is_number=True),
        Column(words("figures.n_agents"), is_number=True),
        *mean_columns(words, words("figures.mean")),
        Column(words("figures.sd"), is_number=True),
        *share_columns(words, words("figures.flagged")),
        Column(words("figures.critical"), is_number=True),
    ]
    return Table("whole", words("figures.whole_title"), columns, rows, notes=notes)


def _figure(visit: Visit, filters: Filters) -> ScoreFigure | None:
    found = score_figures(visit.database, visit.reader, filters)
    return found[0] if found else None


def _mixed(name: str, filters: Filters, visit: Visit) -> list[str]:
    """Return that a mean is over several versions of standard or model, nothing where it is not."""
    by: tuple[Grouping, ...] = ("standard", "model")
    n_versions = len(score_figures(visit.database, visit.reader, filters, by))
    if n_versions < 2:
        return []
    return [visit.words.count("figures.mixed", n_versions, name=name)]


def few_notes(visit: Visit, key: str, filters: Filters) -> list[str]:
    """Return how many conversations there are and how many it takes.

    Where only groups are shown, how many a small group has would be the work of a few: only of
    everything, for who sees all teams, it is told.
    """
    words, viewer, name = visit.words, visit.reader, visit.words(key)
    smallest = words.number(visit.settings.smallest_group)
    is_everything = replace(filters, first_day=None) == Filters()
    if viewer.aggregate_only and not (is_everything and viewer.sees_everything):
        return [words("figures.fewer", name=name, smallest=smallest)]
    figure = _figure(visit, filters)
    n, n_agents = (figure.n, figure.n_agents) if figure else (0, 0)
    if not viewer.aggregate_only:
        return [words.count("figures.few", n, name=name, smallest=smallest)]
    agents = words.count("figures.agents", n_agents)
    return [words.count("figures.few_of", n, name=name, agents=agents, smallest=smallest)]


def _row(name: str, figure: ScoreFigure, words: Wording) -> list[Cell]:
    return [
        text(name), number(figure.n, words), number(figure.n_agents, words),
        *mean_cells(interval_of(figure.mean or 0.0, figure.sd, figure.n), words),
        number(figure.sd, words, 1), *share_cells(figure.n_flagged, figure.n, words),
        number(figure.n_critical, words),
    ]  # fmt: skip
