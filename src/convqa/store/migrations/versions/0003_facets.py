"""The values that filters can take, kept beside the conversations, not counted for every page."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_NAMES = ("language", "channel", "team", "queue", "agent_id")


def upgrade() -> None:
    op.create_table(
        "facets",
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("team", "name", "value", name=op.f("pk_facets")),
    )
    for name in _NAMES:
        op.execute(
            f"INSERT INTO facets SELECT DISTINCT COALESCE(team, ''), '{name}', {name} "  # noqa: S608
            f"FROM conversations WHERE {name} IS NOT NULL"
        )
