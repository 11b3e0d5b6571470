"""The API: who may call it, what it shows and what it changes."""

import re

import pytest
from desk_of_tests import BY_ROLE, SECRET, Browser
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from convqa.review.api.access import ApiAccess
from convqa.review.api.app import PREFIX, ROUTERS
from convqa.review.app import create_app
from convqa.store.api_tokens import make_token
from convqa.store.filters import Filters
from convqa.store.loading import load_run
from convqa.store.notes import accept_notice
from convqa.store.reading import find_key
from convqa.store.rounds import create_round
from convqa.store.samples import draw_sample
from store.desk_runs import add_people, talk, write_run

TALKS = (talk("c1"), talk("c2", kind="pass"), talk("far", team="red", agent_id="a9"))


@pytest.fixture
def desk(database, tmp_path):
    """The application, its people, and the keys of conversations by id; on both databases."""
    people = add_people(database)
    load_run(database, write_run(tmp_path / "run", list(TALKS)))
    accept_notice(database, people["ada"])
    keys = {name: find_key(database, people["root"], name) for name in ("c1", "c2", "far")}
    return create_app(database, SECRET), people, keys


def client(desk, username, *, is_writing=True):
    app, people, _ = desk
    database = app.state.desk.database
    token = make_token(database, people[username], "test", days=1, is_writing=is_writing)
    return TestClient(
        app, base_url=f"http://testserver{PREFIX}", headers={"Authorization": f"Bearer {token}"}
    )


