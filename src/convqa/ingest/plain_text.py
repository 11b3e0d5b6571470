"""Plain text with one turn a line: `Agent: …`, `[00:01:12] Anna (agent): …`, `[SPEAKER_00]: …`.

A line without a label goes on with the turn above it. A file may hold several conversations: a line
of dashes (`---`) or a heading (`# 4711`, `# id: 4711`) begins a new one. Where a file has neither,
blank lines do, but only if each block between them is a conversation of its own, with three turns
or more of at least two speakers; otherwise blank lines mean nothing. Headings may also give
`# language: nb`, `# channel: chat`, `# agent_id: …`, `# team: …`, `# queue: …`, `# started_at: …`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from convqa.errors import TranscriptError
from convqa.ingest.codes import channel_of
from convqa.ingest.draft import DraftConversation, DraftTurn
from convqa.ingest.json_text import MAX_RECORD_BYTES
from convqa.ingest.stamps import Stamp, parse_stamp, to_offsets

_CLOCK = r"(?:\d{1,4}:)?\d{1,2}:\d{2}(?:[.,]\d{1,9})?"
_DATE = (
    r"(?:\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{4})[T ,]+"
    r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?"
)
_STAMP = rf"(?:{_DATE}|{_CLOCK})"
_LINE = re.compile(
    rf"\s*(?:[\[(]?(?P<before>{_STAMP})(?:\s*(?:-->|-|–)\s*(?P<end>{_STAMP}))?[\])]?\s*[-–]?\s*)?"
    r"(?:\[(?P<bracketed>[^\]\s][^\]]{0,60})\]:?|(?P<label>[^\W\d_][^:\[\]{}<>|;\t]{0,60}?)"
    rf"(?:\s*[\[(](?P<after>{_STAMP})[\])])?\s*:)(?=\s|$)\s*(?P<text>.*)",
    re.DOTALL,
)
_SEPARATOR = re.compile(r"\s*(?:-{3,}|={3,}|\*{3,}|_{3,})\s*")
_HEADING = re.compile(r"\s*#+\s*(?:(?P<key>[A-Za-z_]+)\s*:\s*)?(?P<value>\S.*?)\s*")
# A sentence can end in a colon too; labels of speakers have few words.
_MAX_LABEL_WORDS = 5


@dataclass(slots=True)
class _Open:
    """A conversation while its lines are read."""

    line: int
    heading: dict[str, str] = field(default_factory=dict)
    turns: list[tuple[str | None, list[str], Stamp | None, Stamp | None]] = field(
        default_factory=list
    )
    n_chars: int = 0


def label_of(line: str) -> str | None:
    """Return the label of the speaker at the start of a line, None where there is none."""
    match = _LINE.match(line)
    label = None if match is None else match["bracketed"] or match["label"]
    return label if label and len(label.split()) <= _MAX_LABEL_WORDS else None


def read_lines(
    lines: Iterable[str], *, are_blocks: bool = False
) -> Iterator[tuple[int, DraftConversation | TranscriptError]]:
    """Yield each conversation of a text with the line, from 1, on which it begins.

    Args:
        lines: The text, line by line.
        are_blocks: Whether blank lines divide conversations, from `has_blocks`.
    """
    current = _Open(1)
    for number, line in enumerate(lines, start=1):
        heading = _HEADING.fullmatch(line)
        if _SEPARATOR.fullmatch(line) or heading or (are_blocks and line.isspace()):
            is_new_id = heading is not None and _heading_key(heading) == "id"
            if current.turns or (is_new_id and "id" in current.heading):
                yield current.line, _close(current)
                current = _Open(number)
            if heading:
                current.heading[_heading_key(heading)] = heading["value"]
        elif not line.isspace():
            if not current.turns and not current.heading:
                current.line = number
            _add(current, line)
    if current.turns or "id" in current.heading:
        yield current.line, _close(current)


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


def _add(current: _Open, line: str) -> None:
    current.n_chars += len(line)
    if current.n_chars > MAX_RECORD_BYTES:
        current.turns[1:] = []
        return
    match = _LINE.match(line.rstrip("\n"))
    label = label_of(line)
    if match is not None and label is not None:
        start = match["before"] or match["after"]
        current.turns.append(
            (
                label,
                [match["text"].strip()],
                parse_stamp(start) if start else None,
                parse_stamp(match["end"]) if match["end"] else None,
            )
        )
    elif current.turns:
        current.turns[-1][1].append(line.strip())
    else:
        current.turns.append((None, [line.strip()], None, None))


def _close(current: _Open) -> DraftConversation | TranscriptError:
    if current.n_chars > MAX_RECORD_BYTES:
        return TranscriptError(f"longer than {MAX_RECORD_BYTES >> 20} MiB; divide it with «---»")
    if not current.turns:
        return TranscriptError("no turns follow this heading", field="turns")
    if all(label is None for label, _, _, _ in current.turns):
        return TranscriptError(
            "no line begins with the name of a speaker and a colon, such as «Agent: …»",
            field="turns",
        )
    stamps = [stamp for _, _, start, end in current.turns for stamp in (start, end)]
    offsets, date = to_offsets(stamps)
    heading = current.heading
    return DraftConversation(
        id=heading.get("id"),
        turns=tuple(
            DraftTurn(label, "\n".join(parts), offsets[2 * index], offsets[2 * index + 1])
            for index, (label, parts, _, _) in enumerate(current.turns)
        ),
        language=heading.get("language") or heading.get("lang"),
        channel=channel_of(heading.get("channel")),
        started_at=heading.get("started_at") or date,
        agent_id=heading.get("agent_id"),
        team=heading.get("team"),
        queue=heading.get("queue"),
    )
