"""The tables of the review desk.

A conversation is known by `conversations.id` inside the database and by the organisation's own
`conversation_id` outside it. Its row holds the result of the last run that scored it and, beside
it, the final answer: that of the machine unless a person changed it. Reviews belong to conversation
and criterion, so they outlive every new result. Whatever holds text hangs on `conversations` with
`ON DELETE CASCADE`, so that nothing of it stays when a conversation is erased.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Key = BigInteger().with_variant(Integer, "sqlite")


class UtcTime(TypeDecorator[datetime]):
    """A moment with its time zone; SQLite keeps none, so it is stored in UTC on both."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC."""
        del dialect
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment, aware of its time zone."""
        del dialect
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _of_conversation(name: str = "conversation", *, is_key: bool = False) -> Column[int]:
    return Column(
        name, Key, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False,
        primary_key=is_key,
    )  # fmt: skip


def _of_user(
    name: str = "user_id", *, is_key: bool = False, is_optional: bool = False
) -> Column[int]:
    return Column(name, Key, ForeignKey("users.id"), nullable=is_optional, primary_key=is_key)


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
    _of_conversation(is_key=True),
    Column("run_id", Key, ForeignKey("runs.id"), nullable=False, primary_key=True),
    Column("status", String(16), nullable=False),
    Column("score", Float),
    Column("raw_score", Float),
    Column("band", String),
    Index(None, "run_id"),
)  # fmt: skip

conversation_flags = Table(
    "conversation_flags", metadata,
    _of_conversation(is_key=True),
    Column("flag", String, primary_key=True),
    Index(None, "flag", "conversation"),
)  # fmt: skip

# The stored (redacted) turns as one JSON array: they are only ever read together.
transcripts = Table(
    "transcripts", metadata,
    _of_conversation(is_key=True),
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
    _of_conversation(is_key=True),
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

users = Table(
    "users", metadata,
    Column("id", Key, primary_key=True),
    Column("username", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("role", String(16), nullable=False),  # agent, reviewer, manager, admin
    Column("password_hash", String, nullable=False),
    Column("sees_all_teams", Boolean, nullable=False),
    Column("language", String(8)),
    Column("is_disabled", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)  # fmt: skip

user_teams = Table(
    "user_teams", metadata, _of_user(is_key=True), Column("team", String, primary_key=True),
)  # fmt: skip

user_agents = Table(
    "user_agents", metadata, _of_user(is_key=True), Column("agent_id", String, primary_key=True),
)  # fmt: skip

web_sessions = Table(
    "web_sessions", metadata,
    Column("token_sha256", String(64), primary_key=True),
    _of_user(),
    Column("created_at", UtcTime, nullable=False),
    Column("last_seen_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Index(None, "user_id"),
)  # fmt: skip

# Tokens of the API: the person keeps the token, the database its hash.
api_tokens = Table(
    "api_tokens", metadata,
    Column("id", Key, primary_key=True),
    _of_user(),
    Column("name", String, nullable=False),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("is_writing", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("last_used_at", UtcTime),
    Index(None, "user_id"),
)  # fmt: skip

login_attempts = Table(
    "login_attempts", metadata,
    Column("id", Key, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("username", String, nullable=False),
    Column("address", String, nullable=False),
    Column("is_success", Boolean, nullable=False),
    Index(None, "username", "at"),
    Index(None, "address", "at"),
)  # fmt: skip

# `version` is the number a writer must have seen; `machine_sha256` digests the outcome and evidence
# that the reviewer saw, so that a change under the review is noticed.
reviews = Table(
    "reviews", metadata,
    Column("id", Key, primary_key=True),
    _of_conversation(),
    Column("criterion_id", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(20), nullable=False),  # confirmed, corrected, missing_evidence
    Column("outcome", String(16), nullable=False),
    Column("evidence_json", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("machine_outcome", String(16), nullable=False),
    Column("machine_sha256", String(64), nullable=False),
    Column("is_stale", Boolean, nullable=False),
    _of_user("reviewer_id"),
    Column("saved_at", UtcTime, nullable=False),
    UniqueConstraint("conversation", "criterion_id"),
)  # fmt: skip

critical_decisions = Table(
    "critical_decisions", metadata,
    _of_conversation(is_key=True),
    Column("names", JSON, nullable=False),  # the critical errors that were decided upon, sorted
    Column("is_confirmed", Boolean, nullable=False),
    Column("comment", Text, nullable=False),
    _of_user("decided_by"),
    Column("decided_at", UtcTime, nullable=False),
)  # fmt: skip

notes = Table(
    "notes", metadata,
    Column("id", Key, primary_key=True),
    _of_conversation(),
    Column("criterion_id", String),
    Column("turn", Integer),
    Column("text", Text, nullable=False),
    Column("is_for_agent", Boolean, nullable=False),
    _of_user("author_id"),
    Column("written_at", UtcTime, nullable=False),
    Index(None, "conversation"),
)  # fmt: skip

assignments = Table(
    "assignments", metadata,
    _of_conversation(is_key=True),
    _of_user("assignee_id"),
    _of_user("assigned_by"),
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
    _of_user("drawn_by"),
    Column("drawn_at", UtcTime, nullable=False),
)  # fmt: skip

sample_conversations = Table(
    "sample_conversations", metadata,
    Column("sample_id", Key, ForeignKey("samples.id", ondelete="CASCADE"), primary_key=True),
    _of_conversation(is_key=True),
    Column("position", Integer, nullable=False),
    Index(None, "conversation"),
)  # fmt: skip

# Blind rounds: double reviews (two members) and calibration sessions (any number). What others
# answered is shown when all members have submitted the conversation.
rounds = Table(
    "rounds", metadata,
    Column("id", Key, primary_key=True),
    Column("kind", String(16), nullable=False),  # double, calibration
    Column("name", String, nullable=False),
    _of_user("created_by"),
    Column("created_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
)  # fmt: skip


def _of_round() -> Column[int]:
    return Column("round_id", Key, ForeignKey("rounds.id", ondelete="CASCADE"), primary_key=True)


round_members = Table("round_members", metadata, _of_round(), _of_user(is_key=True))

round_conversations = Table(
    "round_conversations", metadata, _of_round(), _of_conversation(is_key=True),
    Index(None, "conversation"),
)  # fmt: skip

round_answers = Table(
    "round_answers", metadata,
    _of_round(),
    _of_conversation(is_key=True),
    _of_user(is_key=True),
    Column("criterion_id", String, primary_key=True),
    Column("outcome", String(16), nullable=False),
    Column("comment", Text, nullable=False),
    Index(None, "conversation"),
)  # fmt: skip

round_submissions = Table(
    "round_submissions", metadata,
    _of_round(),
    _of_conversation(is_key=True),
    _of_user(is_key=True),
    Column("submitted_at", UtcTime, nullable=False),
    Index(None, "conversation"),
)  # fmt: skip

# What the members of a calibration session agreed upon after they saw where they differ.
round_agreements = Table(
    "round_agreements", metadata,
    _of_round(),
    _of_conversation(is_key=True),
    Column("criterion_id", String, primary_key=True),
    Column("outcome", String(16), nullable=False),
    Column("comment", Text, nullable=False),
    _of_user("agreed_by"),
    Column("agreed_at", UtcTime, nullable=False),
    Index(None, "conversation"),
)  # fmt: skip

notice_acceptances = Table(
    "notice_acceptances", metadata,
    _of_user(is_key=True),
    Column("notice_version", String, primary_key=True),
    Column("accepted_at", UtcTime, nullable=False),
)  # fmt: skip

acknowledgements = Table(
    "acknowledgements", metadata,
    _of_conversation(is_key=True),
    _of_user(is_key=True),
    Column("acknowledged_at", UtcTime, nullable=False),
)  # fmt: skip

appeals = Table(
    "appeals", metadata,
    Column("id", Key, primary_key=True),
    _of_conversation(),
    Column("criterion_id", String),
    _of_user("agent_user_id"),
    _of_user("addressee_id"),
    Column("reason", Text, nullable=False),
    Column("state", String(16), nullable=False),  # open, granted, rejected
    Column("opened_at", UtcTime, nullable=False),
    Column("answer", Text, nullable=False),
    _of_user("decided_by", is_optional=True),
    Column("decided_at", UtcTime),
    Index(None, "conversation"),
    Index(None, "state", "addressee_id"),
)  # fmt: skip

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
