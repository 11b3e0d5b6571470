"""Language, roles and segments of a redacted conversation.

A segment is what models label: one sentence, or a clause group of speech without punctuation. No
character of a speaker is lost and none is counted twice.
"""

from collections.abc import Iterator, Sequence

from convqa.schema import Conversation, Segment, SegmentedConversation, Span, Turn
from convqa.segment.clauses import clause_spans
from convqa.segment.language import conversation_language, turn_language
from convqa.segment.roles import infer_roles
from convqa.segment.settings import segment_settings
from convqa.segment.stretches import (
    Stretch,
    is_spoken,
    pauses,
    spans_in_turns,
    speaker_stretches,
)
from convqa.text import sentence_spans

__all__ = ["segment_conversation"]


def segment_conversation(conversation: Conversation) -> SegmentedConversation:
    """Return a redacted conversation with its language, inferred roles and segments.

    Every character but white space of an agent, customer or unknown turn is in exactly one span of
    one segment. A conversation in none of the six languages has no segments and no inferred roles:
    it cannot be scored.
    """
    language, confidence = conversation_language(conversation)
    if language is None:
        return SegmentedConversation(conversation, (), None, confidence)
    conversation = infer_roles(conversation, language)
    segments = tuple(_segments(conversation, language))
    return SegmentedConversation(conversation, segments, language, confidence)


def _segments(conversation: Conversation, language: str) -> Iterator[Segment]:
    """Yield the segments in order of their first turn."""
    turns = conversation.turns
    spoken = is_spoken(conversation)
    index = 0
    gap_s = segment_settings().fragments.max_gap_s
    for stretch in speaker_stretches(conversation, max_gap_s=gap_s):
        own_language = turn_language(stretch.text, language)
        for start, end in _pieces(stretch, turns, own_language, is_call=spoken):
            spans = spans_in_turns(stretch, start, end, turns)
            start_s, end_s = _times(spans, turns)
            yield Segment(
                index=index,
                role=turns[spans[0].turn].role,
                spans=spans,
                text=" ".join(turns[s.turn].text[s.char_start : s.char_end] for s in spans),
                language=own_language,
                start_s=start_s,
                end_s=end_s,
            )
            index += 1


def _pieces(
    stretch: Stretch, turns: Sequence[Turn], language: str, *, is_call: bool
) -> Iterator[tuple[int, int]]:
    """Yield `[start, end)` of the sentences and clause groups of a stretch."""
    silences = pauses(stretch, turns)
    for span in sentence_spans(stretch.text, language, line_ends_sentence=not is_call):
        yield from clause_spans(stretch.text, span, language, is_spoken=is_call, pauses=silences)


def _times(spans: tuple[Span, ...], turns: Sequence[Turn]) -> tuple[float | None, float | None]:
    """Return the times of the first and last word; where words have none, those of their turns."""
    first, last = spans[0], spans[-1]
    begins = [w.start_s for w in turns[first.turn].words if w.char_end > first.char_start]
    ends = [w.end_s for w in turns[last.turn].words if w.char_start < last.char_end]
    start_s = begins[0] if begins else turns[first.turn].start_s
    end_s = ends[-1] if ends else turns[last.turn].end_s
    return start_s, end_s
