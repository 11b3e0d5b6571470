"""Blind rounds and what their members answered."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text

from convqa.store.tables.base import Key, UtcTime, metadata, of_conversation, of_user

# Blind rounds: double reviews (two members) and calibration sessions (any number). What others
# answered is shown when all members have submitted the conversation.
rounds = Table(
    "rounds", metadata,
    Column("id", Key, primary_key=True),
    Column("kind", String(16), nullable=False),  # double, calibration
    Column("name", String, nullable=False),
    of_user("created_by"),
    Column("created_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
)  # fmt: skip


def _of_round() -> Column[int]:
    return Column("round_id", Key, ForeignKey("rounds.id", ondelete="CASCADE"), primary_key=True)


round_members = Table("round_members", metadata, _of_round(), of_user(is_key=True))

round_conversations = Table(
    "round_conversations", metadata, _of_round(), of_conversation(is_key=True),
    Index(None, "conversation"),
)  # fmt: skip

round_answers = Table(
    "round_answers", metadata,
    _of_round(),
    of_conversation(is_key=True),
    of_user(is_key=True),
    Column("criterion_id", String, primary_key=True),
    Column("outcome", String(16), nullable=False),
    Column("comment", Text, nullable=False),
    Index(None, "conversation"),
)  # fmt: skip

round_submissions = Table(
    "round_submissions", metadata,
    _of_round(),
    of_conversation(is_key=True),
    of_user(is_key=True),
    Column("submitted_at", UtcTime, nullable=False),
    Index(None, "conversation"),
)  # fmt: skip

# What the members of a calibration session agreed upon after they saw where they differ.
round_agreements = Table(
    "round_agreements", metadata,
    _of_round(),
    of_conversation(is_key=True),
    Column("criterion_id", String, primary_key=True),
    Column("outcome", String(16), nullable=False),
    Column("comment", Text, nullable=False),
    of_user("agreed_by"),
    Column("agreed_at", UtcTime, nullable=False),
    Index(None, "conversation"),
)  # fmt: skip
