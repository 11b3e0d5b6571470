"""The standards that results in the database were scored by."""

from functools import lru_cache

from sqlalchemy import select

from convqa.standard import Standard
from convqa.store.database import Database
from convqa.store.tables import standards

# A standard with its phrase lists has half a megabyte and takes 20 ms to read; a desk has few.
_KEPT = 16


def standards_in_use(database: Database) -> tuple[Standard, ...]:
    """Return the standards of all loaded runs, the latest first."""
    with database.reading() as connection:
        query = select(standards.c.sha256).order_by(standards.c.id.desc())
        digests = connection.execute(query).scalars().all()
    return tuple(_standard(database, digest) for digest in digests)


@lru_cache(maxsize=_KEPT)
def _standard(database: Database, sha256: str) -> Standard:
    """Return a standard by its digest; what a digest names never changes."""
    with database.reading() as connection:
        text = connection.execute(
            select(standards.c.standard_json).where(standards.c.sha256 == sha256)
        ).scalar_one()
    return Standard.model_validate_json(text)
