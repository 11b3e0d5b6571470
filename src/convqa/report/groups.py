"""Figures by language, channel, queue, team and agent, by what customers said, and over time.

Groups stand in alphabetical order, never by score: with some ten conversations each, most of a
ranking would be chance. Each mean comes with its interval, and small groups are not shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from convqa.agreement import wilson_interval
from convqa.report.charts import Point, timeline, whisker
from convqa.report.figures import SMALLEST_GROUP, Mean, share
from convqa.report.marks import visible
from convqa.report.tally import DIMENSIONS, Dimension, GroupTally, Tally
from convqa.report.wording import Wording

# More rows than this are not read; those with the most conversations stay.
_MAX_ROWS = 100
# Days fit side by side for six weeks, weeks for two years.
_MAX_DAYS, _MAX_DAYS_AS_WEEKS = 42, 730


@dataclass(frozen=True, slots=True)
class GroupRow:
    """The figures of one group; `query` filters the list of conversations."""

    name: str
    n: str
    mean: str
    interval: str
    flagged: str
    flagged_interval: str
    chart: Markup
    query: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing and what it shows."""

    title: str
    drawing: Markup


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The groups of one dimension; `notes` say what is left out and why."""

    title: str
    column: str
    rows: tuple[GroupRow, ...]
    notes: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()


def breakdowns(tally: Tally, words: Wording) -> tuple[Breakdown, ...]:
    """Return a breakdown for each dimension with more than one group."""
    return tuple(
        _breakdown(dimension, tally.groups[dimension], words)
        for dimension in DIMENSIONS
        if len(tally.groups[dimension]) > 1
    )


def _is_shown(dimension: Dimension, group: GroupTally) -> bool:
    """Tell whether figures of a group may be shown: enough conversations, and agents of a team."""
    if group.n < SMALLEST_GROUP:
        return False
    return dimension != "team" or not group.agents or len(group.agents) >= SMALLEST_GROUP


def _breakdown(
    dimension: Dimension, groups: Mapping[str | None, GroupTally], words: Wording
) -> Breakdown:
    shown = {name: group for name, group in groups.items() if _is_shown(dimension, group)}
    largest = sorted(shown, key=lambda name: (-shown[name].n, name or ""))[:_MAX_ROWS]
    rows = sorted(
        (_row(_name(dimension, name, words), shown[name], _query(dimension, name), words)
         for name in largest),
        key=lambda row: _place(dimension, row.name),
    )  # fmt: skip
    notes = []
    hidden = [group for name, group in groups.items() if name not in shown]
    if hidden:
        key = "small_teams" if dimension == "team" else "small_groups"
        n_conversations = sum(group.n for group in hidden)
        notes.append(words.count(key, len(hidden), conversations=words.number(n_conversations)))
    if len(shown) > _MAX_ROWS:
        notes.append(
            words("largest_groups", n=words.number(_MAX_ROWS), all=words.number(len(shown)))
        )
    column = words.label("dimension", dimension)
    title = words(f"by_{dimension}")
    return Breakdown(title, column, tuple(rows), tuple(notes))


def _place(dimension: Dimension, name: str) -> tuple[float, str]:
    """Return where a group stands: answers in their order, names in that of the alphabet."""
    if dimension == "csat":
        return float(name.partition("–")[0]), name
    return 0.0, name.casefold()


def _name(dimension: Dimension, name: str | None, words: Wording) -> str:
    if name is None:
        return words("not_given")
    if dimension in {"language", "channel", "mystery_shop", "recontact"}:
        return words.label(dimension, visible(name))
    return visible(name)


def _query(dimension: Dimension, name: str | None) -> str:
    if name is None or dimension in {"mystery_shop", "recontact", "csat"}:
        return ""  # the list of conversations has no such filter
    return f"{dimension}={visible(name)}"


def _row(name: str, group: GroupTally, query: str, words: Wording) -> GroupRow:
    mean = group.scores.mean()
    flagged = share(group.flagged, group.n)
    return GroupRow(
        name=name,
        n=words.number(group.n),
        mean=words.number(mean.value, 1) if mean else "–",
        interval=_interval(mean, words),
        flagged=words.percent(flagged.share) if flagged else "–",
        flagged_interval=(
            f"{words.percent(flagged.low)} – {words.percent(flagged.high)}" if flagged else ""
        ),
        chart=whisker(mean, _described(mean, words)) if mean else Markup(),
        query=query,
    )


def _interval(mean: Mean | None, words: Wording) -> str:
    if mean is None or mean.low is None or mean.high is None:
        return ""
    return f"{words.number(mean.low, 1)} – {words.number(mean.high, 1)}"


def _described(mean: Mean, words: Wording) -> str:
    interval = _interval(mean, words)
    value = words.number(mean.value, 1)
    return words("mean_interval", mean=value, interval=interval) if interval else value


def over_time(tally: Tally, words: Wording) -> Breakdown | None:
    """Return means by day, week or month, None where all conversations are of one day."""
    if len(tally.days) < 2:
        return None
    first, last = min(tally.days), max(tally.days)
    periods: dict[date, GroupTally] = {}
    for day, group in sorted(tally.days.items()):
        start = _period_start(day, last - first)
        periods.setdefault(start, GroupTally()).merge(group)
    if len(periods) < 2:
        return None
    shown = {start: group for start, group in periods.items() if group.n >= SMALLEST_GROUP}
    labels = {start: _period_label(start, last - first, words) for start in shown}
    rows = tuple(_row(labels[start], group, "", words) for start, group in shown.items())
    n_hidden = len(periods) - len(shown)
    notes = (words.count("small_periods", n_hidden),) if n_hidden else ()
    charts = _time_charts([(labels[start], group) for start, group in shown.items()], words)
    return Breakdown(words("over_time"), words.label("dimension", "period"), rows, notes, charts)


def _time_charts(
    groups: Sequence[tuple[str, GroupTally]], words: Wording
) -> tuple[Chart, ...]:  # fmt: skip
    """Return the mean score and the share flagged of each period, none for a single period."""
    if len(groups) < 2:
        return ()
    means = [(label, group.scores.mean()) for label, group in groups]
    scores = [
        Point(label, f"{label}: {_described(mean, words)}", mean) for label, mean in means if mean
    ]
    shares = []
    for label, group in groups:
        flagged = wilson_interval(group.flagged, group.n)
        title = f"{label}: {words.percent(flagged.share)}"
        mean = Mean(100 * flagged.share, 100 * flagged.low, 100 * flagged.high)
        shares.append(Point(label, title, mean))
    return (
        Chart(words("mean_score"), timeline(scores, words("time_name"))),
        Chart(words("flagged_percent"), timeline(shares, words("flagged_name"))),
    )


def _period_start(day: date, length: timedelta) -> date:
    if length.days <= _MAX_DAYS:
        return day
    if length.days <= _MAX_DAYS_AS_WEEKS:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1)


def _period_label(start: date, length: timedelta, words: Wording) -> str:
    if length.days <= _MAX_DAYS:
        return words.day(start)
    return words.week(start) if length.days <= _MAX_DAYS_AS_WEEKS else words.month(start)
