"""What would have changed the outcome of a criterion: found in the run, when somebody asks."""

from fastapi import HTTPException, Request
from fastapi.responses import Response

from convqa.report.wording import Wording
from convqa.review.access import REVIEWERS, Pages
from convqa.review.conversation import open_conversation
from convqa.review.criteria import criterion_texts
from convqa.review.forms import Key
from convqa.review.listing import parse_listing
from convqa.review.render import render
from convqa.review.visit import visit_of
from convqa.scoring import label_words
from convqa.scoring.flips import Flip, find_flips
from convqa.store.scored import read_findings

pages = Pages()


@pages.get("/conversations/{key}/flips/{criterion_id}", REVIEWERS)
def flips(request: Request, key: Key, criterion_id: str) -> Response:
    """Show the smallest changes that would flip the machine's outcome."""
    visit = visit_of(request)
    found = open_conversation(visit, key)
    result = next((r for r in found.machine.criteria if r.id == criterion_id), None)
    if result is None:
        raise HTTPException(404)
    criterion = next(c for c in found.standard.criteria if c.id == criterion_id)
    texts = {text.id: text for text in criterion_texts(found.standard, visit.words.language)}
    scored = read_findings(visit.database, visit.reader, key)
    sentences = None
    if scored is not None:
        changes = find_flips(found.standard, criterion, *scored, result)
        sentences = [(sentence(visit.words, flip), flip) for flip in changes]
    return render(
        request, "flips.html.j2", key=key, row=found.row, name=texts[criterion_id].name,
        outcome=result.outcome, sentences=sentences,
        listing=parse_listing(request.query_params, visit.reader.username),
    )  # fmt: skip


def sentence(words: Wording, flip: Flip) -> str:
    """Return a change in the language of the reader; turns count from 1, as the page shows them."""
    group = flip.kind if flip.kind in ("resolution", "ending") else "label"
    label = label_words(flip.label, words.language)
    if group != "label":
        label = words.label(group, flip.label)
    return words(
        f"flips.{flip.kind}",
        label=label,
        turn="" if flip.turn is None else str(flip.turn + 1),
        share="" if flip.probability is None else words.percent(flip.probability),
    )
