"""Figures by team, agent, language, channel, queue and standard, and how even the work is."""

from collections.abc import Sequence

from convqa.report.marks import visible
from convqa.report.wording import Wording
from convqa.review.dashboards.scope import GROUPINGS, Scope
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
from convqa.review.dashboards.whole import whole_tables
from convqa.review.render import address
from convqa.review.visit import Visit
from convqa.store.figures import ScoreFigure, score_figures
from convqa.store.small_groups import guarded

# The filters of the queue that a group can be looked up with.
_LINKED = ("team", "agent", "language", "channel", "queue")


def group_tables(visit: Visit, scope: Scope) -> list[Table]:
    """Return the figures of each group, those with too few to compare at the end."""
    words, smallest = visit.words, visit.settings.smallest_group
    found = score_figures(visit.database, visit.reader, scope.filters, (GROUPINGS[scope.by],))
    figures = guarded(found, visit.reader, smallest)
    shown = ordered([f for f in figures if not f.is_hidden], scope)
    columns = [
        Column(words(f"figures.by_{scope.by}")),
        Column(words("figures.n"), is_number=True),
        Column(words("figures.n_agents"), is_number=True),
        *mean_columns(words, words("figures.mean")),
        Column(words("figures.sd"), is_number=True),
        *share_columns(words, words("figures.flagged")),
        Column(words("figures.critical"), is_number=True),
        Column(words("figures.compared")),
    ]
    rows = [_row(figure, scope, visit) for figure in shown]
    lead = words("figures.groups_lead", n=words.number(FEWEST_TO_COMPARE))
    title = words("figures.groups_title", dimension=words(f"figures.by_{scope.by}"))
    notes = hidden_note(figures, words, smallest)
    table = Table("groups", title, columns, rows, lead, notes=notes)
    return [*whole_tables(visit, scope), table]


def ordered(figures: Sequence[ScoreFigure], scope: Scope) -> list[ScoreFigure]:
    """Return groups by name, or by figure where there are enough conversations to compare."""
    by_name = sorted(figures, key=lambda f: f.group[0].casefold())
    if scope.sort == "name":
        return by_name
    many = [f for f in by_name if f.n >= FEWEST_TO_COMPARE]
    few = [f for f in by_name if f.n < FEWEST_TO_COMPARE]
    if scope.sort == "mean":
        return sorted(many, key=lambda f: -(f.mean or 0.0)) + few
    return sorted(many, key=lambda f: f.sd or 0.0) + few


def hidden_note(figures: Sequence[ScoreFigure], words: Wording, smallest: int) -> list[str]:
    """Return what is said of groups that are too small to be shown, nothing where none is."""
    n_hidden = sum(figure.is_hidden for figure in figures)
    if not n_hidden:
        return []
    notes = [words.count("figures.hidden", n_hidden, smallest=words.number(smallest))]
    n_all = sum(figure.n for figure in figures)
    if n_hidden == len(figures) and n_all >= smallest:
        notes.append(words.count("figures.all_hidden", n_all))
    return notes


def group_name(by: str, value: str, words: Wording) -> str:
    """Return the name of a group in words."""
    if not value.strip():
        return words("figures.not_given")
    return words.label(by, visible(value)) if by in ("language", "channel") else visible(value)


def _row(figure: ScoreFigure, scope: Scope, visit: Visit) -> list[Cell]:
    words = visit.words
    value = figure.group[0]
    link = ""
    if value and scope.by in _LINKED and not visit.reader.aggregate_only:
        link = address("/queue", {"tab": "all", scope.by: value})
    mean = interval_of(figure.mean or 0.0, figure.sd, figure.n)
    is_enough = figure.n >= FEWEST_TO_COMPARE
    return [
        text(group_name(scope.by, value, words), link),
        number(figure.n, words),
        number(figure.n_agents, words),
        *mean_cells(mean, words),
        number(figure.sd, words, 1),
        *share_cells(figure.n_flagged, figure.n, words),
        number(figure.n_critical, words),
        text("" if is_enough else words("figures.too_few")),
    ]
