"""What reviewers do with a conversation: confirm, correct, decide, note, assign."""

from dataclasses import dataclass

from fastapi import HTTPException, Request
from fastapi.responses import Response

from convqa.review.access import REVIEWERS, Pages
from convqa.review.conversation import (
    open_conversation,
    seen_of_critical,
    show_conversation,
)
from convqa.review.errors import go
from convqa.review.forms import Form, Key, Posted
from convqa.review.listing import parse_listing
from convqa.review.render import address, render
from convqa.review.visit import visit_of
from convqa.review.whatif import saved_outcomes, score_with
from convqa.schema import CriterionResult, Evidence, Span
from convqa.store.critical import decide_critical
from convqa.store.final import HumanOutcome
from convqa.store.notes import add_note, assign, delete_note
from convqa.store.reading import DeskConversation
from convqa.store.reviews import (
    OUTCOMES,
    Correction,
    Review,
    ReviewState,
    save_reviews,
    withdraw_review,
)

pages = Pages()


@dataclass(frozen=True, slots=True)
class Conflict:
    """What was not saved because somebody else saved first: both answers, for the person to choose.

    `theirs` is None where they took their review back.
    """

    mine: Correction
    theirs: Review | None


def posted_corrections(form: Posted, conversation: DeskConversation) -> list[Correction]:
    """Return what a form says of the criteria that it answers.

    Each criterion has a verdict: empty to leave it, `agree`, or `correct` with an outcome, marked
    words (`turn:start:end` and spaces), `too` where they are beside the machine's, and a comment.
    """
    corrections = []
    for result in conversation.machine.criteria:
        verdict = form.text(f"verdict.{result.id}")
        if verdict not in ("agree", "correct"):
            continue
        if form.text(f"seen.{result.id}") != result.outcome:
            raise HTTPException(409)  # scored anew since: nobody agrees to what was not shown
        seen = form.number(f"version.{result.id}") or 0
        comment = form.text(f"comment.{result.id}")
        if verdict == "agree":
            corrections.append(
                Correction(result.id, "confirmed", result.outcome, (), comment, seen)
            )
        else:
            corrections.append(_corrected(form, result, comment, seen))
    return corrections


def _corrected(form: Posted, result: CriterionResult, comment: str, seen: int) -> Correction:
    outcome = form.text(f"outcome.{result.id}")
    if outcome not in OUTCOMES:
        raise HTTPException(400)
    spans = _spans(form.text(f"spans.{result.id}"))
    adds = form.text(f"words.{result.id}") == "too" and bool(spans)
    if adds:
        kept = [Span(e.turn, e.char_start, e.char_end) for e in result.evidence]
        spans = tuple(dict.fromkeys([*(s for s in kept if s.char_start < s.char_end), *spans]))
    is_missing = outcome == result.outcome and (adds or (bool(spans) and not result.evidence))
    state: ReviewState = "missing_evidence" if is_missing else "corrected"
    return Correction(result.id, state, outcome, spans, comment, seen)


def _spans(text: str) -> tuple[Span, ...]:
    spans = []
    for part in text.split():
        numbers = part.split(":")
        if len(numbers) != 3 or not all(n.isascii() and n.isdigit() for n in numbers):
            raise HTTPException(400)
        spans.append(Span(*(int(n) for n in numbers)))
    return tuple(spans)


def _back(request: Request, key: int, said: str, anchor: str = "") -> Response:
    """Return to the conversation, in the list it was opened from."""
    listing = parse_listing(request.query_params, visit_of(request).reader.username)
    return go(address(f"/conversations/{key}", listing.parameters, said=said) + anchor)


@pages.post("/conversations/{key}/score", REVIEWERS)
def score_so_far(request: Request, key: Key, form: Form) -> Response:
    """Show what the score would be with the answers of a form that is not saved yet."""
    visit = visit_of(request)
    found = open_conversation(visit, key)
    human = saved_outcomes(found)
    for mine in posted_corrections(form, found):
        evidence = tuple(
            Evidence(s.turn, s.char_start, s.char_end, "", "person") for s in mine.spans
        )
        human[mine.criterion_id] = HumanOutcome(mine.outcome, evidence)
    would_be = score_with(found, human).score
    return render(request, "score_so_far.html.j2", would_be=would_be, conversation=found)


@pages.post("/conversations/{key}/review", REVIEWERS)
def save(request: Request, key: Key, form: Form) -> Response:
    """Save what was answered; where somebody else was first, both answers are shown."""
    visit = visit_of(request)
    found = open_conversation(visit, key)
    corrections = posted_corrections(form, found)
    late = save_reviews(visit.database, visit.reader, key, corrections)
    if late:
        reviews = open_conversation(visit, key).reviews
        conflicts = [Conflict(mine, reviews.get(mine.criterion_id)) for mine in late]
        return show_conversation(
            request, key, status=409, template="conflict.html.j2", conflicts=conflicts,
            n_saved=len(corrections) - len(conflicts),
        )  # fmt: skip
    return _back(request, key, "saved" if corrections else "nothing_to_save")


@pages.post("/conversations/{key}/withdraw", REVIEWERS)
def withdraw(request: Request, key: Key, form: Form) -> Response:
    """Take back the review of one criterion: the machine's answer counts again."""
    visit = visit_of(request)
    open_conversation(visit, key)
    withdraw_review(
        visit.database, visit.reader, key, form.text("criterion"),
        seen_version=form.number("version") or 0,
    )  # fmt: skip
    return _back(request, key, "withdrawn")


@pages.post("/conversations/{key}/critical", REVIEWERS)
def decide(request: Request, key: Key, form: Form) -> Response:
    """Confirm the zero of a critical error, or lift it."""
    visit = visit_of(request)
    shown = seen_of_critical(open_conversation(visit, key))
    answer = form.text("decision")
    if answer not in ("confirm", "lift"):
        raise HTTPException(400)
    if form.text("seen", shown) != shown:
        raise HTTPException(409)  # scored anew or decided since: nobody decides on what is not seen
    decide_critical(
        visit.database, visit.reader, key, is_confirmed=answer == "confirm",
        comment=form.text("comment"),
    )  # fmt: skip
    return _back(request, key, "decided")


@pages.post("/conversations/{key}/notes", REVIEWERS)
def note(request: Request, key: Key, form: Form) -> Response:
    """Write a coaching note, for the agent or for reviewers only."""
    visit = visit_of(request)
    open_conversation(visit, key)
    add_note(
        visit.database, visit.reader, key, form.text("text"),
        is_for_agent=form.text("for_agent") == "yes",
        criterion_id=form.text("criterion") or None,
    )  # fmt: skip
    return _back(request, key, "noted", "#notes")


@pages.post("/conversations/{key}/notes/{note_id}/delete", REVIEWERS)
def remove_note(request: Request, key: Key, note_id: Key) -> Response:
    """Delete an own note."""
    visit = visit_of(request)
    open_conversation(visit, key)
    delete_note(visit.database, visit.reader, note_id)
    return _back(request, key, "note_deleted", "#notes")


@pages.post("/conversations/{key}/assign", REVIEWERS)
def assign_one(request: Request, key: Key, form: Form) -> Response:
    """Take the conversation, give it back, or as a manager give it to somebody."""
    visit = visit_of(request)
    open_conversation(visit, key)
    assign(visit.database, visit.reader, key, form.text("assignee") or None)
    return _back(request, key, "assigned")
