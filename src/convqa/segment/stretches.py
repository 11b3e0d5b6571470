"""Stretches: what one speaker says without a break, and where its characters stand in the turns.

Recognisers cut one sentence into several turns at pauses of up to a second; read as one text,
«I can't» and «help you» become one segment. Chat messages are never joined.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from convqa.runs import Run, speaker_runs
from convqa.schema import Conversation, Span, Turn


@dataclass(frozen=True, slots=True)
class Stretch:
    """The numbers of its turns, their texts joined by spaces, and where each begins in that."""

    turns: tuple[int, ...]
    text: str
    offsets: tuple[int, ...]


def is_spoken(conversation: Conversation) -> bool:
    """Say whether a conversation is a call: by its channel, else by turns that last some time."""
    if conversation.channel is not None:
        return conversation.channel == "call"
    return any(
        turn.start_s is not None and turn.end_s is not None and turn.end_s > turn.start_s
        for turn in conversation.turns
    )


def speaker_stretches(conversation: Conversation, *, max_gap_s: float) -> Iterator[Stretch]:
    """Yield the stretches of agent, customer and unknown speakers, in order of their first turn.

    In calls turns of one speaker belong together where the next begins at most `max_gap_s` after
    the one before ends. Without times nothing is joined.
    """
    is_joinable = is_spoken(conversation)
    for run in speaker_runs(conversation.turns):
        for numbers in _without_breaks(run, conversation.turns, max_gap_s if is_joinable else None):
            yield _stretch(numbers, conversation.turns)


def spans_in_turns(
    stretch: Stretch, start: int, end: int, turns: Sequence[Turn]
) -> tuple[Span, ...]:
    """Return `[start, end)` of a stretch as spans of its turns, without outer white space."""
    spans: list[Span] = []
    for number, offset in zip(stretch.turns, stretch.offsets, strict=True):
        text = turns[number].text
        first = max(start - offset, 0)
        piece = text[first : max(end - offset, 0)]
        content = piece.strip()
        if content:
            first += len(piece) - len(piece.lstrip())
            spans.append(Span(number, first, first + len(content)))
    return tuple(spans)


def pauses(stretch: Stretch, turns: Sequence[Turn]) -> dict[int, float]:
    """Return position in the stretch → seconds of silence before the word that begins there."""
    found: dict[int, float] = {}
    last_end_s: float | None = None
    for number, offset in zip(stretch.turns, stretch.offsets, strict=True):
        turn = turns[number]
        if last_end_s is not None and turn.start_s is not None:
            begin = offset + len(turn.text) - len(turn.text.lstrip())
            found[begin] = turn.start_s - last_end_s
        for before, after in pairwise(turn.words):
            found[offset + after.char_start] = after.start_s - before.end_s
        last_end_s = turn.end_s
    return found


def _without_breaks(
    run: Run, turns: Sequence[Turn], max_gap_s: float | None
) -> Iterator[tuple[int, ...]]:
    joined = [run.turns[0]]
    for number in run.turns[1:]:
        if max_gap_s is None or not _follows(turns[joined[-1]], turns[number], max_gap_s):
            yield tuple(joined)
            joined = []
        joined.append(number)
    yield tuple(joined)


def _follows(first: Turn, second: Turn, max_gap_s: float) -> bool:
    """Say whether the second turn begins soon after the first; recognised phrases may overlap."""
    if first.start_s is None or first.end_s is None or second.start_s is None:
        return False
    return second.start_s >= first.start_s and second.start_s - first.end_s <= max_gap_s


def _stretch(numbers: tuple[int, ...], turns: Sequence[Turn]) -> Stretch:
    offsets: list[int] = []
    length = 0
    for number in numbers:
        offsets.append(length)
        length += len(turns[number].text) + 1
    return Stretch(numbers, " ".join(turns[number].text for number in numbers), tuple(offsets))
