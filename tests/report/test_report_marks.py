import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_runs import CALM, TURNS, result

from convqa.report.marks import Piece, cut_turns, visible
from convqa.schema import Evidence, Turn


def test_evidence_is_cut_by_code_points():
    pieces = cut_turns(TURNS, [result("empathy", "fail", CALM)])[3]
    assert pieces == [Piece("👍 "), Piece("Calm down.", (0,), (0,)), Piece(" It will come.")]


def test_overlapping_evidence_is_marked_for_both():
    first = result("greeting", "pass", Evidence(0, 0, 7, "Hello t", "model"))
    second = result("empathy", "fail", Evidence(0, 6, 11, "there", "model"))
    pieces = cut_turns([Turn("agent", "Hello there")], [first, second])[0]
    assert pieces == [
        Piece("Hello ", (0,)), Piece("t", (0, 1), (0,)), Piece("here", (1,), (1,)),
    ]  # fmt: skip


def test_evidence_without_characters_marks_its_whole_turn():
    pieces = cut_turns(
        [Turn("agent", "Yes?")], [result("greeting", "fail", Evidence(0, 0, 0, "", "rule"))]
    )
    assert pieces[0] == [Piece("Yes?", (0,), (0,))]


def test_evidence_outside_the_transcript_marks_nothing():
    lost = result("greeting", "fail", Evidence(9, 0, 4, "gone", "model"))
    assert cut_turns([Turn("agent", "Yes?"), Turn("agent", "")], [lost]) == [[Piece("Yes?")], []]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("abc\u202ecba", "abc[U+202E]cba"),
        ("\u2066x\u2069", "[U+2066]x[U+2069]"),
        ("bell\x07 nul\x00", "bell[U+0007] nul[U+0000]"),
        ("a\u2028b", "a[U+2028]b"),
        ("half \ud83d", "half [U+D83D]"),
        ("two\nlines\tof שלום 👨‍👩‍👧", "two\nlines\tof שלום 👨‍👩‍👧"),
    ],
)
def test_characters_that_reorder_or_hide_are_named(text, shown):
    assert visible(text) == shown


@given(st.text("ab 👍", max_size=20), st.lists(st.tuples(st.integers(-3, 25), st.integers(-3, 25))))
def test_pieces_together_are_the_turn(text, spans):
    evidence = [Evidence(0, start, end, "", "model") for start, end in spans]
    pieces = cut_turns([Turn("agent", text)], [result("empathy", "fail", *evidence)])[0]
    assert "".join(piece.text for piece in pieces) == text
