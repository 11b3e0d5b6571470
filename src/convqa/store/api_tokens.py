"""Tokens by which programs use the API as a person: shown once, kept as a hash, with an end.

A token allows what its owner's role and teams allow at the time of the request, or only to read.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, update

from convqa.errors import ReviewError
from convqa.store.audit import Detail, now, record
from convqa.store.database import Database
from convqa.store.tables import api_tokens, users
from convqa.store.users import viewer_of
from convqa.store.viewers import Viewer

# Found by scanners of repositories when somebody commits one by mistake.
PREFIX = "convqa_"
LONGEST_NAME = 60
# A year at most, as GitHub and GitLab: a forgotten token must end some time.
LONGEST_DAYS = 365
MOST_TOKENS = 20
# How often a request may note when a token was last used: not every request is a write.
_TOUCH = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as its owner sees it; the token itself is nowhere."""

    id: int
    name: str
    is_writing: bool
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Whether it has expired."""
        return self.expires_at < now()


@dataclass(frozen=True, slots=True)
class TokenViewer:
    """Who holds a token, and whether it may write."""

    viewer: Viewer
    is_writing: bool


def make_token(
    database: Database, viewer: Viewer, name: str, *, days: int, is_writing: bool
) -> str:
    """Make a token and return it; only its hash is kept.

    Raises:
        ReviewError: The name or the days do not fit, or there are too many.
    """
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not 1 <= days <= LONGEST_DAYS:
        raise ReviewError(
            f"a token needs a name of 1 to {LONGEST_NAME} characters and 1 to {LONGEST_DAYS} days",
            "token_form", longest=LONGEST_NAME, days=LONGEST_DAYS,
        )  # fmt: skip
    token = PREFIX + secrets.token_urlsafe(32)
    with database.writing() as connection:
        mine = api_tokens.c.user_id == viewer.user_id
        held = connection.execute(select(func.count()).where(mine)).scalar_one()
        if held >= MOST_TOKENS:
            raise ReviewError(
                f"there are {MOST_TOKENS} tokens already; take one back first", "too_many_tokens",
                n=MOST_TOKENS,
            )  # fmt: skip
        at = now()
        token_id = connection.execute(
            insert(api_tokens)
            .values(
                user_id=viewer.user_id, name=name, token_sha256=_digest(token),
                is_writing=is_writing, created_at=at, expires_at=at + timedelta(days=days),
            )
            .returning(api_tokens.c.id)
        ).scalar_one()  # fmt: skip
        told: Detail = {"token": token_id, "name": name, "days": days, "is_writing": is_writing}
        record(connection, viewer.username, "token.make", viewer.username, told)
    return token


def list_tokens(database: Database, viewer: Viewer) -> tuple[ApiToken, ...]:
    """Return the own tokens, the latest first."""
    columns = (
        api_tokens.c.id, api_tokens.c.name, api_tokens.c.is_writing, api_tokens.c.created_at,
        api_tokens.c.expires_at, api_tokens.c.last_used_at,
    )  # fmt: skip
    query = select(*columns).where(api_tokens.c.user_id == viewer.user_id)
    with database.reading() as connection:
        rows = connection.execute(query.order_by(api_tokens.c.id.desc()))
        return tuple(ApiToken(*row) for row in rows)


def revoke_token(database: Database, viewer: Viewer, token_id: int) -> None:
    """Take an own token back: it is worth nothing from now on.

    Raises:
        ReviewError: There is no such token of this person.
    """
    here = (api_tokens.c.id == token_id) & (api_tokens.c.user_id == viewer.user_id)
    with database.writing() as connection:
        if not connection.execute(delete(api_tokens).where(here)).rowcount:
            raise ReviewError(f"token {token_id}: you have none", "not_found")
        told = {"token": token_id}
        record(connection, viewer.username, "token.revoke", viewer.username, told)


def token_viewer(database: Database, token: str) -> TokenViewer | None:
    """Return who holds a token, None where it never was, has ended, or the account is closed."""
    here = api_tokens.c.token_sha256 == _digest(token)
    at = now()
    with database.reading() as connection:
        row = connection.execute(
            select(api_tokens, users.c.username, users.c.is_disabled)
            .join(users, users.c.id == api_tokens.c.user_id)
            .where(here, api_tokens.c.expires_at > at)
        ).first()
        if row is None or row.is_disabled:
            return None
        viewer = viewer_of(connection, row.username)
    if row.last_used_at is None or at - row.last_used_at > _TOUCH:
        with database.writing() as connection:
            connection.execute(update(api_tokens).where(here).values(last_used_at=at))
    return TokenViewer(viewer, row.is_writing)


def _digest(token: str) -> str:
    """Return the hash to keep; 256 random bits need no slow one."""
    return hashlib.sha256(token.encode()).hexdigest()
