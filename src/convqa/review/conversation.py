"""One conversation: the words, what the machine made of them, and what people say to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from fastapi import HTTPException, Request
from fastapi.responses import Response

from convqa.errors import ReviewError
from convqa.report.marks import visible
from convqa.report.tally import applied_weight, moment_of, score_points_lost
from convqa.report.wording import Wording
from convqa.review.access import REVIEWERS, Pages
from convqa.review.criteria import CriterionText, bands_from_best, criterion_texts, place_in
from convqa.review.forms import Key
from convqa.review.listing import parse_listing, read_neighbours
from convqa.review.people import reviewers_for
from convqa.review.render import render
from convqa.review.transcript import count_hits, show_turns
from convqa.review.visit import Visit, visit_of
from convqa.review.whatif import scores_by_outcome
from convqa.schema import CriterionResult, Evidence, Outcome
from convqa.scoring.score import Score
from convqa.store.reading import DeskConversation, read_conversation
from convqa.store.reviews import OUTCOMES, Review

pages = Pages()

_LOST: Sequence[Outcome] = ("fail", "partial")
_OPEN: Sequence[Outcome] = ("na", "undetermined")
# More links than fit into three lines help nobody; the keys lead on from there.
_MOST_HITS = 30


@dataclass(frozen=True, slots=True)
class CriterionView:
    """One criterion with the answers side by side.

    `place` counts from 0 in the order of the standard, `lost` is in points of 100. `scores` holds
    what the score would be for each outcome.
    """

    place: int
    text: CriterionText
    machine: CriterionResult
    final: CriterionResult
    review: Review | None
    lost: float
    scores: dict[Outcome, Score]

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The words that count."""
        return self.final.evidence

    @property
    def spans(self) -> str:
        """The words of the review, for the form: `turn:start:end` and spaces."""
        evidence = () if self.review is None else self.review.evidence
        if self.review is not None and self.review.state == "confirmed":
            evidence = ()
        return " ".join(f"{e.turn}:{e.char_start}:{e.char_end}" for e in evidence)


@dataclass(frozen=True, slots=True)
class Group:
    """Criteria that belong together, under a heading; `key` is that of its words."""

    key: str
    criteria: tuple[CriterionView, ...]


def open_conversation(visit: Visit, key: int) -> DeskConversation:
    """Return a conversation.

    Raises:
        HTTPException: 404, there is none, or who visits may not open it.
    """
    try:
        return read_conversation(visit.database, visit.reader, key)
    except ReviewError as error:
        raise HTTPException(404) from error


def criteria_of(conversation: DeskConversation, words: Wording) -> list[CriterionView]:
    """Return the criteria in the order of the standard; none where nothing was scored."""
    texts = criterion_texts(conversation.standard, words.language)
    weights = applied_weight(conversation.final.criteria)
    pairs = zip(conversation.machine.criteria, conversation.final.criteria, strict=True)
    return [
        CriterionView(
            place=place,
            text=text,
            machine=machine,
            final=final,
            review=conversation.reviews.get(machine.id),
            lost=round(score_points_lost(final, weights), 1),
            scores=scores_by_outcome(conversation, machine.id, OUTCOMES),
        )
        for place, (text, (machine, final)) in enumerate(zip(texts, pairs, strict=False))
    ]


def seen_of_critical(conversation: DeskConversation) -> str:
    """Return what a person sees of critical errors: their names, and when they were decided on."""
    decision = conversation.critical_decision
    decided = () if decision is None else (decision.decided_at.isoformat(),)
    return " ".join((*conversation.final.score.critical, *decided))


def grouped(criteria: Sequence[CriterionView]) -> list[Group]:
    """Return what cost points, the costliest first, what went well, and what did not count."""
    lost = [c for c in criteria if c.final.outcome in _LOST]
    lost.sort(key=lambda c: (-c.lost, c.place))
    well = [c for c in criteria if c.final.outcome == "pass"]
    rest = [c for c in criteria if c.final.outcome in _OPEN]
    named = (("lost", lost), ("well", well), ("open", rest))
    return [Group(key, tuple(found)) for key, found in named if found]


def _names(words: Wording, group: str, codes: Sequence[str]) -> str:
    return ", ".join(visible(words.label(group, code)) for code in codes)


@pages.get("/conversations/{key}", REVIEWERS)
def conversation(request: Request, key: Key) -> Response:
    """Show a conversation of the list that the address names."""
    return show_conversation(request, key)


def show_conversation(
    request: Request, key: int, *, status: int = 200, template: str = "conversation.html.j2",
    **values: object,
) -> Response:  # fmt: skip
    """Return the page of a conversation, with what else the template needs."""
    visit = visit_of(request)
    found = open_conversation(visit, key)
    listing = parse_listing(request.query_params, visit.reader.username)
    criteria = criteria_of(found, visit.words)
    turns = show_turns(
        found.turns, found.final.criteria, found.row.agent_id, query=listing.filters.text
    )
    return render(
        request,
        template,
        status=status,
        key=key,
        conversation=found,
        row=found.row,
        moment=moment_of(found.machine.started_at),
        turns=turns,
        n_hits=count_hits(turns),
        most_hits=_MOST_HITS,
        criteria=criteria,
        groups=grouped(criteria),
        outcomes=OUTCOMES,
        seen_of_critical=seen_of_critical(found),
        band_of=partial(place_in, bands_from_best(found.standard)),
        listing=listing,
        neighbours=read_neighbours(visit, listing, key),
        is_open=found.row.state not in ("frozen", "final") and found.row.status != "skipped",
        people=reviewers_for(visit, found.row.team),
        names_of=partial(_names, visit.words),
        **values,
    )
