"""What moved since the day before and the week before, beyond chance."""

from datetime import timedelta
from math import sqrt

from convqa.agreement import wilson_interval
from convqa.report.wording import Wording
from convqa.review.criteria import criterion_names
from convqa.review.dashboards.groups import group_name
from convqa.review.dashboards.scope import GROUPINGS, Scope
from convqa.review.dashboards.tables import (
    FEWEST_TO_COMPARE,
    Cell,
    Column,
    Table,
    number,
    text,
)
from convqa.review.visit import Visit
from convqa.store.moves import Moved, Newest, criterion_moves, score_moves

_Z = 1.959964  # the 97.5 % quantile of the normal distribution
_BY = ("team", "language", "channel")


def moved_tables(visit: Visit, scope: Scope) -> list[Table]:
    """Return the changes of a day and of a week; none where nothing has a score."""
    if scope.newest is None:
        return []
    return [_moved(visit, scope, scope.newest, days) for days in (1, 7)]


def _moved(visit: Visit, scope: Scope, newest: Newest, days: int) -> Table:
    words = visit.words
    key = "day" if days == 1 else "week"
    columns = [
        Column(words("figures.what")),
        Column(words("figures.before"), is_number=True),
        Column(words("figures.n_before"), is_number=True),
        Column(words("figures.after"), is_number=True),
        Column(words("figures.n_after"), is_number=True),
        Column(words("figures.change"), is_number=True),
        Column(words("figures.interval"), is_number=True, saved=False),
        Column(words("figures.low"), shown=False),
        Column(words("figures.high"), shown=False),
        Column(words("figures.verdict")),
    ]
    pairs = _score_pairs(visit, scope, newest, days) + _criterion_pairs(visit, scope, newest, days)
    rows = [_row(name, before, after, words) for name, before, after in pairs]
    first = newest.day - timedelta(days=days - 1)
    last_before = first - timedelta(days=1)
    lead = words(
        "figures.moved_lead", first=words.day(first), last=words.day(newest.day),
        first_before=words.day(first - timedelta(days=days)), last_before=words.day(last_before),
    )  # fmt: skip
    if days == 1:
        lead = words(
            "figures.moved_lead_day", day=words.day(newest.day), before=words.day(last_before)
        )
    notes = [words("figures.moved_version", standard=newest.standard, model=newest.model)]
    if not rows:
        notes.insert(0, words("figures.moved_nothing"))
    return Table(
        f"moved_{key}", words(f"figures.moved_{key}"), columns, rows, lead, notes=notes
    )  # fmt: skip


def _score_pairs(
    visit: Visit, scope: Scope, newest: Newest, days: int
) -> list[tuple[str, Moved, Moved]]:
    words = visit.words
    found = score_moves(visit.database, visit.reader, scope.selection, newest, days)
    pairs = _paired({words("figures.mean"): found})
    for by in _BY:
        moved = score_moves(
            visit.database, visit.reader, scope.selection, newest, days, (GROUPINGS[by],)
        )
        groups: dict[str, tuple[Moved, ...]] = {}
        for one in moved:
            name = f"{words(f'figures.by_{by}')}: {group_name(by, one.group[0], words)}"
            groups[name] = (*groups.get(name, ()), one)
        # One group is the whole: its row would say the same again.
        pairs += _paired(groups) if len(groups) > 1 else []
    return pairs


def _criterion_pairs(
    visit: Visit, scope: Scope, newest: Newest, days: int
) -> list[tuple[str, Moved, Moved]]:
    names = criterion_names(visit.database, visit.words.language)
    groups: dict[str, tuple[Moved, ...]] = dict.fromkeys(names, ())
    for one in criterion_moves(visit.database, visit.reader, scope.selection, newest, days):
        groups[one.what] = (*groups.get(one.what, ()), one)
    met = visit.words("figures.met")
    return _paired({f"{names.get(id_, id_)}: {met}": found for id_, found in groups.items()})


def _paired(groups: dict[str, tuple[Moved, ...]]) -> list[tuple[str, Moved, Moved]]:
    """Return the groups that are shown in both stretches."""
    pairs = []
    for name, found in groups.items():
        by_stretch = {moved.stretch: moved for moved in found if moved.mean is not None}
        if len(by_stretch) == len(("before", "after")):
            pairs.append((name, by_stretch["before"], by_stretch["after"]))
    return pairs


def _row(name: str, before: Moved, after: Moved, words: Wording) -> list[Cell]:
    scale = 100 if after.what else 1
    old, new = scale * (before.mean or 0.0), scale * (after.mean or 0.0)
    change = new - old
    verdict = "figures.too_few"
    ends = [Cell(""), Cell(""), Cell("")]
    if min(before.n, after.n) >= FEWEST_TO_COMPARE:
        low, high = _share_ends(before, after) if after.what else _mean_ends(before, after)
        verdict = "figures.same"
        if low > 0:
            verdict = "figures.up"
        elif high < 0:
            verdict = "figures.down"
        ends = [Cell(f"{signed(low, words)} – {signed(high, words)}"),
                Cell("", round(low, 4)), Cell("", round(high, 4))]  # fmt: skip
    return [
        text(name), number(old, words, 1), number(before.n, words), number(new, words, 1),
        number(after.n, words), Cell(signed(change, words), round(change, 4)), *ends,
        text(words(verdict)),
    ]  # fmt: skip


def _mean_ends(before: Moved, after: Moved) -> tuple[float, float]:
    """Return the 95 % interval of a change of means of many conversations."""
    change = (after.mean or 0.0) - (before.mean or 0.0)
    margin = _Z * sqrt((before.sd or 0.0) ** 2 / before.n + (after.sd or 0.0) ** 2 / after.n)
    return change - margin, change + margin


def _share_ends(before: Moved, after: Moved) -> tuple[float, float]:
    """Return the 95 % interval of a change of shares, in percent (Newcombe 1998, method 10)."""
    old, new = (wilson_interval(round((m.mean or 0.0) * m.n), m.n) for m in (before, after))
    change = new.share - old.share
    low = change - sqrt((new.share - new.low) ** 2 + (old.high - old.share) ** 2)
    high = change + sqrt((new.high - new.share) ** 2 + (old.share - old.low) ** 2)
    return 100 * low, 100 * high


def signed(value: float, words: Wording) -> str:
    """Return a change with its sign; a true minus, so that it does not break off."""
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return sign + words.number(abs(value), 1)
