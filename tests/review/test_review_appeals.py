"""An appeal through the pages: opened by the agent, decided by a manager, seen by both."""

import re

import pytest
from desk_of_tests import SECRET, Browser

from convqa.review.app import create_app
from convqa.store.desk_settings import DeskSettings, change_settings
from convqa.store.loading import load_run
from convqa.store.reading import find_key
from convqa.store.users import find_viewer
from store.desk_runs import add_people, talk, write_run


@pytest.fixture
def desk(database, tmp_path):
    people = add_people(database)
    load_run(database, write_run(tmp_path / "run", [talk(), talk("c2", agent_id="a2")]))
    yield create_app(database, SECRET), find_key(database, people["root"], "c1")


def agent_of(app):
    ada = Browser(app, "ada")
    ada.get("/notice")
    ada.post("/notice")
    return ada


def appeal(ada, key, **changes):
    ada.get(f"/results/{key}")
    sent = {"criterion": "kind", "addressee": "max", "reason": "I was kind.", **changes}
    return ada.post(f"/results/{key}/appeal", sent).headers["location"]


def test_results_wait_for_the_notice(desk):
    app, key = desk
    ada = Browser(app, "ada")
    for path in ("/results", f"/results/{key}"):
        assert ada.get(path).headers["location"] == "/notice"


def test_what_was_good_comes_first_then_hints_and_the_window(desk):
    app, key = desk
    html = agent_of(app).get(f"/results/{key}").text
    assert html.index("What was good") < html.index("What could be better")
    assert re.search(r"1[34] days left", html)
    assert "Calm down" in html


def test_the_results_of_another_agent_are_not_found(desk):
    app, _ = desk
    ada = agent_of(app)
    other = find_key(app.state.desk.database, find_viewer(app.state.desk.database, "root"), "c2")
    assert ada.get(f"/results/{other}").status_code == 404
    for form in ("appeal", "acknowledge"):
        assert ada.post(f"/results/{other}/{form}").status_code == 404
    page = ada.get("/results").text
    assert ">c1<" in page
    assert ">c2<" not in page


def test_an_upheld_appeal_corrects_the_score_for_all(desk):
    app, key = desk
    ada, manager = agent_of(app), Browser(app, "max")
    assert appeal(ada, key).endswith("said=appealed")
    for browser, path in (
        (ada, "/results"), (ada, f"/results/{key}"), (manager, "/queue?tab=all"),
        (manager, "/appeals/1"),
    ):  # fmt: skip
        assert "Under appeal" in browser.get(path).text, path
    page = manager.get("/appeals").text
    assert "Max Manager" in page
    assert "0 days" in page
    assert "I was kind." in manager.get("/appeals/1").text
    sent = {"decision": "granted", "outcome.kind": "pass", "answer": "You are right."}
    assert manager.post("/appeals/1/decide", sent).headers["location"] == "/appeals/1?said=decided"
    html = ada.get(f"/results/{key}").text
    assert "You are right." in html
    assert ">100.0</span>" in html
    assert "Upheld" in ada.get("/results").text
    assert "max decided it" in manager.get("/appeals/1").text
    again = {"criterion": "kind", "addressee": "max", "reason": "Once more."}
    refused = ada.post(f"/results/{key}/appeal", again)
    assert refused.status_code == 400
    assert "There is an appeal on this already." in refused.text


def test_a_declined_appeal_keeps_the_score(desk):
    app, key = desk
    ada, manager = agent_of(app), Browser(app, "max")
    appeal(ada, key)
    manager.get("/appeals/1")
    manager.post("/appeals/1/decide", {"decision": "rejected", "answer": "It was dismissive."})
    html = ada.get(f"/results/{key}").text
    assert "Declined" in html
    assert ">25.0</span>" in html


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ({"answer": "x"}, "Choose whether you uphold or decline."),
        ({"decision": "rejected"}, "Give the agent an answer"),
        ({"decision": "granted", "answer": "x", "outcome.kind": "fail"}, "changes an outcome"),
    ],
)
def test_a_decision_without_reason_or_change_is_refused(desk, sent, fault):
    app, key = desk
    appeal(agent_of(app), key)
    manager = Browser(app, "max")
    manager.get("/appeals/1")
    answer = manager.post("/appeals/1/decide", sent)
    assert answer.status_code == 400
    assert fault in answer.text
    assert "Under appeal" in manager.get("/appeals/1").text


def test_who_is_away_is_taken_over_from(desk):
    app, key = desk
    appeal(agent_of(app), key, addressee="root")
    manager = Browser(app, "max")
    assert "Is the person away?" in manager.get("/appeals/1").text
    assert manager.post("/appeals/1/take").headers["location"] == "/appeals/1?said=taken"
    html = manager.get("/appeals/1").text
    assert "max took it over" in html
    assert "Decide the appeal" in html


def test_a_reviewer_finds_no_appeals(desk):
    app, key = desk
    appeal(agent_of(app), key)
    rita = Browser(app, "rita")
    assert rita.get("/appeals").status_code == 404
    assert rita.post("/appeals/1/take").status_code == 404


def test_a_result_is_acknowledged(desk):
    app, key = desk
    ada = agent_of(app)
    ada.get(f"/results/{key}")
    ada.post(f"/results/{key}/acknowledge")
    assert "You have confirmed that you read this result." in ada.get(f"/results/{key}").text


def test_a_closed_window_offers_no_appeal(desk):
    app, key = desk
    database = app.state.desk.database
    change_settings(database, find_viewer(database, "root"), DeskSettings(appeal_days=0))
    html = agent_of(app).get(f"/results/{key}").text
    assert "no longer; it was until" in html
    assert "Appeal against this" not in html
