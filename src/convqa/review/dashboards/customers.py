"""The score beside what customers said and did, and mystery shops beside the rest."""

from math import atanh, sqrt, tanh

from convqa.report.marks import visible
from convqa.report.wording import Wording
from convqa.review.criteria import criterion_names
from convqa.review.dashboards.criteria import DECIDED
from convqa.review.dashboards.groups import hidden_note
from convqa.review.dashboards.moved import signed
from convqa.review.dashboards.scope import Scope
from convqa.review.dashboards.tables import (
    FEWEST_TO_COMPARE,
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
from convqa.store.customers import (
    RANGE_WIDTH,
    Correlation,
    by_score_range,
    satisfaction_correlation,
)
from convqa.store.figures import CriterionFigure, criterion_figures, score_figures
from convqa.store.small_groups import guarded

_Z = 1.959964  # the 97.5 % quantile of the normal distribution


def customer_tables(visit: Visit, scope: Scope) -> list[Table]:
    """Return what customers gave by range of the score, and mystery shops beside the rest."""
    return [_satisfaction(visit, scope), *_shops(visit, scope)]


def _satisfaction(visit: Visit, scope: Scope) -> Table:
    words = visit.words
    columns = [
        Column(words("figures.range")),
        Column(words("figures.n"), is_number=True),
        Column(words("figures.csat"), is_number=True),
        Column(words("figures.sd"), is_number=True),
        Column(words("figures.n_csat"), is_number=True),
        *share_columns(words, words("figures.recontact"), is_drawn=True),
        Column(words("figures.n_recontact"), is_number=True),
    ]
    smallest = visit.settings.smallest_group
    figures = by_score_range(visit.database, visit.reader, scope.filters)
    rows = []
    for figure in figures:
        if figure.n < smallest:
            continue
        name = f"{figure.low}–{figure.low + RANGE_WIDTH}"
        asked = figure.n_recontact if figure.n_again is not None else 0
        rows.append(
            [
                text(name), number(figure.n, words), number(figure.mean_csat, words, 2),
                number(figure.sd_csat, words, 2),
                number(figure.n_csat if figure.mean_csat is not None else None, words),
                *share_cells(figure.n_again or 0, asked, words, is_drawn=True),
                number(asked or None, words),
            ]
        )  # fmt: skip
    found = satisfaction_correlation(visit.database, visit.reader, scope.filters)
    has_any = any(figure.n_csat or figure.n_recontact for figure in figures)
    notes = [_correlation(found, words)] if has_any else [words("figures.no_customers")]
    return Table(
        "customers", words("figures.customers_title"), columns, rows if has_any else [],
        words("figures.customers_lead"), notes=notes,
    )  # fmt: skip


def _correlation(found: Correlation, words: Wording) -> str:
    if found.r is None or found.n < FEWEST_TO_COMPARE:
        return words("figures.no_correlation", n=words.number(FEWEST_TO_COMPARE))
    # Fisher 1915: atanh(r) is nearly normal with variance 1 / (n - 3).
    held = max(-0.999, min(0.999, found.r))
    margin = _Z / sqrt(found.n - 3)
    low, high = tanh(atanh(held) - margin), tanh(atanh(held) + margin)
    return words(
        "figures.correlation", r=_two(found.r, words), low=_two(low, words),
        high=_two(high, words), n=words.number(found.n),
    )  # fmt: skip


def _two(value: float, words: Wording) -> str:
    return signed(value, words)[0] + words.number(abs(value), 2)


def _shops(visit: Visit, scope: Scope) -> list[Table]:
    words, smallest = visit.words, visit.settings.smallest_group
    found = score_figures(visit.database, visit.reader, scope.filters, ("mystery_shop",))
    figures = guarded(found, visit.reader, smallest)
    columns = [
        Column(words("figures.kind")),
        Column(words("figures.n"), is_number=True),
        *mean_columns(words, words("figures.mean")),
        Column(words("figures.sd"), is_number=True),
        *share_columns(words, words("figures.flagged")),
    ]
    rows = [
        [
            text(words(f"figures.shop_{figure.group[0]}")), number(figure.n, words),
            *mean_cells(interval_of(figure.mean or 0.0, figure.sd, figure.n), words),
            number(figure.sd, words, 1), *share_cells(figure.n_flagged, figure.n, words),
        ]
        for figure in figures
        if not figure.is_hidden
    ]  # fmt: skip
    notes = hidden_note(figures, words, smallest)
    if not any(figure.group[0] == "yes" for figure in figures):
        return [Table("shops", words("figures.shops_title"), columns, [],
                      notes=[words("figures.no_shops")])]  # fmt: skip
    title, lead = words("figures.shops_title"), words("figures.shops_lead")
    tables = [Table("shops", title, columns, rows, lead, notes=notes)]
    if len(rows) == len(("yes", "no")):
        tables.append(_shop_criteria(visit, scope))
    return tables


def _shop_criteria(visit: Visit, scope: Scope) -> Table:
    words = visit.words
    names = criterion_names(visit.database, words.language)
    sides: dict[str, dict[str, CriterionFigure]] = {"yes": {}, "no": {}}
    for figure in criterion_figures(visit.database, visit.reader, scope.filters, ("mystery_shop",)):
        sides[figure.group[0]][figure.criterion_id] = figure
    columns = [Column(words("queue.by_criterion"))]
    for side in sides:
        heading = f"{words(f'figures.shop_{side}')}: {words('figures.met')}"
        columns += [*share_columns(words, heading), Column(words("figures.n"), is_number=True)]
    rows = []
    for id_ in [*names, *sorted(sides["yes"].keys() - names.keys())]:
        if id_ not in sides["yes"] or id_ not in sides["no"]:
            continue
        cells = [text(visible(names.get(id_, id_)))]
        for figures in sides.values():
            cells += _met(figures[id_], words)
        rows.append(cells)
    return Table("shop_criteria", words("figures.shop_criteria_title"), columns, rows)


def _met(figure: CriterionFigure, words: Wording) -> list[Cell]:
    n = sum(figure.outcomes.get(outcome, 0) for outcome in DECIDED)
    return [*share_cells(figure.outcomes.get("pass", 0), n, words), number(n or None, words)]
