"""What the figures are of: the period and the filters that the address names."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, cast, get_args

from convqa.review.visit import Visit
from convqa.store.figures import Grouping
from convqa.store.filters import Filters
from convqa.store.moves import Newest, find_newest

Period = Literal["28", "91", "365", "all"]
PERIODS: tuple[Period, ...] = get_args(Period)
Sort = Literal["name", "mean", "sd"]
SORTS: tuple[Sort, ...] = get_args(Sort)
GROUPINGS: Mapping[str, Grouping] = {
    "team": "team", "agent": "agent_id", "language": "language", "channel": "channel",
    "queue": "queue", "standard": "standard",
}  # fmt: skip

# Days fit side by side for four weeks, weeks for a year.
_STEPS: Mapping[Period, Grouping] = {"28": "day", "91": "week", "365": "week", "all": "month"}
_FILTERS = ("team", "agent", "language", "channel", "queue", "standard")
_KEPT = ("period", "by", "sort", "criterion", *_FILTERS)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a page shows. `filters` hold the period; `selection` are the same without it."""

    period: Period
    by: str
    sort: Sort
    criterion: str
    newest: Newest | None
    filters: Filters
    selection: Filters
    parameters: Mapping[str, str]

    @property
    def step(self) -> Grouping:
        """How long one point of a trend is."""
        return _STEPS[self.period]


def parse_scope(query: Mapping[str, str], visit: Visit) -> Scope:
    """Return what an address names; what cannot be does not matter.

    Where only figures of groups may be seen, no agent can be named.
    """
    given = {name: query[name].strip()[:200] for name in _KEPT if query.get(name, "").strip()}
    if visit.reader.aggregate_only:
        given.pop("agent", None)
    period = cast(Period, given.get("period", ""))
    sort = cast(Sort, given.get("sort", ""))
    selection = Filters(
        team=given.get("team"), agent_id=given.get("agent"), language=given.get("language"),
        channel=given.get("channel"), queue=given.get("queue"),
        standard_version=given.get("standard"),
    )  # fmt: skip
    period = period if period in PERIODS else "91"
    newest = find_newest(visit.database, visit.reader, selection)
    by = given.get("by", "")
    return Scope(
        period=period,
        by=by if by in groupings(visit) else "team",
        sort=sort if sort in SORTS else "name",
        criterion=given.get("criterion", ""),
        newest=newest,
        filters=replace(selection, first_day=_first_day(newest, period)),
        selection=selection,
        parameters=given,
    )


def groupings(visit: Visit) -> list[str]:
    """Return what who visits may group by: no agents where only groups may be seen."""
    return [by for by in GROUPINGS if by != "agent" or not visit.reader.aggregate_only]


def _first_day(newest: Newest | None, period: Period) -> date | None:
    if newest is None or period == "all":
        return None
    return newest.day - timedelta(days=int(period) - 1)
