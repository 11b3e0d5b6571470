"""Where the words of a search stand: a passage of each conversation of a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from convqa.schema import Role, Turn
from convqa.store.database import Database
from convqa.store.search import find_terms, fold, search_terms
from convqa.store.stored import turns_from_json
from convqa.store.tables import conversations, transcripts
from convqa.store.viewers import Viewer, visible

# What fits into two lines of a list: some words before the first place, more after it.
_BEFORE, _AFTER = 50, 130


@dataclass(frozen=True, slots=True)
class Passage:
    """Words around the first place where the turn that fits best holds what was searched.

    `found` are characters `[start, end)` of `text`; `is_begun` and `is_cut` where the turn holds
    more before and after it.
    """

    role: Role
    text: str
    found: tuple[tuple[int, int], ...]
    is_begun: bool
    is_cut: bool


def find_passages(
    database: Database, viewer: Viewer, keys: Sequence[int], query: str
) -> Mapping[int, Passage]:
    """Return a passage of each of some conversations that holds words of a query in a turn.

    What stands in the id alone has none, nor has what the viewer may not open.
    """
    terms = search_terms(query)
    if not terms or not keys:
        return {}
    stored = (
        select(transcripts.c.conversation, transcripts.c.turns_json)
        .join(conversations, conversations.c.id == transcripts.c.conversation)
        .where(transcripts.c.conversation.in_(keys), visible(viewer))
    )
    with database.reading() as connection:
        rows = connection.execute(stored).all()
    found = {row.conversation: _passage(turns_from_json(row.turns_json), terms) for row in rows}
    return {key: passage for key, passage in found.items() if passage is not None}


def _passage(turns: Sequence[Turn], terms: Sequence[str]) -> Passage | None:
    """Return words of the first turn that holds the most terms, None where none holds any."""
    best, n_best = None, 0
    for turn in turns:
        folded = fold(turn.text)
        n = sum(term in folded for term in terms)
        if n > n_best:
            best, n_best = turn, n
        if n == len(terms):
            break
    return None if best is None else _around(best, find_terms(best.text, terms))


def _around(turn: Turn, spans: Sequence[tuple[int, int]]) -> Passage:
    start, end = max(0, spans[0][0] - _BEFORE), min(len(turn.text), spans[0][1] + _AFTER)
    if start:  # from the beginning of a word, where there is one
        start = max(start, turn.text.find(" ", start, spans[0][0]) + 1)
    if end < len(turn.text):
        space = turn.text.rfind(" ", spans[0][1], end)
        end = end if space < 0 else space
    return Passage(
        role=turn.role,
        text=turn.text[start:end],
        found=tuple((max(s, start) - start, min(e, end) - start) for s, e in spans if s < end),
        is_begun=start > 0,
        is_cut=end < len(turn.text),
    )
