"""Retention: set by an administrator, done every day by a running desk, told in a log."""

import time

import pytest
from desk_of_tests import SECRET, Browser

from convqa.review.app import create_app
from convqa.review.daily import daily_retention
from convqa.store.desk_settings import DeskSettings, change_settings, read_settings
from convqa.store.erasing import read_retention
from convqa.store.loading import load_run
from store.desk_runs import add_people, talk, write_run

OLD = "2020-01-01T10:00:00+01:00"


@pytest.fixture
def desk(database, tmp_path):
    people = add_people(database)
    load_run(database, write_run(tmp_path / "run", [talk("old", started_at=OLD)]))
    return database, people


def waited(found):
    until = time.monotonic() + 20
    while not found() and time.monotonic() < until:
        time.sleep(0.01)
    return found()


def test_a_running_desk_erases_again_and_again(desk):
    database, people = desk
    change_settings(database, people["root"], DeskSettings(retention_days=365))
    with daily_retention(database, every_s=0.05):
        assert waited(lambda: len(read_retention(database)) > 1)
    first, *later = reversed(read_retention(database))
    assert (first.n_erased, first.actor) == (1, "system")
    assert {entry.n_erased for entry in later} == {0}
    n = len(read_retention(database))
    time.sleep(0.15)
    assert len(read_retention(database)) == n


def test_everything_is_kept_without_a_setting(desk):
    database, _ = desk
    with daily_retention(database, every_s=0.01):
        time.sleep(0.1)
    assert read_retention(database) == ()


def test_an_administrator_sets_erases_and_reads_the_log(desk):
    database, _ = desk
    root = Browser(create_app(database, SECRET), "root")
    root.get("/retention")
    root.post("/retention", {"days": "many"})
    assert read_settings(database).retention_days is None
    root.post("/retention", {"days": "365"})
    assert read_settings(database).retention_days == 365
    root.post("/retention/now")
    assert read_retention(database) == ()
    root.post("/retention/now", {"sure": "yes"})
    assert read_retention(database)[0].n_erased == 1
    assert "<bdi>root</bdi>" in root.get("/retention").text
    root.post("/retention", {"days": ""})
    assert read_settings(database).retention_days is None
