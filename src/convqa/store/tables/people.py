"""Accounts, what they may see, and how they sign in."""

from sqlalchemy import Boolean, Column, Index, String, Table

from convqa.store.tables.base import Key, UtcTime, metadata, of_user

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
    "user_teams", metadata, of_user(is_key=True), Column("team", String, primary_key=True),
)  # fmt: skip

user_agents = Table(
    "user_agents", metadata, of_user(is_key=True), Column("agent_id", String, primary_key=True),
)  # fmt: skip

web_sessions = Table(
    "web_sessions", metadata,
    Column("token_sha256", String(64), primary_key=True),
    of_user(),
    Column("created_at", UtcTime, nullable=False),
    Column("last_seen_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Index(None, "user_id"),
)  # fmt: skip

# Tokens of the API: the person keeps the token, the database its hash.
api_tokens = Table(
    "api_tokens", metadata,
    Column("id", Key, primary_key=True),
    of_user(),
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

notice_acceptances = Table(
    "notice_acceptances", metadata,
    of_user(is_key=True),
    Column("notice_version", String, primary_key=True),
    Column("accepted_at", UtcTime, nullable=False),
)  # fmt: skip
