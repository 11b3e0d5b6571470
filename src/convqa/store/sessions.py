"""Signed-in sessions, kept on the server: the browser holds a token, the database its hash."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from convqa.errors import ReviewError
from convqa.store.audit import now, record
from convqa.store.database import Database
from convqa.store.tables import login_attempts, users, web_sessions
from convqa.store.users import is_password, viewer_of
from convqa.store.viewers import Viewer

# OWASP Session Management Cheat Sheet: idle 15–30 minutes for low-risk, absolute 4–8 hours for a
# working day; reading a long call takes longer than 15 minutes.
IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=10)
# How often a request may move the end of the idle time: not every page is a write.
_TOUCH = timedelta(minutes=1)

# OWASP Authentication Cheat Sheet: lock by account and by origin, for a limited time. An office
# behind one address has many people, so that limit is the wider one.
WINDOW = timedelta(minutes=15)
MAX_FAILED_USERNAME = 5
MAX_FAILED_ADDRESS = 30


def sign_in(database: Database, username: str, password: str, *, address: str) -> str:
    """Check a password and start a session.

    Args:
        database: Where.
        username: As typed.
        password: As typed.
        address: Where the request came from, for the limit of attempts.

    Returns:
        The token for the browser; only its hash is kept.

    Raises:
        ReviewError: Wrong name or password (not told apart), or too many attempts.
    """
    username = username[:100]
    address = address[:100]
    # Counted before the password is tried, so that parallel attempts cannot pass the limit.
    with database.writing() as connection:
        is_limited = _is_limited(connection, username, address)
        if not is_limited:
            attempt = connection.execute(
                insert(login_attempts)
                .values(at=now(), username=username, address=address, is_success=False)
                .returning(login_attempts.c.id)
            ).scalar_one()
    if is_limited:
        minutes = int(WINDOW.total_seconds() // 60)
        raise ReviewError(
            f"too many attempts to sign in; try again in {minutes} minutes", "too_many_attempts",
            n=minutes,
        )  # fmt: skip
    if not is_password(database, username, password):
        with database.writing() as connection:
            record(connection, username, "session.refused", username, {"address": address})
        raise ReviewError("wrong username or password", "wrong_password")
    token = secrets.token_urlsafe(32)
    with database.writing() as connection:
        at = now()
        viewer = viewer_of(connection, username)
        connection.execute(
            update(login_attempts).where(login_attempts.c.id == attempt).values(is_success=True)
        )
        connection.execute(delete(login_attempts).where(login_attempts.c.at < at - 2 * WINDOW))
        connection.execute(delete(web_sessions).where(_is_over()))
        connection.execute(
            insert(web_sessions).values(
                token_sha256=_digest(token), user_id=viewer.user_id, created_at=at, last_seen_at=at,
                expires_at=at + ABSOLUTE,
            )
        )  # fmt: skip
        record(connection, username, "session.start", username, {"address": address})
    return token


def session_viewer(database: Database, token: str) -> Viewer | None:
    """Return who holds a session, or None where it has ended or never was."""
    at = now()
    with database.reading() as connection:
        row = connection.execute(
            select(users.c.username, users.c.is_disabled, web_sessions.c.last_seen_at)
            .join(users, users.c.id == web_sessions.c.user_id)
            .where(web_sessions.c.token_sha256 == _digest(token), ~_is_over())
        ).first()
        if row is None or row.is_disabled:
            return None
        viewer = viewer_of(connection, row.username)
    if at - row.last_seen_at > _TOUCH:
        with database.writing() as connection:
            connection.execute(
                update(web_sessions)
                .where(web_sessions.c.token_sha256 == _digest(token))
                .values(last_seen_at=at)
            )
    return viewer


def sign_out(database: Database, token: str) -> None:
    """End a session."""
    with database.writing() as connection:
        username = connection.execute(
            select(users.c.username)
            .join(web_sessions, users.c.id == web_sessions.c.user_id)
            .where(web_sessions.c.token_sha256 == _digest(token))
        ).scalar()
        if username is not None:
            connection.execute(
                delete(web_sessions).where(web_sessions.c.token_sha256 == _digest(token))
            )
            record(connection, username, "session.end", username)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _is_over() -> ColumnElement[bool]:
    at = now()
    return (web_sessions.c.expires_at < at) | (web_sessions.c.last_seen_at < at - IDLE)


def _is_limited(connection: Connection, username: str, address: str) -> bool:
    """Return whether a name, since its last success, or an address has failed too often."""
    recent = (login_attempts.c.at > now() - WINDOW) & login_attempts.c.is_success.is_(False)
    last_success = (
        select(func.coalesce(func.max(login_attempts.c.id), 0))
        .where(login_attempts.c.username == username, login_attempts.c.is_success.is_(True))
        .scalar_subquery()
    )
    by_name = (login_attempts.c.username == username) & (login_attempts.c.id > last_success)
    for whose, limit in (
        (by_name, MAX_FAILED_USERNAME),
        (login_attempts.c.address == address, MAX_FAILED_ADDRESS),
    ):
        failed = connection.execute(
            select(func.count()).select_from(login_attempts).where(recent, whose)
        ).scalar_one()
        if failed >= limit:
            return True
    return False
