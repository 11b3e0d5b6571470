"""Columns of the Parquet parts back to the types of `convqa.schema`.

A column is turned into Python values at once, and what repeats (roles, labels, places) is one
object: a conversation with its 190 findings takes a tenth of the time of rows of dicts.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice, pairwise
from typing import Any

import pyarrow as pa

from convqa.schema import (
    Conversation,
    CriterionResult,
    Evaluation,
    Evidence,
    Finding,
    Resolution,
    Segment,
    SegmentedConversation,
    Source,
    Span,
    Turn,
    Version,
)

# In the order of `Turn`.
_TURN_FIELDS = ("role", "text", "start_s", "end_s", "speaker_id", "agent_id", "confidence",
                "role_source", "role_confidence")  # fmt: skip
_SEGMENT_FIELDS = ("segment", "role", "char_start", "char_end", "language", "segment_start_s",
                   "segment_end_s")  # fmt: skip

# The columns of `segments/` that hold the turns, and those that hold the segments too.
TURN_COLUMNS = ("conversation_id", "turn", *_TURN_FIELDS)
SEGMENT_COLUMNS = tuple(dict.fromkeys((*TURN_COLUMNS, *_SEGMENT_FIELDS)))

VECTOR_COLUMNS = ("vector", "tokens")

# In the order of `Evaluation`, up to `flags`.
_PLAIN_FIELDS = ("conversation_id", "status", "language", "channel", "agent_id", "team", "queue",
                 "started_at", "score", "raw_score", "band", "flag")  # fmt: skip

# The columns of `evaluations/` that tell what was read, not what was decided.
CONVERSATION_COLUMNS = (
    "conversation_id", "source_path", "source_format", "source_record", "source_line", "language",
    "channel", "started_at", "agent_id", "team", "queue", "metadata_json", "language_confidence",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pieces:
    """What `segments/` holds of a conversation.

    `vectors` and `tokens` have one entry a segment; both are empty where the models did not run.
    """

    turns: tuple[Turn, ...] = ()
    segments: tuple[Segment, ...] = ()
    vectors: tuple[bytes, ...] = ()
    tokens: tuple[int, ...] = ()


NO_PIECES = Pieces()


def column(table: pa.Table, name: str) -> list[Any]:
    """Return a column as Python values, None for null."""
    return _values(table[name].combine_chunks())


def _values(array: pa.Array) -> list[Any]:
    if not pa.types.is_dictionary(array.type):
        values: list[Any] = array.to_pylist()
        return values
    words = array.dictionary.to_pylist()
    return [None if i is None else words[i] for i in array.indices.to_pylist()]


def _lists(table: pa.Table, name: str) -> tuple[pa.Array, list[int]]:
    """Return the values of all lists of a column, and where each list begins and the last ends."""
    array = table[name].combine_chunks()
    return array.values, array.offsets.to_pylist()


def findings_of(table: pa.Table) -> dict[str, tuple[Finding, ...]]:
    """Return the findings in rows of `findings/` by conversation id, in order."""
    fields = (column(table, name) for name in ("segment", "probability", "is_present", "value"))
    columns = (column(table, "kind"), column(table, "label"), column(table, "source"),
               _places(table), *fields, column(table, "detail"))  # fmt: skip
    # `Finding._make`, without a call of Python for each: a tenth of the reading.
    findings = map(partial(tuple.__new__, Finding), zip(*columns, strict=True))
    ids = column(table, "conversation_id")
    # The findings of a conversation follow each other.
    return {
        conversation_id: tuple(islice(findings, n)) for conversation_id, n in Counter(ids).items()
    }


class _SpansByPlace(dict[tuple[int, int, int], tuple[Span, ...]]):
    """The span at each place asked for, one object for all who ask."""

    def __missing__(self, place: tuple[int, int, int]) -> tuple[Span, ...]:
        spans = self[place] = (Span(*place),)
        return spans


def _places(table: pa.Table) -> list[tuple[Span, ...]]:
    """Return the spans of each finding; findings of one place share them."""
    values, offsets = _lists(table, "spans")
    places = zip(*(values.field(i).to_pylist() for i in range(3)), strict=True)
    singles = list(map(_SpansByPlace().__getitem__, places))
    return [
        singles[start] if end - start == 1 else tuple(s for one in singles[start:end] for s in one)
        for start, end in pairwise(offsets)
    ]


def turns_of(table: pa.Table) -> dict[str, tuple[Turn, ...]]:
    """Return the turns in rows of `segments/` (`TURN_COLUMNS`) by conversation id, in order."""
    ids, numbers = column(table, "conversation_id"), column(table, "turn")
    texts = column(table, "text")
    others = zip(*(column(table, name) for name in _TURN_FIELDS if name != "text"), strict=True)
    found: dict[str, list[tuple[str, tuple[Any, ...]]]] = defaultdict(list)
    for conversation_id, number, text, other in zip(ids, numbers, texts, others, strict=True):
        begun = found[conversation_id]
        if number < len(begun):
            before, first = begun[number]
            begun[number] = before + text, first
        else:
            begun.append((text, other))
    return {
        conversation_id: tuple(Turn(role, text, *rest) for text, (role, *rest) in begun)
        for conversation_id, begun in found.items()
    }


def pieces_of(table: pa.Table) -> dict[str, Pieces]:
    """Return what rows of `segments/` hold by conversation id.

    Args:
        table: With the `SEGMENT_COLUMNS`, and with the `VECTOR_COLUMNS` where they are wanted.
    """
    turns = turns_of(table)
    rows_of: dict[str, dict[int, list[int]]] = {conversation_id: {} for conversation_id in turns}
    segments = column(table, "segment")
    for row, (name, segment) in enumerate(
        zip(column(table, "conversation_id"), segments, strict=True)
    ):
        if segment is not None:
            rows_of[name].setdefault(segment, []).append(row)
    numbers = column(table, "turn")
    columns = [column(table, name) for name in _SEGMENT_FIELDS]
    has_vectors = "vector" in table.column_names
    vectors, tokens = (column(table, x) if has_vectors else [] for x in VECTOR_COLUMNS)
    found = {}
    for name, rows in rows_of.items():
        firsts = [rows[segment][0] for segment in sorted(rows)]
        is_read = has_vectors and bool(firsts) and vectors[firsts[0]] is not None
        found[name] = Pieces(
            turns[name],
            tuple(_segment(columns, numbers, rows[i], turns[name]) for i in sorted(rows)),
            tuple(vectors[row] for row in firsts) if is_read else (),
            tuple(tokens[row] for row in firsts) if is_read else (),
        )
    return found


def _segment(
    columns: Sequence[list[Any]], numbers: Sequence[int], rows: Sequence[int], turns: Sequence[Turn]
) -> Segment:
    index, role, starts, ends, language, start_s, end_s = columns
    first = rows[0]
    spans = tuple(Span(numbers[row], starts[row], ends[row]) for row in rows)
    return Segment(
        index=index[first],
        role=role[first],
        spans=spans,
        text=" ".join(turns[s.turn].text[s.char_start : s.char_end] for s in spans),
        language=language[first],
        start_s=start_s[first],
        end_s=end_s[first],
    )


def segmented_of(evaluations: pa.Table, pieces: dict[str, Pieces]) -> list[SegmentedConversation]:
    """Return the conversations of rows of `evaluations/` (`CONVERSATION_COLUMNS`), in order."""
    found = []
    for row in zip(*(column(evaluations, name) for name in CONVERSATION_COLUMNS), strict=True):
        name, path, form, record, line, language, channel, started, agent, team, queue, *rest = row
        metadata, confidence = rest
        said = pieces.get(name, NO_PIECES)
        talk = Conversation(
            name, said.turns, Source(path, form, record, line), language, channel, started, agent,
            team, queue, json.loads(metadata),
        )  # fmt: skip
        found.append(SegmentedConversation(talk, said.segments, language, confidence))
    return found


def evaluations_of(table: pa.Table) -> list[Evaluation]:
    """Return the evaluations of rows of `evaluations/`, in order."""
    resolutions = [
        None if label is None else Resolution(label, probability)
        for label, probability in zip(
            column(table, "resolution_label"), column(table, "resolution_probability"), strict=True
        )
    ]
    columns = (
        *(column(table, name) for name in _PLAIN_FIELDS),
        [tuple(flags) for flags in column(table, "flags")],
        [tuple(names) for names in column(table, "critical")],
        resolutions,
        column(table, "ending"),
        _criteria(table),
        versions_of(table, "standard"),
        versions_of(table, "model"),
        column(table, "coverage"),
        column(table, "skip_reason"),
        [json.loads(text) for text in column(table, "metadata_json")],
    )
    return [Evaluation(*row) for row in zip(*columns, strict=True)]


def versions_of(table: pa.Table, name: str) -> list[Version]:
    """Return a column of versions; equal ones are one object."""
    array = table[name].combine_chunks()
    known: dict[tuple[str, str, str], Version] = {}
    rows = zip(*(array.field(i).to_pylist() for i in range(3)), strict=True)
    return [known.setdefault(row, Version(*row)) for row in rows]


def _criteria(table: pa.Table) -> list[tuple[CriterionResult, ...]]:
    values, offsets = _lists(table, "criteria")
    before = ("id", "outcome", "points", "max_points", "weight", "confidence", "reason")
    evidence = values.field("evidence")
    shown = [Evidence(*row) for row in zip(*_fields(evidence.values), strict=True)]
    ends = evidence.offsets.to_pylist()
    places = [tuple(shown[a:b]) for a, b in pairwise(ends)]
    fields = [_values(values.field(name)) for name in before]
    results = [
        CriterionResult(*row)
        for row in zip(*fields, places, _values(values.field("agent_id")), strict=True)
    ]
    return [tuple(results[a:b]) for a, b in pairwise(offsets)]


def outcomes_of(table: pa.Table) -> list[tuple[str, str, int]]:
    """Return how often each criterion has each outcome, the criteria in the order of the rows."""
    values, _ = _lists(table, "criteria")
    both = pa.table({name: values.field(name) for name in ("id", "outcome")})
    counted = both.group_by(["id", "outcome"], use_threads=False).aggregate([([], "count_all")])
    columns = (column(counted, name) for name in ("id", "outcome", "count_all"))
    order = {name: i for i, name in enumerate(values.field("id").unique().to_pylist())}
    return sorted(zip(*columns, strict=True), key=lambda row: order[row[0]])


def _fields(structs: pa.StructArray) -> list[list[Any]]:
    return [_values(structs.field(i)) for i in range(structs.type.num_fields)]
