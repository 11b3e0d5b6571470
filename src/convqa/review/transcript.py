"""Turns cut into pieces that know their characters, so that words can be marked and pointed at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from convqa.report.marks import visible
from convqa.report.payload import clock
from convqa.schema import CriterionResult, Outcome, Role, Turn
from convqa.store.search import find_terms, search_terms

# What a mark shows where several results share the words: the gravest.
_GRAVITY: Sequence[Outcome] = ("fail", "partial", "undetermined", "na", "pass")

# A pause of a call worth noticing while reading, in seconds; Contact Lens calls 3 s of silence
# non-talk time, but most of it is thinking and typing.
_LONG_PAUSE_S = 10.0


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters `[start, end)` of a stored turn, as code points, and the text that shows them.

    `results` and `ends` are indexes of the results whose evidence covers it and ends with it;
    `tone` is the gravest of their outcomes. `is_odd` where hidden characters are named instead.
    `hit` is the number of the place, from 1, that holds words of a search, 0 for none; `is_first`
    where it begins here.
    """

    start: int
    end: int
    text: str
    results: tuple[int, ...]
    ends: tuple[int, ...]
    tone: Outcome | None
    is_odd: bool
    hit: int
    is_first: bool


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """A turn as it is shown; `pause_s` is the silence before it where it is long."""

    number: int
    role: Role
    is_inferred: bool
    agent: str | None
    time: str
    pause_s: float | None
    pieces: tuple[Piece, ...]


def show_turns(
    turns: Sequence[Turn], results: Sequence[CriterionResult], agent_id: str | None, *,
    query: str = "",
) -> list[ShownTurn]:  # fmt: skip
    """Return all turns with the evidence of the results marked, and the words of a search.

    Evidence without characters marks its whole turn, such as the one where a greeting was due.
    `agent` is named where it is not the conversation's.
    """
    terms = search_terms(query)
    n_hits = 0
    spans: list[list[tuple[int, int, int]]] = [[] for _ in turns]
    for index, result in enumerate(results):
        for evidence in result.evidence:
            if not 0 <= evidence.turn < len(turns):
                continue
            length = len(turns[evidence.turn].text)
            start, end = max(0, evidence.char_start), min(length, evidence.char_end)
            spans[evidence.turn].append((start, end, index) if start < end else (0, length, index))
    outcomes = [result.outcome for result in results]
    shown, heard_until = [], None
    for number, (turn, marked) in enumerate(zip(turns, spans, strict=True)):
        hits = dict(enumerate(find_terms(turn.text, terms), n_hits + 1))
        n_hits += len(hits)
        shown.append(
            ShownTurn(
                number=number,
                role=turn.role,
                is_inferred=turn.role_source == "inferred",
                agent=turn.agent_id if turn.agent_id != agent_id else None,
                time="" if turn.start_s is None else clock(turn.start_s),
                pause_s=_pause(heard_until, turn.start_s),
                pieces=tuple(_cut(turn.text, marked, outcomes, hits)),
            )
        )
        if turn.end_s is not None:
            heard_until = max(heard_until or 0.0, turn.end_s)
    return shown


def _pause(heard_until: float | None, start_s: float | None) -> float | None:
    if heard_until is None or start_s is None or start_s - heard_until < _LONG_PAUSE_S:
        return None
    return start_s - heard_until


def count_hits(turns: Sequence[ShownTurn]) -> int:
    """Return how many places hold words of the search."""
    return sum(piece.is_first for turn in turns for piece in turn.pieces)


def _cut(
    text: str,
    spans: Sequence[tuple[int, int, int]],
    outcomes: Sequence[Outcome],
    hits: Mapping[int, tuple[int, int]],
) -> list[Piece]:
    odd = {i for i, character in enumerate(text) if visible(character) != character}
    edges = {0, len(text), *(s for s, _, _ in spans), *(e for _, e, _ in spans)}
    edges |= odd | {i + 1 for i in odd} | {edge for hit in hits.values() for edge in hit}
    starts = {start for start, _ in hits.values()}
    pieces = []
    for start, end in pairwise(sorted(edges)):
        covering = sorted({i for s, e, i in spans if s <= start and end <= e})
        ending = sorted({i for _, e, i in spans if e == end})
        found = {outcomes[i] for i in covering}
        hit = next((n for n, (s, e) in hits.items() if s <= start and end <= e), 0)
        pieces.append(
            Piece(
                start, end, visible(text[start:end]), tuple(covering), tuple(ending),
                next((outcome for outcome in _GRAVITY if outcome in found), None),
                is_odd=start in odd, hit=hit, is_first=start in starts,
            )
        )  # fmt: skip
    return pieces
