"""The audit log, what was erased, and the settings."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from convqa.store.tables.base import Key, UtcTime, metadata

# Triggers refuse to change or delete a row; each hash covers the row and the hash before it.
audit_log = Table(
    "audit_log", metadata,
    Column("id", Key, primary_key=True, autoincrement=False),
    Column("at", String, nullable=False),  # ISO 8601, UTC: hashed, so kept as text
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("detail_json", Text, nullable=False),
    Column("previous_sha256", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
    Index(None, "subject"),
)  # fmt: skip

retention_log = Table(
    "retention_log", metadata,
    Column("id", Key, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("before", UtcTime, nullable=False),
    Column("n_erased", Integer, nullable=False),
    Column("n_undated", Integer, nullable=False),
    Column("actor", String, nullable=False),
)  # fmt: skip

# Ids only: what was erased must not come back with the next load.
erased_conversations = Table(
    "erased_conversations", metadata,
    Column("conversation_id", String, primary_key=True),
    Column("reason", String, nullable=False),
    Column("retention_id", Key, ForeignKey("retention_log.id")),
    Column("erased_at", UtcTime, nullable=False),
)  # fmt: skip

settings = Table(
    "settings", metadata,
    Column("name", String, primary_key=True),
    Column("value_json", Text, nullable=False),
)  # fmt: skip
