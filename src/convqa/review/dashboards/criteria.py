"""How often each criterion is met; one of them by group and over time."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from convqa.report.charts import Bar, stacked
from convqa.report.figures import Mean, share
from convqa.report.marks import visible
from convqa.report.wording import Wording
from convqa.review.criteria import criterion_names
from convqa.review.dashboards.groups import group_name
from convqa.review.dashboards.scope import GROUPINGS, Scope
from convqa.review.dashboards.tables import (
    Cell,
    Column,
    Table,
    number,
    share_cells,
    share_columns,
    text,
)
from convqa.review.dashboards.trend import Measured, cut_charts, period_name
from convqa.review.dashboards.whole import few_notes
from convqa.review.visit import Visit
from convqa.schema import Outcome
from convqa.store.figures import CriterionFigure, Grouping, criterion_figures, score_figures
from convqa.store.small_groups import guarded

DECIDED: Sequence[Outcome] = ("pass", "partial", "fail")
_OUTCOMES: Sequence[Outcome] = (*DECIDED, "na", "undetermined")


def criterion_tables(visit: Visit, scope: Scope) -> list[Table]:
    """Return all criteria, or the chosen one by group and over time."""
    names = criterion_names(visit.database, visit.words.language)
    if scope.criterion in names:
        name = visible(names[scope.criterion])
        return [
            _of_one(visit, scope, name, (GROUPINGS[scope.by],), scope.by),
            _of_one(visit, scope, name, (scope.step, "standard", "model"), "period"),
        ]
    return [_all(visit, scope, names)]


def _all(visit: Visit, scope: Scope, names: Mapping[str, str]) -> Table:
    words = visit.words
    counts = {
        figure.criterion_id: figure.outcomes
        for figure in criterion_figures(visit.database, visit.reader, scope.filters)
        if not figure.is_hidden
    }
    order = [id_ for id_ in names if id_ in counts] + sorted(counts.keys() - names.keys())
    rows = [
        [text(visible(names.get(id_, id_))), *outcome_cells(counts[id_], words)] for id_ in order
    ]
    columns = [Column(words("queue.by_criterion")), *outcome_columns(words)]
    title, lead = words("figures.criteria_title"), words("figures.criteria_lead")
    notes = [] if rows else few_notes(visit, "figures.this_selection", scope.filters)
    return Table("criteria", title, columns, rows, lead, notes=notes)


def _of_one(
    visit: Visit, scope: Scope, name: str, by: tuple[Grouping, ...], dimension: str
) -> Table:
    words, smallest = visit.words, visit.settings.smallest_group
    sizes = guarded(
        score_figures(visit.database, visit.reader, scope.filters, by), visit.reader, smallest
    )
    hidden = {figure.group for figure in sizes if figure.is_hidden}
    figures = criterion_figures(
        visit.database, visit.reader, scope.filters, by, only=scope.criterion
    )
    found = [figure for figure in figures if dimension != "period" or figure.group[0]]
    shown = [f for f in found if not f.is_hidden and f.group not in hidden]
    columns = [Column(words(f"figures.by_{dimension}"))]
    if dimension == "period":
        columns += [Column(words("figures.by_standard")), Column(words("figures.by_model"))]
    rows = []
    for figure in sorted(shown, key=lambda f: tuple(part.casefold() for part in f.group)):
        if dimension == "period":
            period = figure.group[0]
            cells = [Cell(period_name(period, scope.step, words), period),
                     text(figure.group[1]), text(figure.group[2])]  # fmt: skip
        else:
            cells = [text(group_name(dimension, figure.group[0], words))]
        rows.append([*cells, *outcome_cells(figure.outcomes, words)])
    charts, legend = _charts(shown, scope, words, name) if dimension == "period" else ((), [])
    title = words(
        "figures.criterion_by", criterion=name, dimension=words(f"figures.by_{dimension}")
    )
    n_hidden = len(found) - len(shown)
    smallest_said = words.number(smallest)
    notes = [words.count("figures.hidden", n_hidden, smallest=smallest_said)] if n_hidden else []
    return Table(
        f"criterion_{dimension}", title, [*columns, *outcome_columns(words)], rows, charts=charts,
        legend=legend, notes=notes,
    )  # fmt: skip


def _charts(
    figures: Sequence[CriterionFigure], scope: Scope, words: Wording, name: str
) -> tuple[tuple[Markup, ...], list[str]]:
    """Return the share met over time, in percent, cut as the score is."""
    measured = []
    for figure in sorted(figures, key=lambda f: f.group):
        n = sum(figure.outcomes.get(outcome, 0) for outcome in DECIDED)
        found = share(figure.outcomes.get("pass", 0), n)
        if found is not None:
            mean = Mean(100 * found.share, 100 * found.low, 100 * found.high)
            measured.append(Measured(figure.group, mean, n))
    return cut_charts(measured, scope, words, words("figures.criterion_trend", criterion=name))


def outcome_columns(words: Wording) -> list[Column]:
    """Return the columns of `outcome_cells`."""
    return [
        Column(words("figures.chart"), saved=False),
        *share_columns(words, words("figures.met")),
        *(Column(words.label("outcome", outcome), is_number=True) for outcome in _OUTCOMES),
    ]


def outcome_cells(outcomes: Mapping[Outcome, int], words: Wording) -> list[Cell]:
    """Return how often each outcome came up; the share met is of those passed or failed."""
    counts = {outcome: outcomes.get(outcome, 0) for outcome in _OUTCOMES}
    n = sum(counts[outcome] for outcome in DECIDED)
    bars = [
        Bar(counts[o] / n, f"fill-{o}", f"{words.label('outcome', o)}: {words.number(counts[o])}")
        for o in DECIDED
        if n
    ]
    said = ", ".join(bar.title for bar in bars) or words("figures.nothing_decided")
    return [
        Cell(stacked(bars, said)),
        *share_cells(counts["pass"], n, words),
        *(number(counts[outcome], words) for outcome in _OUTCOMES),
    ]
