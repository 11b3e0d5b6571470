"""What people say of conversations: reviews, decisions, notes, samples and appeals."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from convqa.store.tables.base import Key, UtcTime, metadata, of_conversation, of_user

# `version` is the number a writer must have seen; `machine_sha256` digests the outcome and evidence
# that the reviewer saw, so that a change under the review is noticed.
reviews = Table(
    "reviews", metadata,
    Column("id", Key, primary_key=True),
    of_conversation(),
    Column("criterion_id", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(20), nullable=False),  # confirmed, corrected, missing_evidence
    Column("outcome", String(16), nullable=False),
    Column("evidence_json", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("machine_outcome", String(16), nullable=False),
    Column("machine_sha256", String(64), nullable=False),
    Column("is_stale", Boolean, nullable=False),
    of_user("reviewer_id"),
    Column("saved_at", UtcTime, nullable=False),
    UniqueConstraint("conversation", "criterion_id"),
)  # fmt: skip

critical_decisions = Table(
    "critical_decisions", metadata,
    of_conversation(is_key=True),
    Column("names", JSON, nullable=False),  # the critical errors that were decided upon, sorted
    Column("is_confirmed", Boolean, nullable=False),
    Column("comment", Text, nullable=False),
    of_user("decided_by"),
    Column("decided_at", UtcTime, nullable=False),
)  # fmt: skip

notes = Table(
    "notes", metadata,
    Column("id", Key, primary_key=True),
    of_conversation(),
    Column("criterion_id", String),
    Column("turn", Integer),
    Column("text", Text, nullable=False),
    Column("is_for_agent", Boolean, nullable=False),
    of_user("author_id"),
    Column("written_at", UtcTime, nullable=False),
    Index(None, "conversation"),
)  # fmt: skip

assignments = Table(
    "assignments", metadata,
    of_conversation(is_key=True),
    of_user("assignee_id"),
    of_user("assigned_by"),
    Column("assigned_at", UtcTime, nullable=False),
    Index(None, "assignee_id"),
)  # fmt: skip

# Random samples, kept apart from what was flagged: only they show the true error rate.
samples = Table(
    "samples", metadata,
    Column("id", Key, primary_key=True),
    Column("name", String, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("n_population", Integer, nullable=False),
    of_user("drawn_by"),
    Column("drawn_at", UtcTime, nullable=False),
)  # fmt: skip

sample_conversations = Table(
    "sample_conversations", metadata,
    Column("sample_id", Key, ForeignKey("samples.id", ondelete="CASCADE"), primary_key=True),
    of_conversation(is_key=True),
    Column("position", Integer, nullable=False),
    Index(None, "conversation"),
)  # fmt: skip

acknowledgements = Table(
    "acknowledgements", metadata,
    of_conversation(is_key=True),
    of_user(is_key=True),
    Column("acknowledged_at", UtcTime, nullable=False),
)  # fmt: skip

appeals = Table(
    "appeals", metadata,
    Column("id", Key, primary_key=True),
    of_conversation(),
    Column("criterion_id", String),
    of_user("agent_user_id"),
    of_user("addressee_id"),
    Column("reason", Text, nullable=False),
    Column("state", String(16), nullable=False),  # open, granted, rejected
    Column("opened_at", UtcTime, nullable=False),
    Column("answer", Text, nullable=False),
    of_user("decided_by", is_optional=True),
    Column("decided_at", UtcTime),
    Index(None, "conversation"),
    Index(None, "state", "addressee_id"),
)  # fmt: skip
