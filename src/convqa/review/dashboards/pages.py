"""The pages of the figures, and every table of them as a file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fastapi import HTTPException, Request
from fastapi.responses import Response

from convqa.report.wording import Wording
from convqa.review.access import MANAGERS, NavItem, Pages
from convqa.review.criteria import criterion_names
from convqa.review.dashboards.best import best_tables
from convqa.review.dashboards.criteria import criterion_tables
from convqa.review.dashboards.customers import customer_tables
from convqa.review.dashboards.errors import error_tables
from convqa.review.dashboards.groups import group_tables
from convqa.review.dashboards.moved import moved_tables
from convqa.review.dashboards.scope import PERIODS, SORTS, Scope, groupings, parse_scope
from convqa.review.dashboards.tables import Table
from convqa.review.dashboards.trend import trend_tables
from convqa.review.dashboards.whole import wider_tables
from convqa.review.render import render
from convqa.review.visit import Visit, visit_of
from convqa.store.browsing import Choices, find_choices
from convqa.store.small_groups import count_blind, may_be_shown

pages = Pages(nav=(NavItem("figures.nav", "/figures", MANAGERS),))

Builder = Callable[[Visit, Scope], list[Table]]
# The order is that of the tabs.
_BUILDERS: Mapping[str, Builder] = {
    "trend": trend_tables, "moved": moved_tables, "groups": group_tables,
    "criteria": criterion_tables, "customers": customer_tables, "best": best_tables,
    "errors": error_tables,
}  # fmt: skip
# What beside the selection changes a page.
_CHOICES: Mapping[str, Sequence[str]] = {
    "groups": ("by", "sort"), "criteria": ("criterion", "by"), "best": ("criterion",),
}  # fmt: skip
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Select:
    """A choice: its name in the address, its words, its options, what is chosen; may be empty."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    chosen: str
    any: str = ""


@pages.get("/figures", MANAGERS)
def overview(request: Request) -> Response:
    """Show scores over time."""
    return _page(request, "trend")


@pages.get("/figures/{page}", MANAGERS)
def one_page(request: Request, page: str) -> Response:
    """Show one page of figures."""
    return _page(request, page)


@pages.get("/figures/{page}/{table}.{kind}", MANAGERS)
def save(request: Request, page: str, table: str, kind: str) -> Response:
    """Send one table as a file."""
    visit = visit_of(request)
    if page not in _offered(visit) or kind not in _TYPES:
        raise HTTPException(404)
    scope = parse_scope(request.query_params, visit)
    found = [t for t in _tables(visit, scope, page) if t.name == table]
    if not found:
        raise HTTPException(404)
    content = found[0].as_csv() if kind == "csv" else found[0].as_xlsx()
    name = f'attachment; filename="convqa-{found[0].name}.{kind}"'
    return Response(content, media_type=_TYPES[kind], headers={"Content-Disposition": name})


def _offered(visit: Visit) -> list[str]:
    """Return the pages there are: no single conversations where only groups may be seen."""
    return [name for name in _BUILDERS if name != "best" or not visit.reader.aggregate_only]


def _tables(visit: Visit, scope: Scope, page: str) -> list[Table]:
    if not may_be_shown(visit.database, visit.reader, scope.filters):
        return wider_tables(visit, scope)
    return _BUILDERS[page](visit, scope)


def _page(request: Request, page: str) -> Response:
    visit = visit_of(request)
    if page not in _offered(visit):
        raise HTTPException(404)
    scope = parse_scope(request.query_params, visit)
    is_shown = may_be_shown(visit.database, visit.reader, scope.filters)
    tables = [] if scope.newest is None else _tables(visit, scope, page)
    return render(
        request,
        "figures.html.j2",
        page=page,
        offered=_offered(visit),
        scope=scope,
        selects=_selects(visit, scope, page),
        tables=tables,
        is_too_small=scope.newest is not None and not is_shown,
        n_blind=count_blind(visit.database, visit.reader, scope.filters),
    )


def _selects(visit: Visit, scope: Scope, page: str) -> list[Select]:
    words = visit.words
    names = criterion_names(visit.database, words.language)
    own = {
        "by": Select(
            "by", words("figures.by"),
            [(by, words(f"figures.by_{by}")) for by in groupings(visit)], scope.by,
        ),
        "sort": Select(
            "sort", words("figures.sort"),
            [(sort, words(f"figures.sort_{sort}")) for sort in SORTS], scope.sort,
        ),
        "criterion": Select(
            "criterion", words("queue.by_criterion"), list(names.items()), scope.criterion,
            words("queue.any"),
        ),
    }  # fmt: skip
    periods = [(p, words(f"figures.period_{p}")) for p in PERIODS]
    selects = [own[name] for name in _CHOICES.get(page, ())]
    if page != "moved":
        selects.insert(0, Select("period", words("figures.period"), periods, scope.period))
    choices = find_choices(visit.database, visit.reader)
    for name, options in _filters(choices, visit, words).items():
        chosen = scope.parameters.get(name, "")
        if len(options) > 1 or chosen:
            label = words(f"figures.by_{name}")
            selects.append(Select(name, label, options, chosen, words("queue.any")))
    return selects


def _filters(
    choices: Choices, visit: Visit, words: Wording
) -> dict[str, Sequence[tuple[str, str]]]:
    offered: dict[str, Sequence[tuple[str, str]]] = {
        "team": [(team, team) for team in choices.teams],
        "language": [(code, words.label("language", code)) for code in choices.languages],
        "channel": [(code, words.label("channel", code)) for code in choices.channels],
        "queue": [(queue, queue) for queue in choices.queues],
        "standard": [(version, version) for version in choices.standard_versions],
    }
    if not visit.reader.aggregate_only:
        offered["agent"] = [(agent, agent) for agent in choices.agent_ids]
    return offered
