"""Types of `convqa.schema` to columns of the run directory; `decode` goes the other way."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from convqa.schema import (
    CriterionResult,
    Evaluation,
    Finding,
    Rejected,
    Segment,
    SegmentedConversation,
    Span,
    Version,
)

# A Parquet row as pyarrow gives it: the one place where data is not yet typed.
Row = Mapping[str, Any]
Columns = dict[str, list[Any]]

_TURN_FIELDS = ("role", "role_source", "role_confidence", "speaker_id", "agent_id", "start_s",
                "end_s", "confidence")  # fmt: skip
_PLAIN_FIELDS = ("conversation_id", "status", "language", "channel", "agent_id", "team", "queue",
                 "started_at", "score", "raw_score", "band", "flag", "ending", "coverage",
                 "skip_reason")  # fmt: skip


def evaluation_columns(
    evaluated: Iterable[tuple[SegmentedConversation, Evaluation]],
) -> Columns:
    """Return the columns of `evaluations/`."""
    columns: Columns = defaultdict(list)
    for segmented, evaluation in evaluated:
        for name in _PLAIN_FIELDS:
            columns[name].append(getattr(evaluation, name))
        resolution = evaluation.resolution
        source = segmented.conversation.source
        columns["language_confidence"].append(segmented.language_confidence)
        columns["flags"].append(list(evaluation.flags))
        columns["critical"].append(list(evaluation.critical))
        columns["resolution_label"].append(resolution.label if resolution else None)
        columns["resolution_probability"].append(resolution.probability if resolution else None)
        columns["criteria"].append([_criterion_row(c) for c in evaluation.criteria])
        columns["standard"].append(_version_row(evaluation.standard))
        columns["model"].append(_version_row(evaluation.model))
        columns["metadata_json"].append(
            json.dumps(dict(evaluation.metadata), ensure_ascii=False, sort_keys=True)
        )
        columns["source_path"].append(source.path)
        columns["source_format"].append(source.format)
        columns["source_record"].append(source.record)
        columns["source_line"].append(source.line)
    return columns


def _version_row(version: Version) -> Row:
    return {"name": version.name, "version": version.version, "sha256": version.sha256}


def _criterion_row(result: CriterionResult) -> Row:
    return {
        "id": result.id,
        "outcome": result.outcome,
        "points": result.points,
        "max_points": result.max_points,
        "weight": result.weight,
        "confidence": result.confidence,
        "reason": result.reason,
        "evidence": [e._asdict() for e in result.evidence],
        "agent_id": result.agent_id,
    }


def finding_columns(found: Iterable[tuple[str, Sequence[Finding]]]) -> Columns:
    """Return the columns of `findings/` from pairs of conversation id and findings."""
    rows = [(conversation_id, f) for conversation_id, findings in found for f in findings]
    columns: Columns = {"conversation_id": [conversation_id for conversation_id, _ in rows]}
    for name in Finding._fields:
        columns[name] = [getattr(finding, name) for _, finding in rows]
    # The findings of a segment share its spans.
    places = {id(spans): spans for spans in columns["spans"]}
    written = {key: [_span_row(span) for span in spans] for key, spans in places.items()}
    columns["spans"] = [written[id(spans)] for spans in columns["spans"]]
    return columns


def _span_row(span: Span) -> Row:
    return {"turn": span.turn, "char_start": span.char_start, "char_end": span.char_end}


def segment_columns(
    stored: Iterable[tuple[SegmentedConversation, Sequence[bytes], Sequence[int]]],
) -> Columns:
    """Return the columns of `segments/`: the pieces of every turn, in order."""
    columns: Columns = defaultdict(list)
    for segmented, vectors, tokens in stored:
        for row in _pieces(segmented, vectors, tokens):
            for name, value in row.items():
                columns[name].append(value)
    return columns


def _pieces(
    segmented: SegmentedConversation, vectors: Sequence[bytes], tokens: Sequence[int]
) -> Iterable[Row]:
    conversation = segmented.conversation
    spans: dict[int, list[tuple[Span, Segment]]] = defaultdict(list)
    for segment in segmented.segments:
        for span in segment.spans:
            spans[span.turn].append((span, segment))
    written: set[int] = set()
    for index, turn in enumerate(conversation.turns):
        base = {
            "conversation_id": conversation.id,
            "turn": index,
            **{name: getattr(turn, name) for name in _TURN_FIELDS},
        }
        pieces = spans.get(index)
        if not pieces:
            yield {
                **base, "segment": None, "segment_start_s": None, "segment_end_s": None,
                "char_start": 0, "char_end": len(turn.text), "text": turn.text, "language": None,
                "tokens": None, "vector": None,
            }  # fmt: skip
            continue
        starts = [0, *(span.char_start for span, _ in pieces[1:]), len(turn.text)]
        for (span, segment), start, end in zip(pieces, starts, starts[1:], strict=False):
            # A segment over several turns has its vector on its first piece.
            is_first = segment.index not in written
            written.add(segment.index)
            yield {
                **base,
                "segment": segment.index,
                "segment_start_s": segment.start_s,
                "segment_end_s": segment.end_s,
                "char_start": span.char_start,
                "char_end": span.char_end,
                "text": turn.text[start:end],
                "language": segment.language,
                "tokens": tokens[segment.index] if tokens and is_first else None,
                "vector": vectors[segment.index] if vectors and is_first else None,
            }


def rejected_columns(rejected: Iterable[Rejected]) -> Columns:
    """Return the columns of `rejected/`."""
    columns: Columns = defaultdict(list)
    for record in rejected:
        for name in ("path", "record", "line", "field", "reason"):
            columns[name].append(getattr(record, name))
    return columns
