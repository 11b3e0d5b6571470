from datetime import timedelta

import pytest
from desk_runs import add_people
from sqlalchemy import select, update

from convqa.errors import ReviewError
from convqa.store.api_tokens import list_tokens, make_token, revoke_token, token_viewer
from convqa.store.audit import now, verify_audit
from convqa.store.tables import api_tokens
from convqa.store.users import disable_user, set_password


@pytest.fixture
def people(database):
    return add_people(database)


def test_token_stands_for_its_owner_and_only_its_hash_is_kept(database, people):
    token = make_token(database, people["rita"], "nightly", days=30, is_writing=False)
    held = token_viewer(database, token)
    assert (held.viewer, held.is_writing) == (people["rita"], False)
    with database.reading() as connection:
        row = connection.execute(select(api_tokens)).one()
    assert token not in repr(tuple(row))
    assert len(token) > 40
    (shown,) = list_tokens(database, people["rita"])
    assert (shown.name, shown.is_over) == ("nightly", False)
    assert shown.last_used_at is not None
    assert list_tokens(database, people["rolf"]) == ()
    assert token_viewer(database, token + "x") is None
    assert verify_audit(database).fault is None


def test_token_ends_when_somebody_else_sets_the_password(database, people):
    token = make_token(database, people["rita"], "t", days=1, is_writing=True)
    set_password(database, "rita", "rita", "another long password")
    assert token_viewer(database, token) is not None
    set_password(database, "root", "rita", "a third long password")
    assert token_viewer(database, token) is None


def test_token_ends_by_time_by_hand_and_with_the_account(database, people):
    old, own, closed = (
        make_token(database, people[name], "t", days=1, is_writing=True)
        for name in ("rita", "rita", "rolf")
    )
    with database.writing() as connection:
        first = api_tokens.c.id == list_tokens(database, people["rita"])[-1].id
        connection.execute(
            update(api_tokens).where(first).values(expires_at=now() - timedelta(seconds=1))
        )
    assert token_viewer(database, old) is None
    assert list_tokens(database, people["rita"])[-1].is_over
    with pytest.raises(ReviewError, match="you have none"):
        revoke_token(database, people["rolf"], list_tokens(database, people["rita"])[0].id)
    revoke_token(database, people["rita"], list_tokens(database, people["rita"])[0].id)
    assert token_viewer(database, own) is None
    disable_user(database, "command line", "rolf")
    assert token_viewer(database, closed) is None


@pytest.mark.parametrize(("name", "days"), [("", 1), ("x" * 61, 1), ("x", 0), ("x", 366)])
def test_tokens_have_a_name_and_an_end(database, people, name, days):
    with pytest.raises(ReviewError, match="1 to 365 days"):
        make_token(database, people["rita"], name, days=days, is_writing=True)
