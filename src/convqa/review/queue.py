"""The queue: what is worth reading, found again by its address."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from fastapi import Request
from fastapi.responses import Response

from convqa.report.wording import Wording
from convqa.review.access import MANAGERS, REVIEWERS, NavItem, Pages
from convqa.review.criteria import bands_from_best, criterion_names, place_in
from convqa.review.errors import go, local_path
from convqa.review.forms import Form
from convqa.review.listing import (
    OUTCOMES,
    PAGE_SIZE,
    SORTS,
    TABS,
    Listing,
    parse_listing,
    read_page,
)
from convqa.review.people import reviewers
from convqa.review.render import address, render
from convqa.review.visit import Visit, visit_of
from convqa.store.browsing import Choices, ConversationRow, find_choices
from convqa.store.filters import Filters
from convqa.store.in_use import standards_in_use
from convqa.store.notes import assign
from convqa.store.passages import find_passages
from convqa.store.samples import draw_sample, list_samples
from convqa.store.search import find_terms, search_terms

pages = Pages(nav=(NavItem("queue.nav", "/queue", REVIEWERS),))

Options = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Select:
    """One choice among the filters: the name in the address, the key of its words, the options."""

    name: str
    key: str
    options: Options
    chosen: str


@pages.get("/queue", REVIEWERS)
def queue(request: Request) -> Response:
    """Show a page of the list that the address names."""
    visit = visit_of(request)
    listing = parse_listing(request.query_params, visit.reader.username)
    page = read_page(visit, listing)
    choices = find_choices(visit.database, visit.reader)
    people = reviewers(visit) if visit.reader.can_manage else []
    return render(
        request,
        "queue.html.j2",
        listing=listing,
        page=page,
        n_pages=max(1, -(-page.n_found // PAGE_SIZE)),
        tabs=TABS,
        selects=_selects(visit, choices, listing),
        sorts=[(sort, visit.words(f"queue.sort_{sort}")) for sort in SORTS],
        samples=list_samples(visit.database, visit.reader) if listing.tab == "sample" else (),
        people=people,
        band_of=partial(place_in, _band_names(visit)),
        age=partial(_age, visit.words, datetime.now(UTC)),
        passages=find_passages(
            visit.database, visit.reader, [row.key for row in page.rows], listing.filters.text
        ),
        hits=partial(_hits, search_terms(listing.filters.text)),
    )


def _hits(terms: Sequence[str], text: str) -> list[tuple[int, int]]:
    return find_terms(text, terms)


def _selects(visit: Visit, choices: Choices, listing: Listing) -> list[Select]:
    words = visit.words
    names = criterion_names(visit.database, words.language)
    offered: dict[str, Options] = {
        "flag": [(flag, words.flag(flag)) for flag in choices.flags],
        "language": _labelled(words, "language", choices.languages),
        "channel": _labelled(words, "channel", choices.channels),
        "agent": _plain(choices.agent_ids),
        "team": _plain(choices.teams),
        "queue": _plain(choices.queues),
        "band": _labelled(words, "band", choices.bands),
        "criterion": [(c, names.get(c, c)) for c in choices.criteria],
        "outcome": _labelled(words, "outcome", OUTCOMES),
        "reviewed": [("no", words("queue.not_reviewed")), ("yes", words("queue.reviewed"))],
    }
    chosen = listing.parameters
    return [
        Select(name, f"queue.by_{name}", options, chosen.get(name, ""))
        for name, options in offered.items()
        if len(options) > 1 or name in chosen
    ]


def _labelled(words: Wording, group: str, codes: Sequence[str]) -> Options:
    return [(code, words.label(group, code)) for code in codes]


def _plain(values: Sequence[str]) -> Options:
    return [(value, value) for value in values]


def _band_names(visit: Visit) -> Sequence[str]:
    """Return the bands of the latest standard from the best."""
    standards = standards_in_use(visit.database)
    return bands_from_best(standards[0]) if standards else ()


def _age(words: Wording, now: datetime, row: ConversationRow) -> str:
    """Return how long a conversation has been here to be read."""
    days = (now - row.first_loaded_at).days
    return words.count("queue.age", days) if days else words("queue.age_today")


@pages.post("/queue/assign", MANAGERS)
def assign_chosen(request: Request, form: Form) -> Response:
    """Give the conversations that were ticked to a person, or to nobody."""
    visit = visit_of(request)
    username = form.text("assignee") or None
    for key in form.all("key"):
        if key.isascii() and key.isdigit() and len(key) < 19:
            assign(visit.database, visit.reader, int(key), username)
    return go(local_path(form.text("back", "/queue")))


@pages.post("/queue/samples", MANAGERS)
def draw(request: Request, form: Form) -> Response:
    """Draw a random sample of the conversations that match the filters of the form."""
    visit = visit_of(request)
    filters = Filters(
        language=form.text("language") or None,
        team=form.text("team") or None,
        channel=form.text("channel") or None,
    )
    # Drawn for this sample, and kept with it, so that it can be drawn again.
    seed = secrets.randbelow(2**31)
    name = form.text("name")[:100] or f"{datetime.now(UTC):%Y-%m-%d}"
    sample = draw_sample(
        visit.database, visit.reader, name, filters, size=form.number("size") or 1, seed=seed
    )
    return go(address("/queue", {"tab": "sample", "sample": sample}))
