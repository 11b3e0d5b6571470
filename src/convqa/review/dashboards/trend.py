"""Scores over time, cut where the standard or the model changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from convqa.report.charts import Point, Stretch, cut_timeline
from convqa.report.figures import Mean
from convqa.report.wording import Wording
from convqa.review.dashboards.groups import hidden_note
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
from convqa.review.dashboards.whole import whole_tables
from convqa.review.visit import Visit
from convqa.store.figures import Grouping, ScoreFigure, score_figures
from convqa.store.small_groups import guarded

Version = tuple[str, str]  # the standard and the model


@dataclass(frozen=True, slots=True)
class Cut:
    """Where another standard or model begins: the place among the periods, before and after."""

    place: int
    period: str
    before: Version
    after: Version


@dataclass(frozen=True, slots=True)
class Measured:
    """A mean on the scale of 0–100 of a period, standard and model, over `n` conversations."""

    group: tuple[str, ...]
    mean: Mean
    n: int


def trend_tables(visit: Visit, scope: Scope) -> list[Table]:
    """Return the mean score of each day, week or month, by standard and model."""
    words, smallest = visit.words, visit.settings.smallest_group
    by: tuple[Grouping, ...] = (scope.step, "standard", "model")
    found = score_figures(visit.database, visit.reader, scope.filters, by)
    # Guarded with what has no date: it is the whole less all periods.
    figures = [f for f in guarded(found, visit.reader, smallest) if f.group[0]]
    shown = [figure for figure in figures if not figure.is_hidden]
    measured = [Measured(f.group, interval_of(f.mean or 0.0, f.sd, f.n), f.n) for f in shown]
    charts, legend = cut_charts(measured, scope, words, words("figures.trend_name"))
    columns = [
        Column(words("figures.period")),
        Column(words("figures.by_standard")),
        Column(words("figures.by_model")),
        Column(words("figures.n"), is_number=True),
        *mean_columns(words, words("figures.mean")),
        *share_columns(words, words("figures.flagged")),
    ]
    return [
        *whole_tables(visit, scope),
        Table(
            "trend", words("figures.trend_title"), columns,
            [_row(figure, scope, words) for figure in shown], words("figures.trend_lead"),
            charts=charts, legend=legend,
            notes=hidden_note(figures, words, smallest),
        ),
    ]  # fmt: skip


def cut_charts(
    measured: Sequence[Measured], scope: Scope, words: Wording, name: str
) -> tuple[tuple[Markup, ...], list[str]]:
    """Return the drawing of means over time, none of a single one, and the words for its cuts."""
    if len(measured) < 2:
        return (), []
    periods = _all_periods([one.group[0] for one in measured], scope.step)
    labels = {period: period_name(period, scope.step, words) for period in periods}
    cuts = find_cuts([one.group for one in measured], periods)
    chart = cut_timeline(
        list(labels.values()), _stretches(measured, labels, words), [c.place for c in cuts], name
    )
    said = [_said(i, cut, scope, words) for i, cut in enumerate(cuts, 1)]
    return (chart,), said or [words("figures.no_cut")]


def find_cuts(groups: Sequence[tuple[str, ...]], periods: Sequence[str]) -> list[Cut]:
    """Return where a version appears for the first time, from the second version on.

    Args:
        groups: Period, standard and model, in ascending order of the period.
        periods: All periods of the axis.
    """
    first: dict[Version, str] = {}
    last: Version | None = None
    cuts = []
    for period, standard, model in groups:
        version = (standard, model)
        if version not in first:
            first[version] = period
            if last is not None:
                cuts.append(Cut(periods.index(period), period, last, version))
            last = version
    return cuts


def _all_periods(known: list[str], step: str) -> list[str]:
    """Return every period from the first to the last, also those without conversations."""
    if not known:
        return []
    day, last = date.fromisoformat(min(known)), date.fromisoformat(max(known))
    periods = []
    while day <= last:
        periods.append(day.isoformat())
        if step == "month":
            day = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        else:
            day += timedelta(days=7 if step == "week" else 1)
    return periods


def _stretches(
    measured: Sequence[Measured], labels: Mapping[str, str], words: Wording
) -> list[Stretch]:
    places = {period: place for place, period in enumerate(labels)}
    points: dict[Version, list[tuple[int, Point]]] = {}
    for one in measured:
        period, standard, model = one.group
        title = f"{labels[period]}: {words.number(one.mean.value, 1)} ({words.number(one.n)})"
        point = Point(labels[period], title, one.mean)
        points.setdefault((standard, model), []).append((places[period], point))
    return [Stretch(found) for found in points.values()]


def period_name(period: str, step: str, words: Wording) -> str:
    """Return a day, week or month in words."""
    day = date.fromisoformat(period)
    return {"day": words.day, "week": words.week, "month": words.month}[step](day)


def _said(index: int, cut: Cut, scope: Scope, words: Wording) -> str:
    whats = (words("figures.by_standard"), words("figures.by_model"))
    changes = [
        f"{what}: {before} → {after}"
        for what, before, after in zip(whats, cut.before, cut.after, strict=True)
        if before != after
    ]
    name = period_name(cut.period, scope.step, words)
    return words("figures.cut", n=str(index), period=name, changes="; ".join(changes))


def _row(figure: ScoreFigure, scope: Scope, words: Wording) -> list[Cell]:
    period, standard, model = figure.group
    return [
        Cell(period_name(period, scope.step, words), period),
        text(standard),
        text(model),
        number(figure.n, words),
        *mean_cells(interval_of(figure.mean or 0.0, figure.sd, figure.n), words),
        *share_cells(figure.n_flagged, figure.n, words),
    ]
