"""Plain text with one turn a line: `Agent: …`, `[00:01:12] Anna (agent): …`, `[SPEAKER_00]: …`.

A line without a label goes on with the turn above it. A file may hold several conversations: a line
of dashes (`---`) or a heading (`# 4711`, `# id: 4711`) begins a new one. Where a file has neither,
blank lines do, but only if each block between them is a conversation of its own, with three turns
or more of at least two speakers; otherwise blank lines mean nothing. Headings may also give
`# language: nb`, `# channel: chat`, `# agent_id: …`, `# team: …`, `# queue: …`, `# started_at: …`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from convqa.errors import TranscriptError
from convqa.ingest.codes import channel_of
from convqa.ingest.draft import DraftConversation, DraftTurn
from convqa.ingest.stamps import Stamp, parse_stamp, to_offsets

_CLOCK = r"(?:\d{1,4}:)?\d{1,2}:\d{2}(?:[.,]\d{1,9})?(?:\s?[AaPp][Mm]\b)?"
_DATE = (
    r"(?:\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{4})[T ,]+"
    r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?"
)
_STAMP = rf"(?:{_DATE}|{_CLOCK})"
_LABEL = re.compile(
    rf"\s*+(?:[\[(]?(?P<before>{_STAMP})(?:\s*+(?:-->|-|–)\s*+(?P<end>{_STAMP}))?[\])]?"
    r"\s*+[-–]?\s*+)?"
    r"(?:\[(?P<bracketed>[^\]\s][^\]]{0,60})\]:?"
    r"|(?:\*\*)?(?P<label>[^\W\d_][^:\[\]{}<>|;*\t]{0,60}?)(?:\*\*)?"
    rf"(?:\s*+[\[(](?P<after>{_STAMP})[\])])?\s*+:(?:\*\*)?)(?=\s|$)"
)
# Label and times never reach further; what lies behind is not searched for them.
_MAX_LABEL_CHARS = 240
_SEPARATOR = re.compile(r"\s*+(?:-{3,}|={3,}|\*{3,}|_{3,})\s*+")
_HEADING = re.compile(
    r"\s*+#++[ \t]++(?:(?P<key>[A-Za-z_]{1,40})\s*+:\s*+)?(?P<value>\S.{0,600}?)\s*+"
)
# A sentence can end in a colon too; labels of speakers have few words.
_MAX_LABEL_WORDS = 5
# The share of turns with a time from which on a line without one is no turn.
_MOST = 0.8


@dataclass(slots=True)
class _Said:
    """A turn while its lines are read: the line that begins it, and the text of all its lines."""

    label: str | None
    line: str
    parts: list[str]
    start: Stamp | None = None
    end: Stamp | None = None


@dataclass(slots=True)
class _Open:
    """A conversation while its lines are read."""

    line: int
    heading: dict[str, str] = field(default_factory=dict)
    turns: list[_Said] = field(default_factory=list)
    n_chars: int = 0


def label_of(line: str) -> str | None:
    """Return the label of the speaker at the start of a line, None where there is none."""
    match = _match_label(line)
    return None if match is None else match["bracketed"] or match["label"]


def _match_label(line: str) -> re.Match[str] | None:
    match = _LABEL.match(line[:_MAX_LABEL_CHARS])
    if match is None:
        return None
    label = match["bracketed"] or match["label"]
    return match if len(label.split()) <= _MAX_LABEL_WORDS else None


def read_lines(
    lines: Iterable[str], *, max_chars: int, are_blocks: bool = False
) -> Iterator[tuple[int, DraftConversation | TranscriptError]]:
    """Yield each conversation of a text with the line, from 1, on which it begins.

    Args:
        lines: The text, line by line.
        max_chars: The most that a conversation may have; of a longer one no more is kept.
        are_blocks: Whether blank lines divide conversations, from `has_blocks`.
    """
    current = _Open(1)
    for number, line in enumerate(lines, start=1):
        heading = _HEADING.fullmatch(line)
        if _SEPARATOR.fullmatch(line) or heading or (are_blocks and line.isspace()):
            is_new_id = heading is not None and _heading_key(heading) == "id"
            if current.turns or (is_new_id and "id" in current.heading):
                yield current.line, _close(current, max_chars)
                current = _Open(number)
            if heading:
                current.heading[_heading_key(heading)] = heading["value"].strip()
        elif not line.isspace():
            if not current.turns and not current.heading:
                current.line = number
            _add(current, line, max_chars)
    if current.turns or "id" in current.heading:
        yield current.line, _close(current, max_chars)


def has_blocks(head: str) -> bool:
    """Tell from the beginning of a text whether blank lines divide it into conversations."""
    lines = head.splitlines()
    if any(_SEPARATOR.fullmatch(line) or _HEADING.fullmatch(line) for line in lines):
        return False
    blocks = [
        list(block) for blank, block in groupby(lines, lambda line: not line.strip()) if not blank
    ]
    labels = [[label for line in block if (label := label_of(line))] for block in blocks[:-1]]
    return bool(labels) and all(len(block) >= 3 and len(set(block)) >= 2 for block in labels)


def _heading_key(heading: re.Match[str]) -> str:
    return (heading["key"] or "id").lower()


def _add(current: _Open, line: str, max_chars: int) -> None:
    current.n_chars += len(line)
    if current.n_chars > max_chars:
        current.turns[1:] = []
        return
    match = _match_label(line)
    if match is not None:
        start, end = match["before"] or match["after"], match["end"]
        label = match["bracketed"] or match["label"]
        said = _Said(label, line.strip(), [line[match.end() :].strip()])
        said.start = parse_stamp(start) if start else None
        said.end = parse_stamp(end) if end else None
        current.turns.append(said)
    elif current.turns:
        current.turns[-1].parts.append(line.strip())
    else:
        current.turns.append(_Said(None, "", [line.strip()]))


def _without_false_labels(turns: list[_Said]) -> list[_Said]:
    """Return the turns with those joined to the turn above whose label is part of its text.

    In «Your order number: 12» the words before the colon are no speaker. That is assumed where they
    come once and are no name: a word of them is written small, or all other turns bear a time.
    """
    counts = Counter(turn.label for turn in turns)
    n_stamped = sum(turn.start is not None for turn in turns)
    are_stamped = n_stamped > 1 and n_stamped >= _MOST * len(turns)
    has_speakers = sum(count > 1 for count in counts.values()) > 1
    kept: list[_Said] = []
    for turn in turns:
        is_false = turn.label is not None and (
            (are_stamped and turn.start is None)
            or (has_speakers and counts[turn.label] == 1 and not _is_name(turn.label))
        )
        if kept and is_false:
            kept[-1].parts += [turn.line, *turn.parts[1:]]
        else:
            kept.append(turn)
    return kept


def _is_name(label: str) -> bool:
    words = [word for word in re.split(r"[\W_]+", label) if word]
    return all(not word[0].islower() for word in words)


def _close(current: _Open, max_chars: int) -> DraftConversation | TranscriptError:
    if current.n_chars > max_chars:
        return TranscriptError(f"longer than {max_chars >> 20} MiB; divide it with «---»")
    if not current.turns:
        return TranscriptError("no turns follow this heading", field="turns")
    if all(turn.label is None for turn in current.turns):
        return TranscriptError(
            "no line begins with the name of a speaker and a colon, such as «Agent: …»",
            field="turns",
        )
    turns = _without_false_labels(current.turns)
    stamps = [stamp for turn in turns for stamp in (turn.start, turn.end)]
    offsets, date = to_offsets(stamps)
    heading = current.heading
    return DraftConversation(
        id=heading.get("id"),
        turns=tuple(
            DraftTurn(
                turn.label,
                "\n".join(filter(None, turn.parts)),
                offsets[2 * index],
                offsets[2 * index + 1],
            )
            for index, turn in enumerate(turns)
        ),
        language=heading.get("language") or heading.get("lang"),
        channel=channel_of(heading.get("channel")),
        started_at=heading.get("started_at") or date,
        agent_id=heading.get("agent_id"),
        team=heading.get("team"),
        queue=heading.get("queue"),
    )
