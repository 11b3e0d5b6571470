"""Settings: seen and changed by an administrator alone, kept in the audit log, acted upon."""

import re

import pytest
from desk_of_tests import Browser, key_of, open_desk

from convqa.store.audit import read_audit, verify_audit
from convqa.store.desk_settings import DeskSettings, read_settings

SENT = {"appeal_days": "30", "smallest_group": "6", "flag_budget": "9"}


@pytest.fixture
def app(tmp_path):
    with open_desk(tmp_path) as app:
        yield app


def settings_of(app):
    return read_settings(app.state.desk.database)


def test_an_administrator_changes_settings_and_the_log_keeps_it(app):
    root = Browser(app, "root")
    page = root.get("/settings").text
    assert 'name="appeal_days" type="number" min="0" max="365" value="14"' in page
    assert "Everything is kept." in page
    assert "Nothing was changed yet." in page
    answer = root.post("/settings", SENT | {"aggregate_only": "yes"})
    assert answer.headers["location"] == "/settings?said=saved"
    assert settings_of(app) == DeskSettings(
        appeal_days=30, smallest_group=6, flag_budget=9, aggregate_only=True
    )
    page = root.get("/settings").text
    rows = [
        re.sub(r"<[^>]+>", "|", row) for row in re.findall(r"<tr>(<th scope=.row.*?)</tr>", page)
    ]
    assert len(rows) == 4
    assert any("Days to appeal||30||" in row and "root" in row for row in rows)
    database = app.state.desk.database
    assert [e.actor for e in read_audit(database, subject="settings")] == ["root"]
    assert verify_audit(database).fault is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("appeal_days", "366"), ("appeal_days", "-1"), ("appeal_days", ""),
        ("smallest_group", "4"), ("smallest_group", "1001"), ("flag_budget", "0"),
        ("flag_budget", "forty"),
    ],
)  # fmt: skip
def test_a_number_that_cannot_be_changes_nothing(app, name, value):
    answer = Browser(app, "root").post("/settings", SENT | {name: value})
    assert answer.status_code == 400
    assert "Nothing was changed." in answer.text
    assert settings_of(app) == DeskSettings()


@pytest.mark.parametrize("username", ["ada", "rita", "max"])
def test_nobody_else_finds_the_settings(app, username):
    browser = Browser(app, username)
    assert browser.get("/settings").status_code == 404
    assert browser.post("/settings", SENT).status_code == 404
    assert settings_of(app) == DeskSettings()
    assert 'href="/settings"' not in browser.get("/account").text


def test_the_days_to_appeal_hold_at_once(app):
    ada, key = Browser(app, "ada"), key_of(app, "calm")
    ada.post("/notice")
    appeal = 'name="criterion" value="kind"'
    assert appeal in ada.get(f"/results/{key}").text
    Browser(app, "root").post("/settings", SENT | {"appeal_days": "0"})
    assert appeal not in ada.get(f"/results/{key}").text


def test_agents_read_the_notice_again_when_an_administrator_asks_for_it(app):
    ada = Browser(app, "ada")
    ada.post("/notice")
    assert ada.get("/results").status_code == 200
    Browser(app, "root").post("/settings", SENT | {"notice_again": "yes"})
    assert settings_of(app).notice_version == "2"
    assert ada.get("/results").headers["location"] == "/notice"
