"""The audit log: who did what when, each entry chained to the one before by its hash.

An entry is written in the transaction of what it tells of. Its detail holds names, numbers and
outcomes, never transcript text or comments, so that erasing a conversation leaves no text here.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, text

from convqa.store.database import Database
from convqa.store.tables import audit_log

# What an entry may tell: flat, so that it reads the same everywhere.
Detail = Mapping[str, str | int | float | bool | list[str] | None]

START = "0" * 64
# Any number of our own: in PostgreSQL one transaction at a time extends the chain.
_CHAIN_LOCK = 7_266_802


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry; `at` is ISO 8601 in UTC, `detail_json` the canonical JSON that was hashed."""

    id: int
    at: str
    actor: str
    action: str
    subject: str
    detail_json: str
    previous_sha256: str
    sha256: str


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """What `verify_audit` found; `fault` is None where the chain is whole.

    `head` is the last hash: noted elsewhere, it shows later that nothing was cut off the end.
    """

    n_entries: int
    head: str
    fault: str | None


def now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)


def record(
    connection: Connection, actor: str, action: str, subject: str, detail: Detail | None = None
) -> None:
    """Append an entry in the transaction of what it tells of.

    Args:
        connection: Of `Database.writing`.
        actor: A username, or `system` for what runs on a schedule.
        action: A verb and its object, such as `review.save`.
        subject: A conversation id, a username, or what else was acted upon.
        detail: Names, numbers and outcomes; no transcript text and no comments.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _CHAIN_LOCK})
    last = connection.execute(
        select(audit_log.c.id, audit_log.c.sha256).order_by(audit_log.c.id.desc()).limit(1)
    ).first()
    number, previous = (last.id + 1, last.sha256) if last else (1, START)
    at = now().isoformat()
    detail_json = json.dumps(dict(detail or {}), ensure_ascii=False, sort_keys=True)
    connection.execute(
        insert(audit_log).values(
            id=number, at=at, actor=actor, action=action, subject=subject, detail_json=detail_json,
            previous_sha256=previous,
            sha256=_digest(number, at, actor, action, subject, detail_json, previous),
        )
    )  # fmt: skip


def _digest(*parts: str | int) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def read_audit(
    database: Database, *, subject: str | None = None, limit: int = 200, before: int | None = None
) -> tuple[AuditEntry, ...]:
    """Return the latest entries, newest first, of one subject or all, older than entry `before`."""
    query = select(audit_log).order_by(audit_log.c.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(audit_log.c.subject == subject)
    if before is not None:
        query = query.where(audit_log.c.id < before)
    with database.reading() as connection:
        return tuple(AuditEntry(*row) for row in connection.execute(query))


def verify_audit(database: Database, *, known_head: str | None = None) -> AuditCheck:
    """Check every entry against its hash and the hash before it.

    Args:
        database: Where the log lies.
        known_head: A `head` noted earlier; it must still be in the chain.
    """
    with database.reading() as connection:
        streaming = connection.execution_options(yield_per=1000)
        with streaming.execute(select(audit_log).order_by(audit_log.c.id)) as rows:
            return _check((AuditEntry(*row) for row in rows), known_head)


def _check(entries: Iterator[AuditEntry], known_head: str | None) -> AuditCheck:
    number, head = 0, START
    is_known = known_head is None or known_head == START
    for entry in entries:
        fault = _fault(entry, number + 1, head)
        if fault:
            return AuditCheck(number, head, fault)
        number, head = entry.id, entry.sha256
        is_known = is_known or head == known_head
    fault = None if is_known else f"entries are missing: none has the hash {known_head}"
    return AuditCheck(number, head, fault)


def _fault(entry: AuditEntry, expected: int, previous: str) -> str | None:
    if entry.id != expected:
        return f"entry {expected} is missing"
    if entry.previous_sha256 != previous:
        return f"entry {entry.id} does not follow entry {entry.id - 1}"
    if entry.sha256 != _digest(
        entry.id, entry.at, entry.actor, entry.action, entry.subject, entry.detail_json, previous
    ):
        return f"entry {entry.id} was changed"
    return None
