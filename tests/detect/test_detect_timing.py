import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa.detect.timing import detect_timing
from convqa.schema import Conversation, SegmentedConversation, Source, Span, Turn


def found(*turns, channel="call"):
    read = Conversation("c1", turns, Source("a.jsonl", "native", 0), "en", channel)
    return detect_timing(SegmentedConversation(read, (), "en", 1.0))


def values(label, *turns, channel="call"):
    """Return (turn of the span or None, value) of each finding with a label."""
    return [
        (finding.spans[0].turn if finding.spans else None, finding.value)
        for finding in found(*turns, channel=channel)
        if finding.label == label
    ]


def agent(start_s, end_s, text="let me see what I can do"):
    return Turn("agent", text, start_s, end_s)


def customer(start_s, end_s, text="my order is late again"):
    return Turn("customer", text, start_s, end_s)


def other(start_s, end_s):
    return Turn("other", "You are number two in the queue.", start_s, end_s)


def unknown(start_s, end_s):
    return Turn("unknown", "yes", start_s, end_s)


def test_a_caller_waits_from_the_end_of_what_was_said():
    turns = (agent(0, 2), customer(3, 5), customer(6, 9), agent(11.5, 14), customer(15, 16))
    assert values("response_s", *turns) == [(3, 2.5)]
    assert values("first_response_s", *turns) == [(3, 2.5)]


def test_a_chat_customer_waits_from_the_first_message_left_unanswered():
    turns = (customer(0, 0), customer(30, 30), agent(90, 90), agent(95, 95), customer(100, 100),
             agent(160, 160))  # fmt: skip
    assert values("response_s", *turns, channel="chat") == [(2, 90.0), (5, 60.0)]
    assert values("first_response_s", *turns, channel="chat") == [(2, 90.0)]


def test_the_span_of_an_answer_is_the_whole_turn():
    answer = next(f for f in found(customer(0, 1), agent(2, 3)) if f.label == "response_s")
    assert answer.spans == (Span(1, 0, 24),)
    assert (answer.kind, answer.source, answer.is_present) == ("timing", "timing", True)


def test_an_answer_that_begins_before_the_caller_ends_took_no_time():
    assert values("response_s", customer(0, 5), agent(4, 6)) == [(1, 0.0)]


@pytest.mark.parametrize(
    "turns",
    [
        (customer(0, 1), unknown(2, 3), agent(9, 10)),
        (customer(5, 6), agent(1, 2)),
        (customer(None, None), agent(5, 6)),
        (customer(0, 1), agent(None, None)),
        (customer(3, 1), agent(5, 6)),
        (agent(0, 1), customer(2, 3)),
    ],
    ids=["somebody else answered", "backwards", "no time", "no time of the answer",
         "ends before it starts", "no answer"],
)  # fmt: skip
def test_a_wait_that_the_times_do_not_say_is_left_out(turns):
    assert values("response_s", *turns) == []
    assert values("first_response_s", *turns) == []


def test_the_first_response_is_not_taken_from_a_later_question():
    turns = (customer(0, 1), unknown(2, 3), customer(4, 5), agent(6, 7))
    assert values("response_s", *turns) == [(3, 1.0)]
    assert values("first_response_s", *turns) == []


def test_a_bot_between_question_and_answer_ends_no_wait():
    assert values("response_s", customer(0, 1), other(2, 3), agent(11, 12)) == [(2, 10.0)]


def test_silences_are_named_from_five_seconds_with_who_spoke_last():
    turns = (customer(0, 2), agent(6.9, 8), customer(13, 14), agent(44, 50))
    silences = [f for f in found(*turns) if "silence" in f.label]
    assert [(f.label, f.spans[0].turn, f.value, f.detail) for f in silences] == [
        ("silence_s", 2, 5.0, "after agent"),
        ("silence_s", 3, 30.0, "after customer"),
        ("longest_silence_s", 3, 30.0, "after customer"),
    ]


