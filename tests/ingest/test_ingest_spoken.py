import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa.ingest.spoken import PAUSE_S, SpokenWord, rebuild_turns


def words_of(*rows):
    return [SpokenWord(speaker, text, start_s, end_s) for speaker, text, start_s, end_s in rows]


def lines(words):
    return [(turn.speaker, turn.text) for turn in rebuild_turns(words)]


def test_an_answer_in_between_ends_a_turn():
    words = words_of(("a", "hi", 0, 0.5), ("b", "yes", 0.6, 0.8), ("a", "well", 0.9, 1.2))
    assert lines(words) == [("a", "hi"), ("b", "yes"), ("a", "well")]


def test_words_over_somebody_elses_do_not_cut_that_turn():
    words = words_of(("a", "I", 0, 0.5), ("b", "mhm", 0.4, 0.7), ("a", "see", 0.5, 1.2))
    assert lines(words) == [("a", "I see"), ("b", "mhm")]


def test_an_interruption_is_no_answer():
    words = words_of(("a", "I", 0, 0.5), ("b", "but", 0.55, 1.0), ("a", "see", 0.7, 1.2))
    assert lines(words) == [("a", "I see"), ("b", "but")]


@pytest.mark.parametrize(("pause_s", "n_turns"), [(PAUSE_S - 0.01, 1), (PAUSE_S, 2)])
def test_a_long_pause_ends_a_turn(pause_s, n_turns):
    words = words_of((None, "hi", 0.0, 0.5), (None, "there", 0.5 + pause_s, 3.0))
    assert len(lines(words)) == n_turns


def test_no_words_are_no_turns():
    assert rebuild_turns([]) == ()


SPOKEN = st.builds(
    lambda speaker, start, length: SpokenWord(speaker, "w", start / 10, (start + length) / 10),
    st.sampled_from(["a", "b", None]), st.integers(0, 200), st.integers(0, 9),
)  # fmt: skip


@given(st.lists(SPOKEN))
def test_every_word_is_in_exactly_one_turn_in_order_of_time(words):
    turns = rebuild_turns(words)
    placed = [(turn.speaker, w.start_s, w.end_s) for turn in turns for w in turn.words]
    assert sorted(placed, key=str) == sorted(
        ((w.speaker, w.start_s, w.end_s) for w in words), key=str
    )
    assert [turn.start_s for turn in turns] == sorted(turn.start_s for turn in turns)
    assert all(turn.text == " ".join(w.text for w in turn.words) for turn in turns)
    assert all(turn.start_s <= turn.end_s for turn in turns)
