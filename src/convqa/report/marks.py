"""Turns cut into pieces, so that evidence can be shown in the words themselves."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from convqa.schema import CriterionResult, Turn

# Characters that reorder or hide text: bidirectional controls (UAX #9), control characters but tab
# and line feed, interlinear annotation, tags, the byte order mark, and halves of characters.
_UNSEEN = re.compile(
    "[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff\ufff9-\ufffb"
    "\u0000-\u0008\u000b-\u001f\u007f-\u009f\ud800-\udfff\U000e0000-\U000e007f]"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of a turn with the results whose evidence covers it and those whose evidence ends it.

    Both hold indexes into `Evaluation.criteria`.
    """

    text: str
    results: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()


def visible(text: str) -> str:
    """Return text in which characters that reorder or hide others are named: `[U+202E]`."""
    return _UNSEEN.sub(lambda match: f"[U+{ord(match[0]):04X}]", text)


def cut_turns(turns: Sequence[Turn], results: Sequence[CriterionResult]) -> list[list[Piece]]:
    """Return the pieces of each turn; together they are its text, made visible.

    Evidence without characters marks its whole turn, such as the one where a greeting was due;
    evidence outside the transcript marks nothing.
    """
    spans: list[list[tuple[int, int, int]]] = [[] for _ in turns]
    for index, result in enumerate(results):
        for evidence in result.evidence:
            if not 0 <= evidence.turn < len(turns):
                continue
            length = len(turns[evidence.turn].text)
            start, end = max(0, evidence.char_start), min(length, evidence.char_end)
            if start >= end:
                start, end = 0, length
            spans[evidence.turn].append((start, end, index))
    return [_cut(turn.text, marked) for turn, marked in zip(turns, spans, strict=True)]


def _cut(text: str, spans: Sequence[tuple[int, int, int]]) -> list[Piece]:
    if not text:
        return []
    edges = sorted({0, len(text), *(s for s, _, _ in spans), *(e for _, e, _ in spans)})
    pieces = []
    for start, end in pairwise(edges):
        covering = sorted({i for s, e, i in spans if s <= start and end <= e})
        ending = sorted({i for _, e, i in spans if e == end})
        pieces.append(Piece(visible(text[start:end]), tuple(covering), tuple(ending)))
    return pieces
