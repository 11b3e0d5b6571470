"""What runs said of conversations: the result that counts now, its history and its words."""

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text

from convqa.store.tables.base import Key, UtcTime, metadata, of_conversation

standards = Table(
    "standards", metadata,
    Column("id", Key, primary_key=True),
    Column("name", String, nullable=False),
    Column("version", String, nullable=False),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("standard_json", Text, nullable=False),
)  # fmt: skip

# `plan_sha256` names the run whatever was erased from it later; `manifest_sha256` the state loaded.
runs = Table(
    "runs", metadata,
    Column("id", Key, primary_key=True),
    Column("directory", String, nullable=False),
    Column("plan_sha256", String(64), nullable=False, unique=True),
    Column("manifest_sha256", String(64)),
    Column("standard_id", Key, ForeignKey("standards.id"), nullable=False),
    Column("model_name", String, nullable=False),
    Column("model_version", String, nullable=False),
    Column("model_sha256", String(64), nullable=False),
    Column("n_conversations", Integer, nullable=False),
    Column("loaded_at", UtcTime, nullable=False),
)  # fmt: skip

conversations = Table(
    "conversations", metadata,
    Column("id", Key, primary_key=True),
    Column("conversation_id", String, nullable=False, unique=True),
    Column("run_id", Key, ForeignKey("runs.id"), nullable=False),
    Column("language", String(35)),
    Column("channel", String(16)),
    Column("agent_id", String),
    Column("team", String),
    Column("queue", String),
    Column("started_at", String),  # as given
    Column("started", UtcTime),  # the same as a moment, where it can be read
    Column("csat", Float),
    Column("is_recontact", Boolean),
    Column("is_mystery_shop", Boolean, nullable=False),
    Column("metadata_json", Text, nullable=False),
    Column("n_turns", Integer, nullable=False),
    # What the machine said, in the last run.
    Column("standard_id", Key, ForeignKey("standards.id"), nullable=False),
    Column("model_name", String, nullable=False),
    Column("model_version", String, nullable=False),
    Column("model_sha256", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("skip_reason", String),
    Column("score", Float),
    Column("raw_score", Float),
    Column("band", String),
    Column("is_flagged", Boolean, nullable=False),
    Column("flags", JSON, nullable=False),
    Column("critical", JSON, nullable=False),
    Column("resolution_label", String),
    Column("resolution_probability", Float),
    Column("ending", String),
    Column("coverage", Float, nullable=False),
    # The least confidence of a criterion that cost points, else of any that was decided.
    Column("confidence", Float),
    # What counts: the machine's answers with those of people in their place.
    Column("final_status", String(16), nullable=False),
    Column("final_score", Float),
    Column("final_raw_score", Float),
    Column("final_band", String),
    Column("final_flags", JSON, nullable=False),
    Column("final_critical", JSON, nullable=False),
    Column("state", String(16), nullable=False),  # machine, reviewed, frozen, final
    Column("n_reviews", Integer, nullable=False),
    Column("n_stale", Integer, nullable=False),  # reviews to be seen again
    Column("risk", Float, nullable=False),  # higher is to be read earlier
    Column("first_loaded_at", UtcTime, nullable=False),
    Column("result_at", UtcTime, nullable=False),  # since when the final score is what it is
    Index(None, "is_flagged", "risk", "id"),
    Index(None, "risk", "id"),
    Index(None, "started", "id"),
    Index(None, "final_score", "id"),
    Index(None, "confidence", "id"),
    Index(None, "team", "risk"),
    Index(None, "agent_id", "risk"),
    Index(None, "run_id"),
)  # fmt: skip

# The values that filters can take, by team (empty for none): scanning all conversations for them
# would take longer than the page. Written when conversations are loaded.
FACETS = ("language", "channel", "team", "queue", "agent_id")
facets = Table(
    "facets", metadata,
    Column("team", String, primary_key=True),
    Column("name", String(16), primary_key=True),
    Column("value", String, primary_key=True),
)  # fmt: skip

# One row for each run that scored the conversation: the history of its score.
results = Table(
    "results", metadata,
    of_conversation(is_key=True),
    Column("run_id", Key, ForeignKey("runs.id"), nullable=False, primary_key=True),
    Column("status", String(16), nullable=False),
    Column("score", Float),
    Column("raw_score", Float),
    Column("band", String),
    Index(None, "run_id"),
)  # fmt: skip

conversation_flags = Table(
    "conversation_flags", metadata,
    of_conversation(is_key=True),
    Column("flag", String, primary_key=True),
    Index(None, "flag", "conversation"),
)  # fmt: skip

# The stored (redacted) turns as one JSON array: they are only ever read together.
transcripts = Table(
    "transcripts", metadata,
    of_conversation(is_key=True),
    Column("turns_json", Text, nullable=False),
)  # fmt: skip

# Folded text for search. An FTS5 table with trigrams in SQLite, where `rowid` is the name of the
# key; a table with a trigram index in PostgreSQL.
search_texts = Table(
    "search_texts", metadata,
    Column("rowid", Key, primary_key=True, autoincrement=False),
    Column("folded", Text, nullable=False),
)  # fmt: skip

criterion_results = Table(
    "criterion_results", metadata,
    of_conversation(is_key=True),
    Column("criterion_id", String, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("points", Float, nullable=False),
    Column("max_points", Float, nullable=False),
    Column("weight", Float, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("reason", Text, nullable=False),
    Column("evidence_json", Text, nullable=False),
    Column("agent_id", String),
    Index(None, "criterion_id", "outcome", "conversation"),
    Index(None, "agent_id", "conversation"),
)  # fmt: skip
