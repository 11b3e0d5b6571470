"""The columns of the Parquet parts.

`evaluations/` has one row a conversation, `findings/` one row a finding, `rejected/` one row a
record that could not be read. `segments/` has one row for each piece of a turn, in order: the
pieces of a turn joined give its stored text exactly, so the transcript, the texts the models saw
and their vectors are all in it. Texts and vectors are dictionary-encoded: what agents repeat is
stored once.
"""

import pyarrow as pa

SPAN = pa.struct([("turn", pa.int32()), ("char_start", pa.int32()), ("char_end", pa.int32())])

EVIDENCE = pa.struct(
    [
        ("turn", pa.int32()),
        ("char_start", pa.int32()),
        ("char_end", pa.int32()),
        ("quote", pa.string()),
        ("source", pa.string()),
    ]
)

CRITERION = pa.struct(
    [
        ("id", pa.string()),
        ("outcome", pa.string()),
        ("points", pa.float64()),
        ("max_points", pa.float64()),
        ("weight", pa.float64()),
        ("confidence", pa.float64()),
        ("reason", pa.string()),
        ("evidence", pa.list_(EVIDENCE)),
        ("agent_id", pa.string()),
    ]
)

VERSION = pa.struct([("name", pa.string()), ("version", pa.string()), ("sha256", pa.string())])

EVALUATIONS = pa.schema(
    [
        ("conversation_id", pa.string()),
        ("status", pa.string()),
        ("language", pa.string()),
        ("language_confidence", pa.float64()),
        ("channel", pa.string()),
        ("agent_id", pa.string()),
        ("team", pa.string()),
        ("queue", pa.string()),
        ("started_at", pa.string()),
        ("score", pa.float64()),
        ("raw_score", pa.float64()),
        ("band", pa.string()),
        ("flag", pa.bool_()),
        ("flags", pa.list_(pa.string())),
        ("critical", pa.list_(pa.string())),
        ("resolution_label", pa.string()),
        ("resolution_probability", pa.float64()),
        ("ending", pa.string()),
        ("coverage", pa.float64()),
        ("skip_reason", pa.string()),
        ("criteria", pa.list_(CRITERION)),
        ("standard", VERSION),
        ("model", VERSION),
        ("metadata_json", pa.string()),
        ("source_path", pa.string()),
        ("source_format", pa.string()),
        ("source_record", pa.int64()),
        ("source_line", pa.int64()),
    ]
)

FINDINGS = pa.schema(
    [
        ("conversation_id", pa.string()),
        ("kind", pa.dictionary(pa.int32(), pa.string())),
        ("label", pa.dictionary(pa.int32(), pa.string())),
        ("source", pa.dictionary(pa.int32(), pa.string())),
        ("segment", pa.int32()),
        ("probability", pa.float64()),
        ("is_present", pa.bool_()),
        ("value", pa.float64()),
        ("detail", pa.dictionary(pa.int32(), pa.string())),
        ("spans", pa.list_(SPAN)),
    ]
)

SEGMENTS = pa.schema(
    [
        ("conversation_id", pa.string()),
        ("turn", pa.int32()),
        ("role", pa.dictionary(pa.int32(), pa.string())),
        ("role_source", pa.dictionary(pa.int32(), pa.string())),
        ("role_confidence", pa.float64()),
        ("speaker_id", pa.string()),
        ("agent_id", pa.string()),
        ("start_s", pa.float64()),
        ("end_s", pa.float64()),
        ("confidence", pa.float64()),
        ("segment", pa.int32()),
        ("segment_start_s", pa.float64()),
        ("segment_end_s", pa.float64()),
        ("char_start", pa.int32()),
        ("char_end", pa.int32()),
        ("text", pa.string()),
        ("language", pa.dictionary(pa.int32(), pa.string())),
        ("tokens", pa.int32()),
        ("vector", pa.binary()),
    ]
)

REJECTED = pa.schema(
    [
        ("path", pa.string()),
        ("record", pa.int64()),
        ("line", pa.int64()),
        ("field", pa.string()),
        ("reason", pa.string()),
    ]
)

TABLES = {
    "evaluations": EVALUATIONS,
    "findings": FINDINGS,
    "segments": SEGMENTS,
    "rejected": REJECTED,
}
