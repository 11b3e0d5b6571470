"""Blind rounds: begun by managers, answered alone, and compared when everybody has answered."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import HTTPException, Request
from fastapi.responses import Response

from convqa.agreement import Estimate, Interval, estimate_alpha, estimate_kappa, wilson_interval
from convqa.errors import ReviewError
from convqa.review.access import MANAGERS, REVIEWERS, NavItem, Pages
from convqa.review.criteria import criterion_names
from convqa.review.errors import go
from convqa.review.forms import Form, Key, Posted
from convqa.review.people import reviewers
from convqa.review.refusals import told
from convqa.review.render import address, render
from convqa.review.visit import Visit, visit_of
from convqa.store.browsing import find_conversations
from convqa.store.filters import Filters
from convqa.store.reading import find_key
from convqa.store.round_reading import (
    Rating,
    RoundKind,
    list_rounds,
    read_round,
    round_ratings,
)
from convqa.store.rounds import close_round, create_round
from convqa.store.samples import list_samples

pages = Pages(nav=(NavItem("rounds.nav", "/rounds", REVIEWERS),))

KINDS: tuple[RoundKind, ...] = ("double", "calibration")
# A round is meant to be answered within days; two people take an hour for some ten.
_MOST = 200


@dataclass(frozen=True, slots=True)
class Agreed:
    """How far the members of rounds agree on one criterion.

    `same` is the share of conversations on which all said the same. `kappa` is None where there
    are not two raters.
    """

    criterion_id: str
    same: Interval
    alpha: Estimate
    kappa: Estimate | None


def agreement_of(ratings: Sequence[Rating], *, with_kappa: bool) -> list[Agreed]:
    """Return the agreement on each criterion, of conversations that all members submitted."""
    answers: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for rating in ratings:  # by conversation, then by name: the first rater stays the first
        answers[rating.criterion_id][rating.key].append(rating.outcome)
    found = []
    for criterion_id, by_key in answers.items():
        units = [tuple(outcomes) for outcomes in by_key.values() if len(outcomes) > 1]
        if not units:
            continue
        pairs = Counter((unit[0], unit[1]) for unit in units)
        found.append(
            Agreed(
                criterion_id,
                wilson_interval(sum(len(set(unit)) == 1 for unit in units), len(units)),
                estimate_alpha(units),
                estimate_kappa(pairs) if with_kappa else None,
            )
        )
    return found


@pages.get("/rounds", REVIEWERS)
def rounds(request: Request) -> Response:
    """Show the rounds that the person takes part in, and for managers the form for another."""
    return _list(request)


def _list(request: Request, fault: str = "", status: int = 200) -> Response:
    visit = visit_of(request)
    can_begin = visit.reader.can_manage
    return render(
        request, "rounds.html.j2", status=status, fault=fault,
        rounds=list_rounds(visit.database, visit.reader), kinds=KINDS,
        people=reviewers(visit) if can_begin else [],
        samples=list_samples(visit.database, visit.reader) if can_begin else [],
    )  # fmt: skip


@pages.post("/rounds", MANAGERS)
def begin(request: Request, form: Form) -> Response:
    """Begin a round of the conversations of a sample, or of those named."""
    visit = visit_of(request)
    kind = form.text("kind")
    if kind not in KINDS:
        raise HTTPException(400)
    try:
        round_id = create_round(
            visit.database, visit.reader, kind, form.text("name")[:100],
            keys=_chosen(visit, form), members=form.all("member"),
        )  # fmt: skip
    except ReviewError as error:
        return _list(request, told(error, visit), 400)
    return go(f"/rounds/{round_id}")


def _chosen(visit: Visit, form: Posted) -> list[int]:
    names = [line.strip() for line in form.text("ids").splitlines() if line.strip()]
    keys = [find_key(visit.database, visit.reader, name) for name in names[:_MOST]]
    sample = form.number("sample")
    if sample is not None and sample < 2**63:
        page = find_conversations(
            visit.database, visit.reader, Filters(sample=sample), sort="oldest", size=_MOST
        )
        size = form.number("size") or _MOST
        keys += [row.key for row in page.rows if row.status != "skipped"][:size]
    return keys


@pages.get("/rounds/{round_id}", REVIEWERS)
def one(request: Request, round_id: Key) -> Response:
    """Show a round: what is left to answer, and how far its members agree."""
    visit = visit_of(request)
    try:
        found, items = read_round(visit.database, visit.reader, round_id)
    except ReviewError as error:
        raise HTTPException(404) from error
    ratings = round_ratings(visit.database, visit.reader, round_id)
    is_pair = len(found.members) == 2
    return render(
        request, "round.html.j2", round=found, items=items,
        is_member=visit.reader.username in found.members,
        differing=_differing(ratings), names=criterion_names(visit.database, visit.words.language),
        agreement=agreement_of(ratings, with_kappa=is_pair),
    )  # fmt: skip


def _differing(ratings: Sequence[Rating]) -> Mapping[int, int]:
    """Return on how many criteria the members differ, by conversation."""
    outcomes: dict[tuple[int, str], set[str]] = defaultdict(set)
    for rating in ratings:
        outcomes[rating.key, rating.criterion_id].add(rating.outcome)
    return Counter(key for (key, _), said in outcomes.items() if len(said) > 1)


@pages.post("/rounds/{round_id}/close", MANAGERS)
def close(request: Request, round_id: Key) -> Response:
    """End a round: nobody answers any more, and nothing is hidden any more."""
    visit = visit_of(request)
    try:
        close_round(visit.database, visit.reader, round_id)
    except ReviewError as error:
        raise HTTPException(404) from error
    return go(address(f"/rounds/{round_id}", {"said": "closed"}))
