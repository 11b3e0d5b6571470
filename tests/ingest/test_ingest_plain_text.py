"""Plain text: labels, times, continuation lines and what divides conversations."""

import pytest

from convqa.errors import TranscriptError
from convqa.ingest.plain_text import has_blocks, label_of, read_lines


def read(text):
    lines = text.splitlines(keepends=True)
    return [draft for _, draft in read_lines(lines, max_chars=1 << 20, are_blocks=has_blocks(text))]


def outline(draft):
    return [(turn.speaker, turn.text, turn.start_s, turn.end_s) for turn in draft.turns]


@pytest.mark.parametrize(
    ("line", "label", "text", "start_s", "end_s"),
    [
        ("Agent: Hello", "Agent", "Hello", None, None),
        ("Kunde (Ola): Hei: du", "Kunde (Ola)", "Hei: du", None, None),
        ("[00:01:12] Anna (agent): Hei", "Anna (agent)", "Hei", 72.0, None),
        ("00:01:12 Anna: Hei", "Anna", "Hei", 72.0, None),
        ("(01:12) Anna: Hei", "Anna", "Hei", 72.0, None),
        ("[00:00:01.500 --> 00:00:03.000] Anna: Hei", "Anna", "Hei", 1.5, 3.0),
        ("[00:00:01 - 00:00:03]  SPEAKER_00: Hei", "SPEAKER_00", "Hei", 1.0, 3.0),
        ("Anna [00:01:12]: Hei", "Anna", "Hei", 72.0, None),
        ("[10:02 AM] Anna: Hei", "Anna", "Hei", 0.0, None),
        ("(10:02:33 PM) Anna: Hei", "Anna", "Hei", 0.0, None),
        ("[SPEAKER_00]: Hei", "SPEAKER_00", "Hei", None, None),
        ("[Anna] Hei", "Anna", "Hei", None, None),
        ("Dzwoniący: Halo", "Dzwoniący", "Halo", None, None),
        ("Client:", "Client", "", None, None),
        ("**Agent:** Hello", "Agent", "Hello", None, None),
        ("**Agent**: Hello", "Agent", "Hello", None, None),
        ("02.03.2026, 09:00 - Anna: Hei", "Anna", "Hei", 0.0, None),
    ],
)
def test_lines_of_a_turn(line, label, text, start_s, end_s):
    (draft,) = read(line + "\nB: x\n")
    assert outline(draft)[0] == (label, text, start_s, end_s)


@pytest.mark.parametrize(
    "line",
    ["no label", "https://example.org is it", "10:30 works for me", "key:value", ": hello",
     "#1 is fine", "a;b: c", "I tried it three times so far: no", "{\"a\": 1}"],
)  # fmt: skip
def test_lines_without_a_label_go_on_with_the_turn_above(line):
    assert label_of(line) is None
    (draft,) = read(f"Agent: Hello\n{line}\nKunde: Hei\n")
    assert outline(draft)[0][1] == f"Hello\n{line}"


def test_words_before_the_first_label_are_kept():
    (draft,) = read("Chat of today\nAgent: Hello\n")
    assert outline(draft)[0] == (None, "Chat of today", None, None)


def test_dates_give_the_start_of_the_conversation():
    (draft,) = read("[2026-03-02 09:00:10] Agent: a\n[2026-03-02 09:00:00] Kunde: b\n")
    assert draft.started_at == "2026-03-02T09:00:00+00:00"
    assert [turn.start_s for turn in draft.turns] == [10.0, 0.0]


def test_dashes_and_headings_divide_conversations():
    found = read("# 1\nAgent: a\n\nKunde: b\n# id: 2\n# channel: chat\nAgent: c\n---\nAgent: d\n")
    assert [(item.id, item.channel, len(item.turns)) for item in found] == [
        ("1", None, 2), ("2", "chat", 1), (None, None, 1),
    ]  # fmt: skip


def test_a_heading_without_turns_is_refused():
    found = read("# 1\n# 2\nAgent: a\n# 3\n")
    assert [isinstance(item, TranscriptError) for item in found] == [True, False, True]


def test_blank_lines_between_turns_mean_nothing():
    (draft,) = read("Agent: a\n\nKunde: b\n\nAgent: c\n\nKunde: d\n")
    assert len(draft.turns) == 4


def test_blank_lines_between_whole_conversations_divide_them():
    block = "Agent: a\nKunde: b\nAgent: c\n"
    assert [len(item.turns) for item in read(f"{block}\n{block}\n{block}")] == [3, 3, 3]


def test_a_text_without_any_label_is_refused():
    (error,) = read("just words\nand more\n")
    assert "no line begins with the name of a speaker" in error.reason


def test_a_colon_within_a_message_makes_no_speaker():
    (draft,) = read("Agent: Hi\nKunde: Hei\nAgent: See\nYour order number: 12\nand 13\nKunde: Ok\n")
    assert [turn.speaker for turn in draft.turns] == ["Agent", "Kunde", "Agent", "Kunde"]
    assert draft.turns[2].text == "See\nYour order number: 12\nand 13"


def test_among_turns_with_times_a_line_without_one_is_no_turn():
    (draft,) = read(
        "".join(f"[00:0{i}] Agent: a\n[00:0{i}] Kunde: b\n" for i in range(4)) + "Sum: 3"
    )
    assert draft.turns[-1].text == "b\nSum: 3"


def test_a_third_speaker_may_speak_once():
    (draft,) = read("Agent: a\nKunde: b\nAgent: c\nKunde: d\nKari Moen: e\n")
    assert draft.turns[-1].speaker == "Kari Moen"


def test_a_label_may_stand_above_its_text():
    (draft,) = read("Agent:\nHello\nKunde:\nHei\n")
    assert [turn.text for turn in draft.turns] == ["Hello", "Hei"]
