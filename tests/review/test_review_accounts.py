"""An administrator makes, changes and closes accounts in the browser."""

import pytest
from desk_of_tests import Browser, open_desk

from convqa.store.users import find_user
from store.desk_runs import PASSWORD


@pytest.fixture
def app(tmp_path):
    with open_desk(tmp_path) as app:
        yield app


def test_account_is_made_and_changed(app):
    root = Browser(app, "root")
    made = {"username": "n/o ra", "name": "Nora", "role": "reviewer", "team": "blue",
            "other_teams": "green, ", "password": PASSWORD}  # fmt: skip
    assert root.post("/accounts", made).headers["location"] == "/accounts?said=added"
    database = app.state.desk.database
    assert find_user(database, "n/o ra").teams == {"blue", "green"}
    nora = Browser(app, "n/o ra")
    page = root.get("/accounts/n%2Fo%20ra").text
    assert 'value="green"' in page
    changed = {"name": "Nora N", "role": "manager", "all_teams": "yes"}
    assert root.post("/accounts/n%2Fo%20ra", changed).status_code == 303
    user = find_user(database, "n/o ra")
    assert (user.name, user.role, user.sees_all_teams) == ("Nora N", "manager", True)
    assert nora.get("/queue").status_code == 303  # another role ends the sessions


def test_account_is_closed_and_opened_again(app):
    root, rita = Browser(app, "root"), Browser(app, "rita")
    assert root.post("/accounts/rita", {"do": "close"}).status_code == 303
    assert rita.get("/queue").status_code == 303
    assert Browser(app).sign_in("rita").status_code == 401
    root.post("/accounts/rita", {"do": "open"})
    root.post("/accounts/rita", {"do": "password", "password": "another good password"})
    assert Browser(app).sign_in("rita", "another good password").status_code == 303


def test_what_is_wrong_is_told_beside_the_form(app):
    root = Browser(app, "root")
    answer = root.post("/accounts", {"username": "x", "role": "reviewer", "password": "short"})
    assert answer.status_code == 400
    assert "A password has 12 to" in answer.text
    answer = root.post("/accounts/root", {"do": "close"})
    assert "the only open account of an administrator" in answer.text
    assert root.get("/accounts/nobody").status_code == 404
    assert root.post("/accounts", {"username": "x", "role": "king"}).status_code == 400