def test_a_long_turn_under_a_short_one_is_no_silence():
    turns = (customer(0, 20), agent(2, 3), customer(21, 22))
    assert values("silence_s", *turns) == []
    assert values("longest_silence_s", *turns) == [(2, 1.0)]


def test_a_turn_without_times_may_have_filled_the_silence():
    assert values("longest_silence_s", customer(0, 2), other(None, None), agent(60, 61)) == []


def test_chats_have_no_silences_overlaps_or_interruptions():
    labels = {f.label for f in found(customer(0, 9), agent(5, 5), agent(90, 90), channel="chat")}
    assert labels == {"first_response_s", "response_s", "talk_share", "duration_s"}


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ((customer(0, 5), agent(4, 7)), [(1, 1.0)]),
        ((customer(0, 5), agent(4.7, 7)), []),
        ((customer(0, 5), agent(2, 3, "mhm yes okay")), []),
        ((customer(0, 5), agent(5.2, 7)), []),
        ((agent(0, 5), customer(4, 7)), []),
        ((agent(0, 5), customer(4, 8), agent(5.5, 9)), []),
        ((agent(0, 3), customer(4, 8), agent(7, 9)), [(2, 1.0)]),
        ((customer(0, 5), agent(None, None), agent(4, 7)), [(2, 1.0)]),
    ],
    ids=["talks over", "ordinary overlap", "backchannel", "after", "customer interrupts",
         "carries on", "new after the customer began", "turn without times"],
)  # fmt: skip
def test_interruptions(turns, expected):
    assert values("interruption", *turns) == expected


def test_overlap_counts_each_second_of_double_talk_once():
    turns = (customer(0, 10), agent(4, 6), agent(5, 7), customer(9, 12), agent(11, 13))
    assert values("overlap_s", *turns) == [(None, 4.0)]


def test_talk_share_of_a_call_is_of_time():
    turns = (agent(0, 30), customer(31, 41), other(50, 90))
    (share,) = (f for f in found(*turns) if f.label == "talk_share")
    assert (share.value, share.detail, share.spans) == (0.75, "share of speaking time", ())


@pytest.mark.parametrize("channel", ["chat", "call", None])
def test_talk_share_without_times_is_of_characters(channel):
    turns = (Turn("agent", "a" * 30), Turn("customer", "b" * 10))
    (share,) = found(*turns, channel=channel)
    assert (share.label, share.value, share.detail) == ("talk_share", 0.75, "share of characters")


@pytest.mark.parametrize(
    "turns", [(), (agent(0, 3),), (agent(0, 3), customer(4, 5), unknown(6, 7)), (other(0, 3),)]
)
def test_talk_share_needs_both_sides_and_no_unknown_speaker(turns):
    assert values("talk_share", *turns) == []


def test_duration_is_from_first_start_to_last_end():
    assert values("duration_s", agent(1, 30), customer(20, 25)) == [(None, 29.0)]
    assert values("duration_s", customer(5, None), channel="chat") == [(None, 0.0)]


TIMES = st.none() | st.floats(0, 100) | st.integers(0, 5)
TURNS = st.builds(
    Turn,
    st.sampled_from(["agent", "customer", "other", "unknown"]),
    st.sampled_from(["", "yes", "one two three four five"]),
    TIMES,
    TIMES,
)


@given(st.lists(TURNS, max_size=8), st.sampled_from(["chat", "call", None]))
def test_values_are_never_negative_and_shares_never_over_one(turns, channel):
    findings = found(*turns, channel=channel)
    assert findings == found(*turns, channel=channel)
    for finding in findings:
        assert finding.value >= 0
        assert math.isfinite(finding.value)
        assert finding.label != "talk_share" or finding.value <= 1
        for span in finding.spans:
            assert (span.char_start, span.char_end) == (0, len(turns[span.turn].text))


@given(st.lists(TURNS, max_size=8))
def test_overlap_is_no_longer_than_the_call(turns):
    (duration,) = values("duration_s", *turns) or [(None, 0.0)]
    assert all(overlap <= duration[1] + 0.01 for _, overlap in values("overlap_s", *turns))
