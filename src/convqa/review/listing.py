"""A list of conversations as its address says: the tab, the filters, the order and the page.

The same parameters follow into a conversation, so that its neighbours are those of the list.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, cast, get_args

from convqa.review.visit import Visit
from convqa.schema import Outcome
from convqa.store.browsing import (
    ConversationRow,
    Neighbours,
    Page,
    Sort,
    find_conversations,
    find_neighbours,
    reading_list,
)
from convqa.store.filters import Filters

Tab = Literal["today", "flagged", "mine", "again", "sample", "all"]
TABS: tuple[Tab, ...] = get_args(Tab)
SORTS: tuple[Sort, ...] = get_args(Sort)
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
PAGE_SIZE = 50

# The parameters of an address; empty and unknown ones are left out.
_TEXTS = (
    "q", "flag", "language", "channel", "agent", "team", "queue", "band", "criterion", "outcome",
    "from", "to", "reviewed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list shows. `parameters` are those of its address but for the page."""

    tab: Tab
    sort: Sort
    page: int
    filters: Filters
    parameters: Mapping[str, str]

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the tab and the order narrows it."""
        return bool(set(self.parameters) - {"tab", "sort", "sample"})


def parse_listing(query: Mapping[str, str], username: str) -> Listing:
    """Return the list that the parameters of an address name; what cannot be does not matter."""
    tab = cast(Tab, query.get("tab", ""))
    if tab not in TABS:
        tab = "today"
    sort = cast(Sort, query.get("sort", ""))
    if sort not in SORTS:
        sort = "risk"
    given = {name: query[name].strip()[:200] for name in _TEXTS if query.get(name, "").strip()}
    parameters = {"tab": tab, **given}
    if sort != "risk":
        parameters["sort"] = sort
    filters = _of_tab(tab, _filters(given), username)
    if tab == "sample" and _number(query.get("sample", "")):
        parameters["sample"] = query["sample"]
        filters = replace(filters, sample=_number(query["sample"]))
    return Listing(tab, sort, _number(query.get("page", "")) or 1, filters, parameters)


def _filters(given: Mapping[str, str]) -> Filters:
    outcome = given.get("outcome")
    return Filters(
        text=given.get("q", ""),
        flag=given.get("flag"),
        language=given.get("language"),
        channel=given.get("channel"),
        agent_id=given.get("agent"),
        team=given.get("team"),
        queue=given.get("queue"),
        band=given.get("band"),
        criterion=given.get("criterion"),
        outcome=outcome if outcome in OUTCOMES else None,
        first_day=_day(given.get("from")),
        last_day=_day(given.get("to")),
        is_reviewed={"yes": True, "no": False}.get(given.get("reviewed", "")),
    )


def _of_tab(tab: Tab, filters: Filters, username: str) -> Filters:
    match tab:
        case "flagged":
            return replace(filters, is_flagged=True)
        case "mine":
            return replace(filters, assigned_to=username)
        case "again":
            return replace(filters, is_stale=True)
        case _:
            return filters


def _number(text: str) -> int | None:
    # Ten digits hold every page and key there can be, and fit every database.
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        return None


def read_page(visit: Visit, listing: Listing) -> Page:
    """Return the conversations of a list that who visits may see."""
    if listing.tab == "today":
        rows = reading_list(visit.database, visit.reader)
        return Page(rows, len(rows), is_more=False, number=1, size=max(1, len(rows)))
    if listing.tab == "sample" and listing.filters.sample is None:
        return Page((), 0, is_more=False, number=1, size=PAGE_SIZE)
    return find_conversations(
        visit.database, visit.reader, listing.filters, sort=listing.sort, number=listing.page,
        size=PAGE_SIZE,
    )  # fmt: skip


def read_neighbours(visit: Visit, listing: Listing, key: int) -> Neighbours:
    """Return what comes before and after a conversation in a list.

    One that has left the list, because it was reviewed meanwhile, is followed by the first.
    """
    if listing.tab == "today":
        keys = [row.key for row in reading_list(visit.database, visit.reader)]
        found = _around(keys, key)
    else:
        found = find_neighbours(
            visit.database, visit.reader, listing.filters, key, sort=listing.sort
        )
    if found.previous is None and found.next is None:
        first = _first(visit, listing)
        if first is not None and first.key != key:
            return Neighbours(None, first.key)
    return found


def _around(keys: list[int], key: int) -> Neighbours:
    if key not in keys:
        return Neighbours(None, None)
    place = keys.index(key)
    before = keys[place - 1] if place else None
    return Neighbours(before, keys[place + 1] if place + 1 < len(keys) else None)


def _first(visit: Visit, listing: Listing) -> ConversationRow | None:
    rows = read_page(visit, replace(listing, page=1)).rows
    return rows[0] if rows else None
