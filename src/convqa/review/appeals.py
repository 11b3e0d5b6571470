"""Appeals for managers: which are open, for whom, and their decisions."""

from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import HTTPException, Request
from fastapi.responses import Response

from convqa.errors import ReviewError
from convqa.review.access import MANAGERS, NavItem, Pages
from convqa.review.conversation import CriterionView, criteria_of, open_conversation
from convqa.review.criteria import criterion_names
from convqa.review.errors import go
from convqa.review.forms import Form, Key, Posted
from convqa.review.refusals import told
from convqa.review.render import render
from convqa.review.visit import Visit, visit_of
from convqa.store.appeal_taking import (
    OpenAppeal,
    appeal_steps,
    find_open_appeals,
    take_over_appeal,
)
from convqa.store.appeals import (
    Appeal,
    Decision,
    decide_appeal,
    find_addressees,
    find_appeals,
    hand_over_appeal,
)
from convqa.store.reading import DeskConversation
from convqa.store.reviews import OUTCOMES, Correction, ReviewState

pages = Pages(nav=(NavItem("appeals.nav", "/appeals", MANAGERS),))

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """An open appeal with its age in days."""

    open: OpenAppeal
    days: int


@pages.get("/appeals", MANAGERS)
def appeals(request: Request) -> Response:
    """Show what is open, the oldest first, and what was decided."""
    visit = visit_of(request)
    now = datetime.now(UTC)
    waiting = [
        Listed(found, (now - found.appeal.opened_at).days)
        for found in find_open_appeals(visit.database, visit.reader)
    ]
    decided = find_appeals(visit.database, visit.reader, is_open=False)
    return render(
        request, "appeals.html.j2", waiting=waiting, decided=decided[:_SHOWN],
        names=criterion_names(visit.database, visit.words.language),
    )  # fmt: skip


def _found(visit: Visit, appeal_id: int) -> Appeal:
    for appeal in find_appeals(visit.database, visit.reader):
        if appeal.id == appeal_id:
            return appeal
    raise HTTPException(404)


@pages.get("/appeals/{appeal_id}", MANAGERS)
def appeal_page(request: Request, appeal_id: Key) -> Response:
    """Show one appeal with the words that decided, and the form to decide it."""
    return _page(request, appeal_id)


def _page(request: Request, appeal_id: int, fault: str = "") -> Response:
    visit = visit_of(request)
    appeal = _found(visit, appeal_id)
    conversation = open_conversation(visit, appeal.key)
    able = find_addressees(
        visit.database, visit.reader, appeal.key, criterion_id=appeal.criterion_id
    )
    may = {person.user_id for person in able}
    listed = [
        found for found in find_open_appeals(visit.database, visit.reader)
        if found.appeal.id == appeal_id
    ]  # fmt: skip
    return render(
        request, "appeal.html.j2", status=400 if fault else 200, fault=fault, appeal=appeal,
        conversation=conversation, row=conversation.row, listed=listed[0] if listed else None,
        criteria=_concerned(visit, conversation, appeal), outcomes=OUTCOMES,
        others=[p for p in able if p.user_id != appeal.addressee_id],
        is_deciding=appeal.state == "open" and appeal.addressee_id == visit.reader.user_id
        and visit.reader.user_id in may,
        steps=appeal_steps(visit.database, appeal),
    )  # fmt: skip


def _concerned(visit: Visit, conversation: DeskConversation, appeal: Appeal) -> list[CriterionView]:
    criteria = criteria_of(conversation, visit.words)
    if appeal.criterion_id is None:
        return criteria
    return [c for c in criteria if c.machine.id == appeal.criterion_id]


@pages.post("/appeals/{appeal_id}/take", MANAGERS)
def take(request: Request, appeal_id: Key) -> Response:
    """Take over an appeal from who is away."""
    visit = visit_of(request)
    known = {found.appeal.id for found in find_open_appeals(visit.database, visit.reader)}
    if appeal_id not in known:
        raise HTTPException(404)
    take_over_appeal(visit.database, visit.reader, appeal_id)
    return go(f"/appeals/{appeal_id}?said=taken")


@pages.post("/appeals/{appeal_id}/hand-over", MANAGERS)
def hand_over(request: Request, appeal_id: Key, form: Form) -> Response:
    """Give an own appeal to somebody else."""
    visit = visit_of(request)
    _found(visit, appeal_id)
    hand_over_appeal(visit.database, visit.reader, appeal_id, form.text("addressee"))
    return go("/appeals?said=handed_over")


@pages.post("/appeals/{appeal_id}/decide", MANAGERS)
def decide(request: Request, appeal_id: Key, form: Form) -> Response:
    """Decide an appeal with a reason; upheld, the outcome is corrected and the score worked out."""
    visit = visit_of(request)
    appeal = _found(visit, appeal_id)
    decision = form.text("decision")
    if decision not in ("granted", "rejected"):
        return _page(request, appeal_id, visit.words("appeals.fault_no_decision"))
    if not form.text("answer"):
        return _page(request, appeal_id, visit.words("appeals.fault_no_answer"))
    corrections: tuple[Correction, ...] = ()
    if decision == "granted":
        corrections = _corrections(form, open_conversation(visit, appeal.key), appeal)
        if not corrections:
            return _page(request, appeal_id, visit.words("appeals.fault_no_change"))
    try:
        decide_appeal(
            visit.database, visit.reader, appeal_id,
            Decision(decision == "granted", form.text("answer")[:4000], corrections),
        )  # fmt: skip
    except ReviewError as error:
        return _page(request, appeal_id, told(error, visit))
    return go(f"/appeals/{appeal_id}?said=decided")


def _corrections(
    form: Posted, conversation: DeskConversation, appeal: Appeal
) -> tuple[Correction, ...]:
    """Return the outcomes of a form that differ from those that count now."""
    found = []
    for machine, final in zip(
        conversation.machine.criteria, conversation.final.criteria, strict=True
    ):
        wanted = form.text(f"outcome.{machine.id}")
        if appeal.criterion_id not in (None, machine.id) or wanted == final.outcome:
            continue
        outcome = next((known for known in OUTCOMES if known == wanted), None)
        if outcome is None:
            continue
        review = conversation.reviews.get(machine.id)
        state: ReviewState = "confirmed" if outcome == machine.outcome else "corrected"
        seen = review.version if review else 0
        found.append(Correction(machine.id, state, outcome, (), "", seen))
    return tuple(found)
