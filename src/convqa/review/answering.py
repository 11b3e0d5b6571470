"""One conversation of a blind round: answered from the words alone, compared when all are in."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import HTTPException, Request
from fastapi.responses import Response

from convqa.errors import ReviewError
from convqa.review.access import REVIEWERS, Pages
from convqa.review.criteria import CriterionText, criterion_texts
from convqa.review.errors import go
from convqa.review.forms import Form, Key, Posted
from convqa.review.refusals import told
from convqa.review.render import address, render
from convqa.review.transcript import show_turns
from convqa.review.visit import Visit, visit_of
from convqa.store.reviews import OUTCOMES
from convqa.store.round_pages import BlindConversation, read_agreed, read_blind, save_agreed
from convqa.store.round_reading import Answer, Round, RoundItem, read_answers, read_round
from convqa.store.rounds import save_answers

pages = Pages()

_PATH = "/rounds/{round_id}/conversations/{key}"


@dataclass(frozen=True, slots=True)
class Question:
    """A criterion of the form: what is asked, and what the person has answered so far."""

    place: int
    text: CriterionText
    mine: Answer | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the members said of a criterion, in the order of their names, and what was agreed."""

    text: CriterionText
    answers: tuple[Answer | None, ...]
    agreed: Answer | None

    @property
    def differs(self) -> bool:
        """Whether they said different things."""
        return len({answer.outcome for answer in self.answers if answer is not None}) > 1


@dataclass(frozen=True, slots=True)
class _Open:
    """A conversation of a round that somebody opened."""

    visit: Visit
    round: Round
    item: RoundItem
    blind: BlindConversation


def _open(request: Request, round_id: int, key: int) -> _Open:
    visit = visit_of(request)
    try:
        found, items = read_round(visit.database, visit.reader, round_id)
        blind = read_blind(visit.database, visit.reader, round_id, key)
    except ReviewError as error:
        raise HTTPException(404) from error
    return _Open(visit, found, next(item for item in items if item.key == key), blind)


def _texts(opened: _Open) -> list[CriterionText]:
    known = criterion_texts(opened.blind.standard, opened.visit.words.language)
    return [text for text in known if text.id in opened.blind.criterion_ids]


@pages.get(_PATH, REVIEWERS)
def answer_page(request: Request, round_id: Key, key: Key) -> Response:
    """Show the form, or the answers side by side where all members have submitted theirs."""
    opened = _open(request, round_id, key)
    if opened.item.is_revealed:
        return _compared(request, opened)
    return _form(request, opened)


def _form(request: Request, opened: _Open, fault: str = "", status: int = 200) -> Response:
    reader = opened.visit.reader
    own = read_answers(opened.visit.database, reader, opened.round.id, opened.blind.key)
    mine: Mapping[str, Answer] = own.get(reader.username, {})
    is_mine_in = reader.username in opened.item.submitted_by
    return render(
        request, "round_answer.html.j2", status=status, fault=fault, round=opened.round,
        blind=opened.blind, turns=show_turns(opened.blind.turns, (), None), outcomes=OUTCOMES,
        questions=[
            Question(place, text, mine.get(text.id)) for place, text in enumerate(_texts(opened))
        ],
        is_submitted=is_mine_in,
        is_open=reader.username in opened.round.members
        and not is_mine_in
        and opened.round.closed_at is None,
    )  # fmt: skip


def _compared(request: Request, opened: _Open) -> Response:
    database, reader = opened.visit.database, opened.visit.reader
    round_id, key = opened.round.id, opened.blind.key
    answers = read_answers(database, reader, round_id, key)
    agreed = read_agreed(database, reader, round_id, key)
    return render(
        request, "round_compare.html.j2", round=opened.round, blind=opened.blind,
        turns=show_turns(opened.blind.turns, (), None), outcomes=OUTCOMES,
        comparisons=[
            Comparison(
                text,
                tuple(answers.get(name, {}).get(text.id) for name in opened.round.members),
                agreed.get(text.id),
            )
            for text in _texts(opened)
        ],
    )  # fmt: skip


@pages.post(_PATH, REVIEWERS)
def answer(request: Request, round_id: Key, key: Key, form: Form) -> Response:
    """Keep the answers so far, or submit them for good."""
    opened = _open(request, round_id, key)
    is_submitted = form.text("do") == "submit"
    answers = _answers(form, opened)
    visit = opened.visit
    try:
        save_answers(
            visit.database, visit.reader, round_id, key, answers, is_submitted=is_submitted
        )
    except ReviewError as error:
        return _form(request, _open(request, round_id, key), told(error, visit), 400)
    said = "submitted" if is_submitted else "kept"
    path = f"/rounds/{round_id}" if is_submitted else f"/rounds/{round_id}/conversations/{key}"
    return go(address(path, {"said": said}))


def _answers(form: Posted, opened: _Open) -> dict[str, Answer]:
    """Return what a form says of the criteria it answers; an answer that is none is left out."""
    found = {}
    for criterion_id in opened.blind.criterion_ids:
        outcome = form.text(f"outcome.{criterion_id}")
        if outcome in OUTCOMES:
            found[criterion_id] = Answer(outcome, form.text(f"comment.{criterion_id}"))
    return found


@pages.post(_PATH + "/agreed", REVIEWERS)
def agree(request: Request, round_id: Key, key: Key, form: Form) -> Response:
    """Write down what the members agreed upon after they saw where they differ."""
    opened = _open(request, round_id, key)
    visit = opened.visit
    save_agreed(visit.database, visit.reader, round_id, key, _answers(form, opened))
    return go(address(f"/rounds/{round_id}/conversations/{key}", {"said": "agreed"}))
