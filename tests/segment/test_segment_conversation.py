import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segment_conversations import conversation, spoken

from convqa.schema import LANGUAGES, Span, Turn
from convqa.segment import segment_conversation


def texts(read):
    return [segment.text for segment in segment_conversation(read).segments]


def test_sentences_carry_their_exact_place_and_speaker():
    read = conversation(
        Turn("other", "Bot. Hi."), Turn("agent", " Hi there. How are you? ", 2.0, 2.0)
    )
    first, second = segment_conversation(read).segments
    assert (first.index, first.role, first.spans) == (0, "agent", (Span(1, 1, 10),))
    assert (second.index, second.text, second.spans) == (1, "How are you?", (Span(1, 11, 23),))
    assert (first.start_s, second.end_s, first.language) == (2.0, 2.0, "en")


def test_a_turn_of_a_placeholder_alone_is_a_segment_and_an_empty_one_is_not():
    assert texts(conversation(Turn("customer", "[CARD]"), Turn("agent", "  "))) == ["[CARD]"]


def test_fragments_of_one_speaker_in_a_call_are_one_segment():
    read = conversation(
        Turn("agent", "i can't", 0.0, 1.0), Turn("agent", "help you.", 1.8, 3.0), channel="call"
    )
    (segment,) = segment_conversation(read).segments
    assert segment.text == "i can't help you."
    assert segment.spans == (Span(0, 0, 7), Span(1, 0, 9))
    assert (segment.start_s, segment.end_s) == (0.0, 3.0)


@pytest.mark.parametrize(
    "turns",
    [
        (Turn("agent", "one", 0.0, 1.0), Turn("agent", "two", 2.1, 3.0)),
        (Turn("agent", "one.", 0.0, 1.0), Turn("agent", "two", 1.1, 3.0)),
        (Turn("agent", "one", 0.0, 1.0), Turn("customer", "two", 1.1, 3.0)),
        (Turn("agent", "one"), Turn("agent", "two")),
        (Turn("agent", "one", 0.0), Turn("agent", "two", 0.5)),
        (Turn("agent", "one", 5.0, 6.0), Turn("agent", "two", 1.0, 2.0)),
        (
            Turn("agent", "one", 0.0, 1.0, speaker_id="a"),
            Turn("agent", "two", 1.0, 2.0, speaker_id="b"),
        ),
        (Turn("unknown", "one", 0.0, 1.0), Turn("unknown", "two", 1.0, 2.0)),
    ],
    ids=["long gap", "sentence ended", "other speaker", "no times", "no end", "backwards",
         "another agent", "unknown speakers"],
)  # fmt: skip
def test_other_turns_are_not_joined(turns):
    assert texts(conversation(*turns, channel="call"))[0].startswith("one")
    assert len(texts(conversation(*turns, channel="call"))) == 2


def test_chat_messages_are_never_joined():
    read = conversation(Turn("agent", "one", 0.0, 0.0), Turn("agent", "two", 0.5, 0.5))
    assert texts(read) == ["one", "two"]


def test_a_call_is_known_by_turns_that_last_where_no_channel_is_given():
    turns = (Turn("agent", "one", 0.0, 1.0), Turn("agent", "two", 1.2, 2.0))
    assert texts(conversation(*turns, channel=None)) == ["one two"]


def test_unpunctuated_speech_is_cut_at_the_pause_between_its_words():
    text = " ".join(f"w{n}" for n in range(45))
    read = conversation(spoken("agent", text, 10.0, gaps={17: 0.8}), channel="call")
    first, second = segment_conversation(read).segments
    assert first.text.endswith("w16")
    assert first.end_s == pytest.approx(10.0 + 17 * 0.3)
    assert second.start_s == pytest.approx(10.0 + 17 * 0.3 + 0.8)


def test_unpunctuated_speech_is_cut_where_the_recogniser_began_a_new_turn():
    one, two = (" ".join(f"{letter}{n}" for n in range(25)) for letter in "ab")
    read = conversation(Turn("agent", one, 0.0, 9.0), Turn("agent", two, 9.7, 20.0), channel="call")
    assert texts(read) == [one, two]


