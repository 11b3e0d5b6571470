"""The own results of an agent: how they develop, what goes well, each conversation, appeals."""

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial

from fastapi import HTTPException, Request
from fastapi.responses import Response
from markupsafe import Markup

from convqa.errors import ReviewError
from convqa.report.charts import Point, timeline
from convqa.report.figures import Mean, t_quantile
from convqa.report.tally import moment_of
from convqa.review.access import AGENTS, NavItem, Pages
from convqa.review.conversation import CriterionView, criteria_of, open_conversation
from convqa.review.criteria import bands_from_best, criterion_names, place_in
from convqa.review.errors import go
from convqa.review.forms import Form, Key
from convqa.review.listing import parse_listing
from convqa.review.refusals import told
from convqa.review.render import render
from convqa.review.transcript import show_turns
from convqa.review.visit import Visit, visit_of
from convqa.store.appeals import appeal_until, find_addressees, find_appeals, open_appeal
from convqa.store.browsing import find_conversations
from convqa.store.figures import ScoreFigure, criterion_figures, score_figures
from convqa.store.filters import Filters
from convqa.store.in_use import standards_in_use
from convqa.store.notes import acknowledge
from convqa.store.reading import DeskConversation

pages = Pages(nav=(NavItem("results.nav", "/results", AGENTS),))

_PAGE_SIZE = 25
_WEEKS = 26
# Below five a share or an interval says nothing; it is the smallest group of the desk, too.
_FEWEST = 5
# «Done well» is nine times of ten or more.
_OFTEN = 0.9
_N_BEST = 3


@dataclass(frozen=True, slots=True)
class Strength:
    """A criterion that nearly always passes: how often, of how many where it applied."""

    name: str
    n_passed: int
    n: int


