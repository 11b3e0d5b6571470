"""Offsets survive redaction and segmentation, to the character."""

from hypothesis import given
from hypothesis import strategies as st

from convqa.redact import redact_conversation
from convqa.schema import Conversation, Source, Turn
from convqa.segment import segment_conversation

PIECES = [
    "Hello, how can I help you today?",
    "my card is 4111 1111 1111 1111",
    "ring me on +47 400 00 000",
    "hei, jeg lurer på fakturaen min",
    "ola.nordmann@example.org",
    "  ",
    "\n",
    "…",
    "Dziękuję bardzo!",
    "vă mulțumesc",
    "fire fem seks syv åtte ni null",
    "f.eks. 12.30",
    "[PHONE]",
    "🙂",
    "é",
    "?!",
    "and then i said to them that the line was dead and they told me to wait for two more weeks",
]

texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=12), max_size=6).map(" ".join)
turns = st.lists(
    st.builds(
        Turn,
        role=st.sampled_from(["agent", "customer", "other", "unknown"]),
        text=texts.map(lambda text: text.encode("utf-8", "replace").decode()),
        speaker_id=st.sampled_from(["a", "b", None]),
    ),
    min_size=1,
    max_size=8,
).map(tuple)


@given(turns, st.sampled_from(["chat", "call"]), st.sampled_from(["en", "nb", "pl", None]))
def test_every_segment_points_at_the_stored_words(turns, channel, language):
    conversation = Conversation("c", turns, Source("f", "native", 0), language, channel)
    segmented = segment_conversation(redact_conversation(conversation))
    stored = segmented.conversation.turns
    assert len(stored) == len(turns)
    seen = {}
    for segment in segmented.segments:
        said = [stored[s.turn].text[s.char_start : s.char_end] for s in segment.spans]
        assert " ".join(said) == segment.text
        for span in segment.spans:
            assert 0 <= span.char_start < span.char_end <= len(stored[span.turn].text)
            assert span.char_start >= seen.get(span.turn, 0)
            seen[span.turn] = span.char_end


@given(turns)
def test_nothing_a_speaker_says_is_outside_all_segments(turns):
    conversation = Conversation("c", turns, Source("f", "native", 0), "en", "chat")
    segmented = segment_conversation(redact_conversation(conversation))
    inside = {
        (span.turn, place)
        for segment in segmented.segments
        for span in segment.spans
        for place in range(span.char_start, span.char_end)
    }
    for number, turn in enumerate(segmented.conversation.turns):
        if turn.role != "other":
            for place, character in enumerate(turn.text):
                assert character.isspace() or (number, place) in inside
