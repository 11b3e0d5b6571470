"""What all tables share: names of constraints, keys, moments, and whose a row is."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    MetaData,
    TypeDecorator,
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


def of_conversation(name: str = "conversation", *, is_key: bool = False) -> Column[int]:
    """Return the column of a row that goes when its conversation is erased."""
    return Column(
        name, Key, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False,
        primary_key=is_key,
    )  # fmt: skip


def of_user(
    name: str = "user_id", *, is_key: bool = False, is_optional: bool = False
) -> Column[int]:
    """Return the column that names who a row is of; accounts are closed, never removed."""
    return Column(name, Key, ForeignKey("users.id"), nullable=is_optional, primary_key=is_key)
