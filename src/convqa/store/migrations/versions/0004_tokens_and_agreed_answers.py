"""Tokens of the API, and what the members of a calibration session agreed upon."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("is_writing", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_api_tokens_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_api_tokens_token_sha256")),
    )
    op.create_index(op.f("ix_api_tokens_user_id"), "api_tokens", ["user_id"])
    op.create_table(
        "round_agreements",
        sa.Column("round_id", KEY, nullable=False),
        sa.Column("conversation", KEY, nullable=False),
        sa.Column("criterion_id", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("agreed_by", KEY, nullable=False),
        sa.Column("agreed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["agreed_by"], ["users.id"], name=op.f("fk_round_agreements_agreed_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["conversation"], ["conversations.id"], ondelete="CASCADE",
            name=op.f("fk_round_agreements_conversation_conversations"),
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["rounds.id"], ondelete="CASCADE",
            name=op.f("fk_round_agreements_round_id_rounds"),
        ),
        sa.PrimaryKeyConstraint(
            "round_id", "conversation", "criterion_id", name=op.f("pk_round_agreements")
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_round_agreements_conversation"), "round_agreements", ["conversation"])