@pages.get("/results", AGENTS)
def results(request: Request) -> Response:
    """Show the own conversations, the latest first, and how the scores develop."""
    visit = visit_of(request)
    number = parse_listing(request.query_params, visit.reader.username).page
    page = find_conversations(
        visit.database, visit.reader, Filters(), sort="newest", number=number, size=_PAGE_SIZE
    )
    best = find_conversations(
        visit.database, visit.reader, Filters(status="scored"), sort="highest", size=_N_BEST
    )
    standards = standards_in_use(visit.database)
    bands = bands_from_best(standards[0]) if standards else ()
    total = score_figures(visit.database, visit.reader, Filters())
    weeks = _weeks(visit)
    return render(
        request, "results.html.j2", page=page, band_of=partial(place_in, bands),
        best=[row for row in best.rows if row.final_band in bands[:1]],
        n_pages=max(1, -(-page.n_found // _PAGE_SIZE)), total=total[0] if total else None,
        mean=_mean(total[0]) if total else None,
        weeks=[(week, _mean(week), date.fromisoformat(week.group[0])) for week in weeks],
        chart=_chart(visit, weeks), strengths=_strengths(visit),
        appeals=find_appeals(visit.database, visit.reader),
        names=criterion_names(visit.database, visit.words.language),
    )  # fmt: skip


def _weeks(visit: Visit) -> list[ScoreFigure]:
    first = datetime.now(UTC).date() - timedelta(weeks=_WEEKS)
    found = score_figures(visit.database, visit.reader, Filters(first_day=first), ("week",))
    return [week for week in found if week.group[0]]


def _mean(figure: ScoreFigure) -> Mean:
    value = figure.mean or 0.0
    if figure.sd is None or figure.n < _FEWEST:
        return Mean(value, None, None)
    margin = t_quantile(figure.n - 1) * figure.sd / figure.n**0.5
    return Mean(value, max(0.0, value - margin), min(100.0, value + margin))


def _chart(visit: Visit, weeks: list[ScoreFigure]) -> Markup | None:
    words = visit.words
    if len(weeks) < 2:  # one point is no trend
        return None
    points = []
    for week in weeks:
        name = words.week(date.fromisoformat(week.group[0]))
        score = words.number(week.mean or 0.0, 1)
        points.append(Point(name, f"{name}: {score} ({words.number(week.n)})", _mean(week)))
    return timeline(points, words("results.trend"))


def _strengths(visit: Visit) -> list[Strength]:
    names = criterion_names(visit.database, visit.words.language)
    critical = {
        criterion.id
        for standard in standards_in_use(visit.database)
        for criterion in standard.criteria
        if criterion.severity == "critical"  # to have done no harm is no feat
    }
    found = []
    for figure in criterion_figures(visit.database, visit.reader, Filters()):
        n_passed = figure.outcomes.get("pass", 0)
        n = n_passed + figure.outcomes.get("partial", 0) + figure.outcomes.get("fail", 0)
        if figure.criterion_id not in critical and n >= _FEWEST and n_passed >= _OFTEN * n:
            found.append(Strength(names.get(figure.criterion_id, figure.criterion_id), n_passed, n))
    return sorted(found, key=lambda s: (-s.n_passed / s.n, -s.n, s.name))


@pages.get("/results/{key}", AGENTS)
def result(request: Request, key: Key) -> Response:
    """Show one own conversation: first what was good, then what could be better."""
    return _page(request, key)


def _page(request: Request, key: int, fault: str = "") -> Response:
    visit = visit_of(request)
    found = open_conversation(visit, key)
    criteria = criteria_of(found, visit.words)
    until = appeal_until(visit.database, visit.reader, key)
    left = math.ceil((until - datetime.now(UTC)) / timedelta(days=1))
    return render(
        request, "result.html.j2", status=400 if fault else 200, fault=fault, key=key,
        conversation=found, row=found.row,
        moment=moment_of(found.machine.started_at), criteria=criteria,
        turns=show_turns(found.turns, found.final.criteria, found.row.agent_id),
        groups=_grouped(criteria, visit), until=until, days_left=max(0, left),
        band_of=partial(place_in, bands_from_best(found.standard)),
        appealed={appeal.criterion_id: appeal for appeal in found.appeals},
        addressees=_addressees(visit, found) if left > 0 else {},
        names={criterion.text.id: criterion.text.name for criterion in criteria},
    )  # fmt: skip


def _is_of_another(criterion: CriterionView, visit: Visit) -> bool:
    return criterion.machine.agent_id not in (None, *visit.reader.agent_ids)


def _grouped(criteria: list[CriterionView], visit: Visit) -> list[tuple[str, list[CriterionView]]]:
    own = [c for c in criteria if not _is_of_another(c, visit)]
    lost = [c for c in own if c.final.outcome in ("fail", "partial")]
    lost.sort(key=lambda c: (-c.lost, c.place))
    named = (
        ("good", [c for c in own if c.final.outcome == "pass"]),
        ("better", lost),
        ("rest", [c for c in own if c.final.outcome in ("na", "undetermined")]),
        ("others", [c for c in criteria if _is_of_another(c, visit)]),
    )
    return [(key, found) for key, found in named if found]


def _addressees(visit: Visit, found: DeskConversation) -> dict[str, list[tuple[str, str]]]:
    """Return who can decide about each criterion: username and name."""
    if found.row.status == "skipped":
        return {}
    people = {}
    for result in found.final.criteria:
        if result.outcome != "pass":
            able = find_addressees(
                visit.database, visit.reader, found.row.key, criterion_id=result.id
            )
            people[result.id] = [(person.username, person.name) for person in able]
    return people


@pages.post("/results/{key}/acknowledge", AGENTS)
def acknowledge_result(request: Request, key: Key) -> Response:
    """Keep that the agent has read the result; it is no consent."""
    visit = visit_of(request)
    open_conversation(visit, key)
    acknowledge(visit.database, visit.reader, key)
    return go(f"/results/{key}?said=acknowledged")


@pages.post("/results/{key}/appeal", AGENTS)
def appeal(request: Request, key: Key, form: Form) -> Response:
    """Open an appeal on one criterion, to a named person."""
    visit = visit_of(request)
    found = open_conversation(visit, key)
    criterion_id = form.text("criterion")
    if criterion_id not in {result.id for result in found.machine.criteria}:
        raise HTTPException(400)
    if not form.text("reason"):
        return go(f"/results/{key}?said=no_reason")
    try:
        open_appeal(
            visit.database, visit.reader, key, addressee=form.text("addressee"),
            reason=form.text("reason")[:4000], criterion_id=criterion_id,
        )  # fmt: skip
    except ReviewError as error:
        return _page(request, key, told(error, visit))
    return go(f"/results/{key}?said=appealed")