def test_a_language_that_is_not_scored_leaves_no_segments_and_unknown_roles():
    agent = Turn("unknown", "Thank you for calling, how can I help?", speaker_id="a")
    customer = Turn("unknown", "My order, I paid.", speaker_id="b")
    read = conversation(agent, customer, language="de")
    segmented = segment_conversation(read)
    assert (segmented.language, segmented.language_confidence) == (None, 1.0)
    assert segmented.segments == ()
    assert segmented.conversation == read


def test_inferred_roles_reach_the_segments():
    agent = Turn("unknown", "Thank you for calling, how can I help?", speaker_id="a")
    customer = Turn("unknown", "My order, I paid.", speaker_id="b")
    segmented = segment_conversation(conversation(agent, customer))
    assert [segment.role for segment in segmented.segments] == ["agent", "customer"]
    assert segmented.conversation.turns[0].role_source == "inferred"


def test_a_turn_in_another_language_is_marked():
    polish = (
        "Czekam na moją paczkę od zeszłego wtorku i nikt mi nie powiedział, gdzie ona jest, więc "
        "proszę sprawdzić, co się z nią stało."
    )
    read = conversation(Turn("customer", "Hi, do you speak Polish?"), Turn("customer", polish))
    assert [s.language for s in segment_conversation(read).segments] == ["en", "pl"]


WORDS = st.sampled_from(
    ["hei", "Og", "så.", "f.eks.", "3.", "[CARD]", "?!", "…", "😊", ":)", "12.30", "\n", "  ", "-",
     "at", "men", "(ja.)", "Ok", "\t"]
)  # fmt: skip
TURNS = st.builds(
    Turn,
    role=st.sampled_from(["agent", "customer", "other", "unknown"]),
    text=st.lists(WORDS, max_size=60).map(" ".join) | st.text(max_size=20),
    start_s=st.none() | st.floats(0, 20),
    end_s=st.none() | st.floats(0, 20),
    speaker_id=st.sampled_from([None, "a", "b"]),
    role_source=st.just("given"),
    role_confidence=st.none(),
)
CONVERSATIONS = st.builds(
    lambda turns, language, channel: conversation(*turns, language=language, channel=channel),
    st.lists(TURNS, max_size=6),
    st.sampled_from(LANGUAGES),
    st.sampled_from(["chat", "call", None]),
)


@given(CONVERSATIONS)
def test_every_character_of_a_speaker_is_in_exactly_one_segment(read):
    segments = segment_conversation(read).segments
    spans = [span for segment in segments for span in segment.spans]
    for number, turn in enumerate(read.turns):
        own = [span for span in spans if span.turn == number]
        kept = "".join(turn.text[span.char_start : span.char_end] for span in own)
        expected = "" if turn.role == "other" else re.sub(r"\s", "", turn.text)
        assert re.sub(r"\s", "", kept) == expected
    order = [(span.turn, span.char_start, span.char_end) for span in spans]
    assert order == sorted(order)
    assert all(0 <= start < end <= len(read.turns[turn].text) for turn, start, end in order)


@given(CONVERSATIONS)
def test_segments_are_numbered_and_say_what_their_spans_say(read):
    segmented = segment_conversation(read)
    turns = segmented.conversation.turns
    for number, segment in enumerate(segmented.segments):
        pieces = [turns[s.turn].text[s.char_start : s.char_end] for s in segment.spans]
        assert segment.index == number
        assert segment.text == " ".join(pieces)
        assert all(piece == piece.strip() for piece in pieces)
        assert {turns[s.turn].role for s in segment.spans} == {segment.role}
    assert segment_conversation(read) == segmented


@given(CONVERSATIONS)
def test_segmentation_changes_nothing_but_roles_left_unknown(read):
    for before, after in zip(
        read.turns, segment_conversation(read).conversation.turns, strict=True
    ):
        if before.role != "unknown":
            assert after == before
        same_role = after._replace(role="unknown", role_source="given", role_confidence=None)
        assert before.role != "unknown" or same_role == before
