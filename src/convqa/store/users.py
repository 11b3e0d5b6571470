"""The people of the review desk: accounts, roles, teams, passwords."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from convqa.errors import ReviewError
from convqa.schema import LANGUAGES
from convqa.store.audit import now, record
from convqa.store.database import Database
from convqa.store.desk_settings import settings_of
from convqa.store.tables import api_tokens, user_agents, user_teams, users, web_sessions
from convqa.store.viewers import USER_ROLES, UserRole, Viewer

# NIST SP 800-63B: at least 15 characters where the password is the only factor for administrators;
# its floor for the rest is 8. One rule for all keeps it simple.
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256

_hasher = PasswordHasher()  # argon2id with the parameters of RFC 9106, low memory


@dataclass(frozen=True, slots=True)
class User:
    """An account. `language` is of the interface, None where the browser decides."""

    id: int
    username: str
    name: str
    role: UserRole
    teams: frozenset[str]
    agent_ids: frozenset[str]
    sees_all_teams: bool
    language: str | None
    is_disabled: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewUser:
    """What an account is made of; an agent needs `agent_ids`, others teams or all of them."""

    username: str
    name: str
    role: UserRole
    teams: frozenset[str] = frozenset()
    agent_ids: frozenset[str] = frozenset()
    sees_all_teams: bool = False
    language: str | None = None


def add_user(database: Database, actor: str, new: NewUser, password: str) -> User:
    """Make an account.

    Args:
        database: Where.
        actor: The username of who does it, or `command line`.
        new: The account.
        password: 12 to 256 characters; only its argon2 hash is kept.

    Raises:
        ReviewError: The username is taken, or something about the account is wrong.
    """
    _check(new)
    hashed = _hash(password)
    with database.writing() as connection:
        if _row(connection, new.username) is not None:
            raise ReviewError(
                f"user {new.username!r}: there is one already", "account_known",
                username=new.username,
            )  # fmt: skip
        user_id = connection.execute(
            insert(users)
            .values(
                username=new.username, name=new.name, role=new.role, password_hash=hashed,
                sees_all_teams=new.sees_all_teams, language=new.language, is_disabled=False,
                created_at=now(),
            )
            .returning(users.c.id)
        ).scalar_one()  # fmt: skip
        _set_scope(connection, user_id, new.teams, new.agent_ids)
        record(connection, actor, "user.add", new.username, _told(new))
        return _user(connection, new.username)


def change_user(database: Database, actor: str, changed: NewUser) -> User:
    """Give an account another name, role, scope or language; its sessions end with another role.

    Raises:
        ReviewError: There is no such user, something is wrong, or no admin would be left.
    """
    _check(changed)
    with database.writing() as connection:
        before = _user(connection, changed.username)
        if before.role == "admin" and changed.role != "admin":
            _keep_an_admin(connection, before.id)
        connection.execute(
            update(users)
            .where(users.c.id == before.id)
            .values(
                name=changed.name, role=changed.role, sees_all_teams=changed.sees_all_teams,
                language=changed.language,
            )
        )  # fmt: skip
        _set_scope(connection, before.id, changed.teams, changed.agent_ids)
        if changed.role != before.role:
            connection.execute(delete(web_sessions).where(web_sessions.c.user_id == before.id))
        record(connection, actor, "user.change", changed.username, _told(changed))
        return _user(connection, changed.username)


def set_language(database: Database, viewer: Viewer, language: str | None) -> None:
    """Keep the language that a person chose for the interface.

    Raises:
        ReviewError: It is none of the six.
    """
    if language is not None and language not in LANGUAGES:
        raise ReviewError(
            f"language {language!r}: use one of {', '.join(LANGUAGES)}", "unknown_language"
        )
    with database.writing() as connection:
        connection.execute(
            update(users).where(users.c.id == viewer.user_id).values(language=language)
        )


def set_password(database: Database, actor: str, username: str, password: str) -> None:
    """Give an account another password; its sessions end, and if others set it, its API tokens.

    Raises:
        ReviewError: There is no such user, or the password is too short or too long.
    """
    hashed = _hash(password)
    with database.writing() as connection:
        user = _user(connection, username)
        connection.execute(update(users).where(users.c.id == user.id).values(password_hash=hashed))
        connection.execute(delete(web_sessions).where(web_sessions.c.user_id == user.id))
        if actor != username:
            connection.execute(delete(api_tokens).where(api_tokens.c.user_id == user.id))
        record(connection, actor, "user.password", username)


def disable_user(
    database: Database, actor: str, username: str, *, is_disabled: bool = True
) -> None:
    """Close an account, or open it again; its sessions end and what it did stays.

    Raises:
        ReviewError: There is no such user, or no admin would be left.
    """
    with database.writing() as connection:
        user = _user(connection, username)
        if is_disabled and user.role == "admin":
            _keep_an_admin(connection, user.id)
        connection.execute(
            update(users).where(users.c.id == user.id).values(is_disabled=is_disabled)
        )
        connection.execute(delete(web_sessions).where(web_sessions.c.user_id == user.id))
        record(connection, actor, "user.disable" if is_disabled else "user.enable", username)


def list_users(database: Database) -> tuple[User, ...]:
    """Return all accounts in the order of their usernames."""
    with database.reading() as connection:
        names = connection.execute(select(users.c.username).order_by(users.c.username)).scalars()
        return tuple(_user(connection, name) for name in names.all())


def find_user(database: Database, username: str) -> User:
    """Return an account.

    Raises:
        ReviewError: There is no such user.
    """
    with database.reading() as connection:
        return _user(connection, username)


def is_password(database: Database, username: str, password: str) -> bool:
    """Return whether this is the password of an open account.

    An unknown name takes as long as a wrong password, so that names cannot be told apart.
    """
    with database.reading() as connection:
        row = _row(connection, username)
    hashed = row.password_hash if row is not None else _NOBODY
    try:
        _hasher.verify(hashed, password[: LONGEST_PASSWORD + 1])
    except (VerificationError, InvalidHashError):
        return False
    return row is not None and not row.is_disabled


def viewer_of(connection: Connection, username: str) -> Viewer:
    """Return a person with what role, teams and the settings of the desk allow at this moment.

    Raises:
        ReviewError: There is no such user, or the account is closed.
    """
    user = _user(connection, username)
    if user.is_disabled:
        raise ReviewError(
            f"user {username!r}: the account is closed", "account_closed", username=username
        )
    return Viewer(
        user_id=user.id,
        username=user.username,
        name=user.name,
        role=user.role,
        teams=user.teams,
        agent_ids=user.agent_ids,
        sees_all_teams=user.sees_all_teams or user.role == "admin",
        aggregate_only=settings_of(connection).aggregate_only,
        language=user.language,
    )


def find_viewer(database: Database, username: str) -> Viewer:
    """Return the viewer of an account, as `viewer_of` does."""
    with database.reading() as connection:
        return viewer_of(connection, username)


def _hash(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ReviewError(
            f"the password has {len(password)} characters; it needs {SHORTEST_PASSWORD} to "
            f"{LONGEST_PASSWORD}",
            "password_length", shortest=SHORTEST_PASSWORD, longest=LONGEST_PASSWORD,
        )  # fmt: skip
    return _hasher.hash(password)


# Of a password that nobody has: verified where the username is unknown.
_NOBODY = _hasher.hash("")


def _check(new: NewUser) -> None:
    if not new.username or new.username != new.username.strip() or len(new.username) > 100:
        raise ReviewError(
            "a username has 1 to 100 characters and no spaces around it",
            "username_form",
            longest=100,
        )
    if new.role not in USER_ROLES:
        raise ReviewError(f"role {new.role!r}: use one of {', '.join(USER_ROLES)}", "unknown_role")
    if new.role == "agent" and not new.agent_ids:
        raise ReviewError(
            f"user {new.username!r}: an agent needs at least one agent id", "agent_without_id"
        )
    if new.language is not None and new.language not in LANGUAGES:
        raise ReviewError(
            f"language {new.language!r}: use one of {', '.join(LANGUAGES)}", "unknown_language"
        )


def _told(new: NewUser) -> dict[str, str | bool | list[str]]:
    return {
        "role": new.role,
        "teams": sorted(new.teams),
        "agent_ids": sorted(new.agent_ids),
        "sees_all_teams": new.sees_all_teams,
    }


def _set_scope(
    connection: Connection, user_id: int, teams: Collection[str], agent_ids: Collection[str]
) -> None:
    for table, name, values in (
        (user_teams, "team", teams),
        (user_agents, "agent_id", agent_ids),
    ):
        connection.execute(delete(table).where(table.c.user_id == user_id))
        if values:
            connection.execute(
                insert(table), [{"user_id": user_id, name: value} for value in sorted(values)]
            )


def _keep_an_admin(connection: Connection, user_id: int) -> None:
    others = connection.execute(
        select(func.count())
        .select_from(users)
        .where(users.c.role == "admin", users.c.id != user_id, users.c.is_disabled.is_(False))
    ).scalar_one()
    if not others:
        raise ReviewError(
            "this is the only open admin account; make another one first", "last_admin"
        )


def _row(connection: Connection, username: str) -> Row[Any] | None:
    return connection.execute(select(users).where(users.c.username == username)).first()


def _user(connection: Connection, username: str) -> User:
    row = _row(connection, username)
    if row is None:
        raise ReviewError(f"user {username!r}: there is none", "no_account", username=username)
    teams = select(user_teams.c.team).where(user_teams.c.user_id == row.id)
    agents = select(user_agents.c.agent_id).where(user_agents.c.user_id == row.id)
    return User(
        id=row.id,
        username=row.username,
        name=row.name,
        role=row.role,
        teams=frozenset(connection.execute(teams).scalars()),
        agent_ids=frozenset(connection.execute(agents).scalars()),
        sees_all_teams=row.sees_all_teams,
        language=row.language,
        is_disabled=row.is_disabled,
        created_at=row.created_at,
    )
