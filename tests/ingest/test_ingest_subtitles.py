"""WebVTT and SRT: cues, voices and prefixes."""

import pytest

from convqa.errors import TranscriptError
from convqa.ingest.settings import shipped_settings
from convqa.ingest.subtitles import read_subtitles, read_timed_lines


def cues(*payloads):
    return "\n\n".join(
        f"00:00:0{index}.000 --> 00:00:0{index}.900\n{payload}"
        for index, payload in enumerate(payloads)
    )


def outline(text):
    return [
        (turn.speaker, turn.text) for turn in read_subtitles(text, shipped_settings().roles).turns
    ]


@pytest.mark.parametrize(
    ("payloads", "expected"),
    [
        (["<v Anna>Hi</v>"], [("Anna", "Hi")]),
        (["<v.first.loud Anna Berg>Hi <b>you</b>"], [("Anna Berg", "Hi you")]),
        (["Well <v Anna>Hi"], [(None, "Well"), ("Anna", "Hi")]),
        (["<00:00:01.000><c>a &lt; b</c>"], [(None, "a < b")]),
        (["Anna: Hi", "Ola: Hey", "Anna: Bye", "Ola: Bye"],
         [("Anna", "Hi"), ("Ola", "Hey"), ("Anna", "Bye"), ("Ola", "Bye")]),
        (["Agent: Hi", "Note this: it is off"], [("Agent", "Hi"), (None, "Note this: it is off")]),
        (["[SPEAKER_00]: Hi", "and so on"], [("SPEAKER_00", "Hi"), (None, "and so on")]),
        (["Speaker 1: Hi"], [("Speaker 1", "Hi")]),
    ],
)  # fmt: skip
def test_speakers_of_cues(payloads, expected):
    assert outline(cues(*payloads)) == expected


def test_notes_styles_and_identifiers_are_no_cues():
    text = (
        "WEBVTT\nKind: captions\n\nNOTE a --- b\n\nSTYLE\n::cue {}\n\nREGION\nid:x\n\n7\n"
        + cues("Hi")
    )
    assert outline(text) == [(None, "Hi")]


@pytest.mark.parametrize("numbers", [("1\n", "2\n"), ("", "")])
def test_cues_without_empty_lines_between_them_are_told_apart(numbers):
    first, second = numbers
    text = (
        f"{first}00:00:01,000 --> 00:00:02,000\nAgent: It is\n42\n"
        f"{second}00:00:03,000 --> 00:00:04,000\nCustomer: Thank --> you\n"
    )
    turns = read_subtitles(text, shipped_settings().roles).turns
    assert [(turn.speaker, turn.text, turn.start_s) for turn in turns] == [
        ("Agent", "It is 42", 1.0),
        ("Customer", "Thank --> you", 3.0),
    ]


def test_hours_may_be_missing_and_settings_follow():
    turn = read_subtitles(
        "WEBVTT\n\n01:02.500 --> 01:03.500 position:10%,line-left\nHi", shipped_settings().roles
    ).turns[0]
    assert (turn.start_s, turn.end_s) == (62.5, 63.5)


@pytest.mark.parametrize("times", ["soon --> later", "00:00:01.000 -->", "1 --> 2"])
def test_times_that_cannot_be_read_are_refused(times):
    with pytest.raises(TranscriptError, match=r"turns\[0\].start"):
        read_subtitles(f"WEBVTT\n\n{times}\nHi", shipped_settings().roles)


def test_a_file_without_cues_is_refused():
    with pytest.raises(TranscriptError, match="no cues"):
        read_subtitles("WEBVTT\n\nNOTE nothing", shipped_settings().roles)


def test_a_line_of_whisperx_without_times_is_refused():
    with pytest.raises(TranscriptError, match=r"turns\[1\]"):
        read_timed_lines("start\tend\ttext\n0\t10\tHi\nHi\n", shipped_settings().roles)
