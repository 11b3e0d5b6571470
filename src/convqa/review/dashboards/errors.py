"""How often the machine errs, estimated from the random sample."""

from collections import Counter

from convqa.report.marks import visible
from convqa.report.wording import Wording
from convqa.review.criteria import criterion_names
from convqa.review.dashboards.scope import Scope
from convqa.review.dashboards.tables import (
    Cell,
    Column,
    Table,
    number,
    share_cells,
    share_columns,
    text,
)
from convqa.review.visit import Visit
from convqa.schema import Outcome
from convqa.store.figures import agreement_counts
from convqa.store.sampled import SampledErrors, sampled_errors

_RANKS: dict[Outcome, int] = {"fail": 0, "partial": 1, "pass": 2}


def error_tables(visit: Visit, scope: Scope) -> list[Table]:
    """Return the error rate of whole conversations and of each criterion."""
    found = sampled_errors(visit.database, visit.reader, scope.filters)
    tables = [_of_conversations(found, visit)]
    return tables if found.is_hidden else [*tables, _of_criteria(visit, scope)]


def _of_conversations(found: SampledErrors, visit: Visit) -> Table:
    words = visit.words
    columns = [
        Column(words("figures.what")),
        Column(words("figures.of_n"), is_number=True),
        Column(words("figures.wrong_n"), is_number=True),
        *share_columns(words, words("figures.rate"), is_drawn=True),
    ]
    counts = [
        ("figures.any_wrong", found.n_wrong, found.n_reviewed),
        ("figures.missed", found.n_missed, found.n_reviewed - found.n_flagged),
        ("figures.flagged_wrongly", found.n_flagged_wrongly, found.n_flagged),
    ]
    rows = [
        [text(words(key)), number(n, words), number(k, words),
         *share_cells(k, n, words, is_drawn=True)]
        for key, k, n in counts
    ]  # fmt: skip
    notes = [words("figures.sampled", reviewed=words.number(found.n_reviewed),
                   drawn=words.number(found.n_drawn))]  # fmt: skip
    if found.is_hidden:
        smallest = words.number(visit.settings.smallest_group)
        rows, notes = [], [words("figures.no_sample", smallest=smallest,
                                 reviewed=words.number(found.n_reviewed))]  # fmt: skip
    elif found.mean_change is not None:
        notes.append(words("figures.mean_change", points=words.number(found.mean_change, 1),
                           n=words.number(found.n_scores)))  # fmt: skip
    return Table(
        "errors", words("figures.errors_title"), columns, rows, words("figures.errors_lead"),
        notes=notes,
    )  # fmt: skip


def _of_criteria(visit: Visit, scope: Scope) -> Table:
    words = visit.words
    names = criterion_names(visit.database, words.language)
    counts: dict[str, Counter[str]] = {}
    for one in agreement_counts(visit.database, visit.reader, scope.filters):
        if one.is_random:
            counts.setdefault(one.criterion_id, Counter())[_kind(one.machine, one.human)] += one.n
    columns = [
        Column(words("queue.by_criterion")),
        Column(words("figures.of_n"), is_number=True),
        *share_columns(words, words("figures.rate"), is_drawn=True),
        Column(words("figures.strict"), is_number=True),
        Column(words("figures.lenient"), is_number=True),
        Column(words("figures.otherwise"), is_number=True),
    ]
    smallest = visit.settings.smallest_group
    order = [*(id_ for id_ in names if id_ in counts), *sorted(counts.keys() - names.keys())]
    shown = [id_ for id_ in order if counts[id_].total() >= smallest]
    rows = [_row(names.get(id_, id_), counts[id_], words) for id_ in shown]
    n_hidden = len(order) - len(shown)
    notes = []
    if n_hidden:
        notes = [words.count("figures.hidden", n_hidden, smallest=words.number(smallest))]
    return Table(
        "criterion_errors", words("figures.criterion_errors_title"), columns, rows, notes=notes
    )


def _kind(machine: Outcome, human: Outcome) -> str:
    if machine == human:
        return "right"
    if machine not in _RANKS or human not in _RANKS:
        return "otherwise"
    return "strict" if _RANKS[machine] < _RANKS[human] else "lenient"


def _row(name: str, counts: Counter[str], words: Wording) -> list[Cell]:
    n = counts.total()
    return [
        text(visible(name)), number(n, words),
        *share_cells(n - counts["right"], n, words, is_drawn=True),
        *(number(counts[kind], words) for kind in ("strict", "lenient", "otherwise")),
    ]  # fmt: skip