def routes():
    return [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def accesses(route):
    """Return the permissions among the dependencies of a route."""
    return [d.call for d in route.dependant.dependencies if isinstance(d.call, ApiAccess)]


CORRECTION = {
    "state": "corrected", "outcome": "pass", "comment": "She was friendly.", "seen_version": 0,
    "spans": [{"turn": 0, "char_start": 20, "char_end": 29}],
}  # fmt: skip


def test_every_route_declares_its_roles_and_keeps_to_them(desk):
    found = routes()
    assert len(found) >= 13
    anonymous = TestClient(desk[0])
    for route in found:
        (access,) = accesses(route)
        path = PREFIX + re.sub(r"\{[^}]*\}", "1", route.path)
        (method,) = route.methods
        assert anonymous.request(method, path).status_code == 401, path
        for role, username in BY_ROLE.items():
            if role not in access.roles:
                response = client(desk, username).request(method, path.removeprefix(PREFIX))
                assert response.status_code == 404, (role, path)


@pytest.mark.parametrize(
    "header", ["Bearer nothing", "Bearer ", "Basic cml0YTp4", "Bearer é".encode(), ""]
)
def test_a_wrong_token_is_refused_even_beside_a_session(desk, header):
    browser = Browser(desk[0], "rita")
    response = browser.get(f"{PREFIX}/results", headers={"Authorization": header})
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


def test_a_session_reads_and_needs_the_token_of_its_forms_to_write(desk):
    browser = Browser(desk[0], "rita")
    assert browser.get(f"{PREFIX}/results").status_code == 200
    path = f"{PREFIX}/results/{desk[2]['c1']}/corrections/kind"

    def save(**headers):
        return browser.client.put(path, json=CORRECTION, headers=headers).status_code

    assert save() == 403
    assert save(**{"X-CSRF-Token": "0" * 64}) == 403
    assert save(**{"X-CSRF-Token": browser.token, "Sec-Fetch-Site": "cross-site"}) == 403
    assert save(**{"X-CSRF-Token": browser.token}) == 200


def test_a_token_to_read_changes_nothing(desk):
    reading = client(desk, "rita", is_writing=False)
    key = desk[2]["c1"]
    assert reading.get("/results").status_code == 200
    response = reading.put(f"/results/{key}/corrections/kind", json=CORRECTION)
    assert (response.status_code, response.json()["detail"]) == (403, "this token may only read")
    assert reading.get(f"/results/{key}").json()["result"]["n_reviews"] == 0


def test_results_are_those_the_account_may_see_page_by_page(desk):
    rita = client(desk, "rita")
    ids = []
    for page in (1, 2):
        found = rita.get("/results", params={"page": page, "size": 1, "sort": "lowest"}).json()
        ids += [item["conversation_id"] for item in found["items"]]
        assert (found["n_found"], found["is_more"]) == (2, page == 1)
    assert ids == ["c1", "c2"]
    flagged = rita.get("/results", params={"is_flagged": True}).json()["items"]
    assert [item["conversation_id"] for item in flagged] == ["c1"]
    assert rita.get("/results", params={"q": "weeks"}).json()["n_found"] == 2
    assert rita.get(f"/results/{desk[2]['far']}").status_code == 404
    shown = rita.get(f"/results/{desk[2]['c1']}").json()
    kind = next(c for c in shown["criteria"] if c["id"] == "kind")
    assert kind["machine"]["evidence"][0]["quote"] == "Calm down"
    assert shown["turns"][0]["text"].startswith("Hello")


@pytest.mark.parametrize(
    "query", ["page=0", "size=201", "outcome=x", "last_day=9999-12-31", "unknown=1", "q=%00"]
)
def test_wrong_parameters_are_named_and_not_repeated(desk, query):
    response = client(desk, "rita").get(f"/results?{query}")
    assert response.status_code == 422
    assert set(response.json()["detail"][0]) == {"loc", "msg", "type"}


def test_corrections_are_saved_conflict_and_are_withdrawn(desk):
    rita, rolf = client(desk, "rita"), client(desk, "rolf")
    path = f"/results/{desk[2]['c1']}/corrections/kind"
    saved = rita.put(path, json=CORRECTION).json()
    assert (saved["review"]["outcome"], saved["final_score"]) == ("pass", 100.0)
    clash = rolf.put(path, json=CORRECTION)
    assert clash.status_code == 409
    assert "Rita Reviewer saved 'pass'" in clash.json()["detail"]
    (listed,) = rolf.get("/corrections").json()["items"]
    assert (listed["reviewer"], listed["machine_outcome"], listed["is_random"]) == (
        "rita", "fail", False,
    )  # fmt: skip
    assert rolf.delete(path, params={"seen_version": 7}).status_code == 409
    assert rolf.delete(path, params={"seen_version": 1}).json() == {"final_score": 25.0}
    assert rita.get("/corrections").json()["items"] == []
    far = f"/results/{desk[2]['far']}/corrections/kind"
    assert rita.put(far, json=CORRECTION).status_code == 404


def test_agents_are_not_told_what_reviewers_write_for_each_other(desk):
    path = f"/results/{desk[2]['c1']}"
    client(desk, "rita").put(f"{path}/corrections/kind", json=CORRECTION)
    shown = client(desk, "ada").get(path)
    (kind,) = [c for c in shown.json()["criteria"] if c["id"] == "kind"]
    assert (kind["person"]["outcome"], kind["person"]["comment"]) == ("pass", "")
    assert "Rita" not in shown.text
    assert "She was friendly." in client(desk, "rolf").get(path).text


def test_agents_are_not_told_which_calls_were_mystery_shops(desk):
    path = f"/results/{desk[2]['c1']}"
    for username, expected in (("ada", None), ("rita", False)):
        caller = client(desk, username)
        assert caller.get(path).json()["result"]["is_mystery_shop"] is expected
        (listed, *_) = caller.get("/results").json()["items"]
        assert listed["is_mystery_shop"] is expected


def test_corrections_of_random_samples_are_told_apart(desk):
    app, people, keys = desk
    rita = client(desk, "rita")
    for name in ("kind", "greeting"):
        sent = {"state": "confirmed", "outcome": "fail" if name == "kind" else "pass"}
        assert rita.put(f"/results/{keys['c1']}/corrections/{name}", json=sent).status_code == 200
    database = app.state.desk.database
    draw_sample(database, people["max"], "s", Filters(text="c2"), size=1, seed=1)
    sent = {"state": "corrected", "outcome": "fail"}
    assert rita.put(f"/results/{keys['c2']}/corrections/kind", json=sent).status_code == 200
    for is_random, expected in ((True, ["c2"]), (False, ["c1", "c1"]), (None, ["c1", "c1", "c2"])):
        params = {} if is_random is None else {"is_random": is_random}
        items = rita.get("/corrections", params=params).json()["items"]
        assert [item["conversation_id"] for item in items] == expected
    paged = rita.get("/corrections", params={"size": 2, "page": 2}).json()
    assert ([i["conversation_id"] for i in paged["items"]], paged["is_more"]) == (["c2"], False)


def test_an_appeal_is_opened_by_the_agent_and_decided_by_its_addressee(desk):
    key = desk[2]["c1"]
    ada, manager, rita = client(desk, "ada"), client(desk, "max"), client(desk, "rita")
    people = ada.get(f"/results/{key}/addressees").json()
    assert {"username": "max", "name": "Max Manager"} in people
    confirmed = {"state": "confirmed", "outcome": "pass"}
    manager.put(f"/results/{key}/corrections/greeting", json=confirmed)
    able = {
        name: ada.get(f"/results/{key}/addressees", params={"criterion_id": name}).json()
        for name in ("greeting", "kind")
    }
    assert [p["username"] for p in able["greeting"]] == ["root"]
    assert [p["username"] for p in able["kind"]] == ["max", "root"]
    sent = {"key": key, "addressee": "max", "reason": "I was kind.", "criterion_id": "kind"}
    opened = ada.post("/appeals", json=sent)
    assert opened.status_code == 201
    assert ada.post("/appeals", json=sent).status_code == 409
    frozen = rita.put(f"/results/{key}/corrections/kind", json=CORRECTION)
    assert frozen.status_code == 409
    number = opened.json()["id"]
    assert rita.get(f"/appeals/{number}").json()["state"] == "open"
    decision = {
        "is_granted": True, "answer": "You were.",
        "corrections": [{**CORRECTION, "criterion_id": "kind"}],
    }  # fmt: skip
    assert client(desk, "root").get("/appeals", params={"is_mine": True}).json()["items"] == []
    decided = manager.post(f"/appeals/{number}/decision", json=decision)
    assert decided.json() == {"final_score": 100.0}
    assert ada.get("/appeals", params={"is_open": False}).json()["items"][0]["state"] == "granted"
    assert ada.post("/appeals", json={**sent, "key": desk[2]["far"]}).status_code == 404


def test_an_agent_reads_the_notice_first(database, tmp_path):
    people = add_people(database)
    load_run(database, write_run(tmp_path / "run", list(TALKS)))
    response = client((create_app(database, SECRET), people, {}), "ada").get("/results")
    assert response.status_code == 403


def test_a_member_of_an_open_round_gets_nothing_of_its_conversations(desk):
    app, people, keys = desk
    manager = client(desk, "max")
    path = f"/results/{keys['c1']}"
    assert manager.put(f"{path}/corrections/kind", json=CORRECTION).status_code == 200
    create_round(
        app.state.desk.database, people["max"], "double", "r", keys=[keys["c1"]],
        members=["rita", "max"],
    )  # fmt: skip
    for username in ("rita", "max"):
        caller = client(desk, username)
        assert caller.get(path).status_code == 404
        assert caller.put(f"{path}/corrections/kind", json=CORRECTION).status_code == 404
        assert caller.get("/corrections").json()["items"] == []
        listed = caller.get("/results").json()["items"]
        assert [item["conversation_id"] for item in listed] == ["c2"]
    assert client(desk, "rolf").get(path).status_code == 200


def test_document_names_both_ways_to_authenticate_and_refusals(desk):
    document = TestClient(desk[0]).get(f"{PREFIX}/openapi.json").json()
    assert document["servers"] == [{"url": PREFIX}]
    assert set(document["paths"]) == {route.path for route in routes()}
    assert set(document["components"]["securitySchemes"]) == {"token", "session"}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert {"401", "403"} <= set(operation["responses"]), path
            assert operation["security"], path
