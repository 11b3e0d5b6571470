from datetime import timedelta

import pytest
from desk_runs import PASSWORD, add_people
from sqlalchemy import select, update

from convqa.errors import ReviewError
from convqa.store import sessions
from convqa.store.audit import now
from convqa.store.sessions import session_viewer, sign_in, sign_out
from convqa.store.tables import login_attempts, users, web_sessions
from convqa.store.users import (
    NewUser,
    add_user,
    change_user,
    disable_user,
    find_viewer,
    is_password,
    set_password,
)


def enter(database, username="rita", password=PASSWORD, address="10.0.0.1"):
    return sign_in(database, username, password, address=address)


def test_a_session_knows_who_holds_it_and_ends(database):
    add_people(database)
    token = enter(database)
    viewer = session_viewer(database, token)
    assert (viewer.username, viewer.role, viewer.teams) == ("rita", "reviewer", {"blue"})
    with database.reading() as connection:
        assert token not in connection.execute(select(web_sessions.c.token_sha256)).scalars().all()
    assert session_viewer(database, "guessed") is None
    sign_out(database, token)
    assert session_viewer(database, token) is None


@pytest.mark.parametrize(
    "values",
    [
        {"expires_at": now() - timedelta(seconds=1)},
        {"last_seen_at": now() - sessions.IDLE - timedelta(seconds=1)},
    ],
)
def test_a_session_ends_by_time(database, values):
    add_people(database)
    token = enter(database)
    with database.writing() as connection:
        connection.execute(update(web_sessions).values(values))
    assert session_viewer(database, token) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda database: set_password(database, "root", "rita", "another long password"),
        lambda database: disable_user(database, "root", "rita"),
        lambda database: change_user(
            database, "root", NewUser("rita", "Rita", "manager", frozenset({"blue"}))
        ),
    ],
)
def test_a_change_of_password_or_rights_ends_sessions(database, change):
    add_people(database)
    token = enter(database)
    change(database)
    assert session_viewer(database, token) is None


def test_only_a_hash_of_the_password_is_kept(database):
    add_people(database)
    with database.reading() as connection:
        kept = connection.execute(select(users.c.password_hash)).scalars().all()
    assert all(value.startswith("$argon2id$") and PASSWORD not in value for value in kept)
    assert is_password(database, "rita", PASSWORD)
    assert not is_password(database, "rita", PASSWORD + " ")
    assert not is_password(database, "nobody", "")


def test_a_closed_account_cannot_sign_in_until_it_is_opened(database):
    add_people(database)
    disable_user(database, "root", "rita")
    with pytest.raises(ReviewError, match="wrong username or password"):
        enter(database)
    disable_user(database, "root", "rita", is_disabled=False)
    assert enter(database)


def test_guessing_is_limited_by_name_and_forgotten_in_time(database):
    add_people(database)
    for _ in range(sessions.MAX_FAILED_USERNAME):
        with pytest.raises(ReviewError, match="wrong username or password"):
            enter(database, password="a wrong password")
    with pytest.raises(ReviewError, match="too many attempts"):
        enter(database, address="10.0.0.2")
    assert enter(database, username="rolf")
    with database.writing() as connection:
        connection.execute(update(login_attempts).values(at=now() - sessions.WINDOW))
    assert enter(database)


def test_guessing_is_limited_by_address(database):
    add_people(database)
    for number in range(sessions.MAX_FAILED_ADDRESS):
        with pytest.raises(ReviewError, match="wrong username"):
            enter(database, username=f"guess{number}")
    with pytest.raises(ReviewError, match="too many attempts"):
        enter(database)
    assert enter(database, address="10.0.0.2")


@pytest.mark.parametrize(
    ("new", "password", "told"),
    [
        (NewUser("rita", "R", "reviewer"), PASSWORD, "there is one already"),
        (NewUser("new", "N", "agent"), PASSWORD, "at least one agent id"),
        (NewUser("new", "N", "boss"), PASSWORD, "role 'boss': use one of agent"),
        (NewUser(" new", "N", "admin"), PASSWORD, "no spaces around it"),
        (NewUser("new", "N", "admin", language="de"), PASSWORD, "language 'de'"),
        (NewUser("new", "N", "admin"), "short", "5 characters; it needs 12 to 256"),
    ],
)
def test_an_account_that_makes_no_sense_is_refused(database, new, password, told):
    add_people(database)
    with pytest.raises(ReviewError, match=told):
        add_user(database, "root", new, password)


def test_one_admin_always_stays(database):
    add_people(database)
    with pytest.raises(ReviewError, match="only open admin"):
        disable_user(database, "root", "root")
    with pytest.raises(ReviewError, match="only open admin"):
        change_user(database, "root", NewUser("root", "Root", "manager"))
    assert find_viewer(database, "root").role == "admin"
