"""WebVTT and SubRip (SRT): cues with times, whose speaker is a voice tag or a prefix of the text.

A prefix such as `Anna:` counts as a speaker where it is in brackets (`[SPEAKER_00]:`), is a
machine's label (`Speaker 1:`), names an agent or a customer, or begins two cues or more; otherwise
it may be part of a sentence.
Specification of WebVTT: https://www.w3.org/TR/webvtt1/
"""

import html
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from convqa.errors import TranscriptError
from convqa.ingest.draft import DraftConversation, DraftTurn
from convqa.ingest.plain_text import label_of
from convqa.ingest.roles import RoleRules
from convqa.ingest.stamps import parse_stamp
from convqa.ingest.times import parse_clock

_TIMES = re.compile(r"\s*(\S+)\s+-->\s+(\S+)(?:\s.*)?")
_TIMES_LINE = re.compile(r"\s*[\d:]+[,.]\d+\s+-->\s+[\d:]+[,.]\d+(?:\s.*)?")
_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,100})?\s{1,9}([^<>]{1,200})>")
_TAG = re.compile(r"</?[^<>]{0,200}>")
_BRACKETED = re.compile(r"\s*\[([^\]]+)\]:?\s*(.*)", re.DOTALL)
_MACHINE_LABEL = re.compile(r"(?:speaker|spk|channel)[ _-]?\w{1,3}", re.IGNORECASE)


def read_subtitles(text: str, roles: RoleRules) -> DraftConversation:
    """Return the conversation of a WebVTT or SRT file.

    Raises:
        TranscriptError: There is no cue, or the times of one cannot be read.
    """
    cues = [_cue(block, index) for index, block in enumerate(_cue_blocks(text))]
    spoken = [turn for cue in cues for turn in cue]
    if not spoken:
        raise TranscriptError("no cues; lines such as «00:00:01.000 --> 00:00:04.000» are needed")
    if all(turn.speaker is None for turn in spoken):
        spoken = take_prefixes(spoken, roles)
    return DraftConversation(id=None, turns=tuple(spoken), channel="call")


def read_timed_lines(text: str, roles: RoleRules) -> DraftConversation:
    """Return the call in a table of WhisperX: start and end in milliseconds, and the text.

    Raises:
        TranscriptError: A line has no times.
    """
    turns = []
    for index, line in enumerate(text.splitlines()[1:]):
        cells = line.split("\t", 2)
        times = [parse_stamp(cell, units_per_s=1000.0) for cell in cells[:2]]
        if len(cells) < 3 or times[0] is None or times[1] is None:
            raise TranscriptError(
                "start and end in milliseconds and the text are needed, divided by tabs",
                field=f"turns[{index}]",
            )
        turns.append(DraftTurn(None, cells[2].strip(), times[0].value_s, times[1].value_s))
    return DraftConversation(None, tuple(take_prefixes(turns, roles)), channel="call")


def _cue_blocks(text: str) -> Iterator[list[str]]:
    """Yield the lines of each cue from its times on; notes, styles and identifiers are no cues.

    Some programs leave out the empty line between cues; there the next times begin a new one.
    """
    for block in re.split(r"\n[ \t]*\n", text):
        lines = block.strip().splitlines()
        if lines and lines[0].startswith(("NOTE", "STYLE", "REGION")) and "-->" not in lines[0]:
            continue
        first = next((index for index, line in enumerate(lines[:4]) if "-->" in line), None)
        if first is None:
            continue
        is_numbered = first > 0 and lines[first - 1].strip().isdecimal()
        later = [i for i, line in enumerate(lines) if i > first and _TIMES_LINE.fullmatch(line)]
        for start, end in pairwise([first, *later, len(lines)]):
            # The number of a cue stands before its times.
            yield lines[start : end - (is_numbered and end < len(lines))]


def _cue(lines: list[str], index: int) -> list[DraftTurn]:
    match = _TIMES.fullmatch(lines[0])
    times = [] if match is None else [parse_clock(time) for time in match.groups()]
    if len(times) != 2 or None in times:
        raise TranscriptError(
            "times such as «00:00:01.000 --> 00:00:04.000» are needed",
            field=f"turns[{index}].start",
        )
    start_s, end_s = times
    payload = "\n".join(lines[1:])
    pieces = _VOICE.split(payload)
    # split gives the text before the first voice tag, then a name and a text for each tag.
    voices = [(None, pieces[0]), *zip(pieces[1::2], pieces[2::2], strict=True)]
    return [
        DraftTurn(None if name is None else _plain(name), _plain(said), start_s, end_s)
        for name, said in voices
        if _plain(said) or (len(voices) == 1)
    ]


def _plain(text: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", text)).split())


def take_prefixes(turns: list[DraftTurn], roles: RoleRules) -> list[DraftTurn]:
    """Return the turns with the speakers that stand as prefixes in their texts."""
    labels = Counter(label for turn in turns if (label := label_of(turn.text)))
    speakers = {
        label
        for label, count in labels.items()
        if count > 1
        or _MACHINE_LABEL.fullmatch(label)
        or roles.role_of(label) in ("agent", "customer")
    }
    return [_split_prefix(turn, speakers) for turn in turns]


def _split_prefix(turn: DraftTurn, speakers: set[str]) -> DraftTurn:
    bracketed = _BRACKETED.fullmatch(turn.text)
    label = label_of(turn.text)
    if label not in speakers and not (bracketed and label):
        return turn
    said = bracketed[2] if bracketed else turn.text.split(":", 1)[1]
    return DraftTurn(label, said.strip(), turn.start_s, turn.end_s)
