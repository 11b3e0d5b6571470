"""Blind rounds, and agreement, as people see them."""

import re

import pytest
from desk_of_tests import SECRET, Browser

from convqa.review.agreement import compare
from convqa.review.app import create_app
from convqa.review.rounds import agreement_of
from convqa.store.figures import AgreementCount
from convqa.store.filters import Filters
from convqa.store.loading import load_run
from convqa.store.reading import find_key
from convqa.store.reviews import Correction, save_review
from convqa.store.round_reading import Rating
from convqa.store.samples import draw_sample
from store.desk_runs import add_people, talk, write_run

CRITERIA = ("greeting", "kind", "insult", "both")
# What nobody may see while answering: of the machine, and of a colleague.
TOLD = ("Failed by", "ZQX-comment", "25.0", "Calm down</mark>", "low_score")


@pytest.fixture
def desk(database, tmp_path):
    people = add_people(database)
    load_run(database, write_run(tmp_path / "run", [talk("c1"), talk("c2", kind="pass")]))
    key = find_key(database, people["root"], "c1")
    save_review(
        database, people["root"], key,
        Correction("kind", "corrected", "partial", (), "ZQX-comment"),
    )  # fmt: skip
    return create_app(database, SECRET), people, key


def begun(desk, kind="double", members=("rita", "max"), **more):
    """Begin a round as the manager and return its path."""
    manager = Browser(desk[0], "max")
    manager.get("/rounds")
    sent = {"kind": kind, "name": "Week 48", "member": list(members), "ids": "c1\n", **more}
    response = manager.post("/rounds", sent)
    assert response.status_code == 303, response.text
    return response.headers["location"]


def answers(do, **outcomes):
    given = {f"outcome.{name}": outcomes.get(name, "pass") for name in CRITERIA}
    return {"do": do, "comment.kind": "own-remark", **given}


def test_pages_hide_a_conversation_from_members_until_all_have_submitted(desk):
    app, _, key = desk
    rita = Browser(app, "rita")
    path = f"{begun(desk)}/conversations/{key}"
    for page in (f"/conversations/{key}", f"/conversations/{key}/flips/kind"):
        assert rita.get(page).status_code == 404
    for action in ("score", "review", "withdraw", "critical", "notes", "assign"):
        assert rita.post(f"/conversations/{key}/{action}").status_code == 404, action
    for tab in ("today", "flagged", "all", "again", "mine"):
        assert "c1</bdi>" not in rita.get(f"/queue?tab={tab}").text
    page = rita.get(path).text
    assert "Calm down" in page
    assert not any(told in page for told in TOLD)
    assert "checked" not in page.split('id="help"')[0]
    assert rita.post(path, answers("keep", kind="fail")).status_code == 303
    assert len(re.findall(r'value="fail" checked', rita.get(path).text)) == 1
    assert rita.post(path, answers("submit", kind="fail")).status_code == 303
    assert "side by side when everyone has" in rita.get(path).text
    manager = Browser(app, "max")
    assert "own-remark" in rita.get(path).text
    assert "own-remark" not in manager.get(path).text
    assert manager.get(f"/conversations/{key}").status_code == 404
    assert manager.post(path, answers("submit")).status_code == 303
    page = rita.get(path).text
    assert page.count("Different") == 1
    assert page.count("The same") == 3
    assert rita.get(f"/conversations/{key}").status_code == 200


def test_an_answer_needs_every_criterion_and_stays(desk):
    app, _, key = desk
    path = f"{begun(desk)}/conversations/{key}"
    rita = Browser(app, "rita")
    rita.get(path)
    partial = {"do": "submit", "outcome.kind": "fail", "outcome.greeting": "nonsense"}
    refused = rita.post(path, partial)
    assert refused.status_code == 400
    assert "missing: greeting, insult, both" in refused.text
    rita.post(path, answers("submit"))
    assert rita.post(path, answers("submit", kind="na")).status_code == 400


def test_a_round_is_found_by_those_who_take_part(desk):
    app, _, key = desk
    path = begun(desk)
    for username in ("rolf", "rex"):
        stranger = Browser(app, username)
        assert "Week 48" not in stranger.get("/rounds").text
        assert stranger.get(path).status_code == 404
        assert stranger.get(f"{path}/conversations/{key}").status_code == 404
        assert stranger.post(f"{path}/conversations/{key}", answers("submit")).status_code == 404
    rita = Browser(app, "rita")
    assert rita.get(f"{path}/conversations/{key + 1}").status_code == 404
    assert rita.post(f"{path}/close").status_code == 404
    manager = Browser(app, "max")
    assert manager.post(f"{path}/close").status_code == 303
    assert rita.get(f"/conversations/{key}").status_code == 200


def test_a_session_compares_and_agrees(desk):
    app, _, key = desk
    path = begun(desk, "calibration", ("rita", "rolf", "max"))
    item = f"{path}/conversations/{key}"
    people = [Browser(app, name) for name in ("rita", "rolf", "max")]
    for person, kind in zip(people, ("pass", "fail", "fail"), strict=True):
        person.get(item)
        assert person.post(f"{item}/agreed", {"outcome.kind": "fail"}).status_code == 400
        person.post(item, answers("submit", kind=kind))
    said = {"outcome.kind": "fail", "comment.kind": "«calm down» belittles"}
    assert people[0].post(f"{item}/agreed", said).status_code == 303
    page = people[1].get(item).text
    assert "«calm down» belittles" in page
    assert len(re.findall(r'value="fail" selected', page)) == 1
    shown = people[2].get(path).text
    assert "1 criterion" in shown
    assert "Krippendorff" in shown
    assert "Cohen" not in shown


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"member": ["rita"]}, "two members"),
        ({"ids": ""}, "at least one conversation"),
        ({"ids": "nothing"}, "no conversation nothing that you may open"),
        ({"member": ["rita", "rex"]}, "rex may not open the conversation c1"),
        ({"member": ["rita", "ada"]}, "ada is an agent"),
    ],
)
def test_a_round_that_cannot_be_is_refused_with_a_reason(desk, sent, told):
    manager = Browser(desk[0], "max")
    manager.get("/rounds")
    base = {"kind": "double", "name": "x", "member": ["rita", "max"], "ids": "c1"}
    response = manager.post("/rounds", {**base, **sent})
    assert response.status_code == 400
    assert told in response.text


def test_a_round_takes_the_conversations_of_a_sample(desk):
    app, people, _ = desk
    sample = draw_sample(app.state.desk.database, people["max"], "s", Filters(), size=2, seed=1)
    page = Browser(app, "max").get(begun(desk, ids="", sample=str(sample), size="1")).text
    assert len(re.findall(r'href="/rounds/\d+/conversations/', page)) == 1


def test_agreement_is_counted_by_criterion():
    said = [("kind", "pass", "pass"), ("kind", "fail", "fail"), ("kind", "pass", "fail")]
    ratings = [
        Rating(key, criterion, name, outcome, "en")
        for key, (criterion, *pair) in enumerate(said * 4)
        for name, outcome in zip(("a", "b"), pair, strict=True)
    ]
    (found,) = agreement_of(ratings, with_kappa=True)
    assert (found.same.share, found.alpha.n_units) == (pytest.approx(2 / 3), 12)
    assert found.kappa.value == pytest.approx(0.4)
    assert found.kappa.low < 0.4 < found.kappa.high
    (alone,) = agreement_of(ratings, with_kappa=False)
    assert alone.kappa is None
    assert agreement_of(ratings[::2], with_kappa=False) == []


def count(machine, human, n, language="en", is_random=True):
    return AgreementCount("kind", language, is_random, machine, human, n)


def test_machine_and_people_are_compared_over_all_languages_and_in_each():
    counts = [count("fail", "fail", 6), count("fail", "pass", 2), count("pass", "fail", 1, "nb")]
    whole, english, norwegian = compare(counts)
    assert (whole.n, whole.n_false_alarms, whole.n_missed) == (9, 2, 1)
    assert whole.same.share == pytest.approx(6 / 9)
    assert (english.language, english.n, norwegian.language, norwegian.n) == ("en", 8, "nb", 1)
    (only,) = compare(counts[:2])
    assert only.language is None


def test_agreement_shows_random_samples_apart_and_says_which_is_biased(desk):
    app, people, _ = desk
    manager = Browser(app, "max")
    page = manager.get("/agreement").text
    assert "Only then" not in page
    assert "only then can the error rate be known" in page
    assert "They do not show how often the machine is right" in page
    database = app.state.desk.database
    draw_sample(database, people["max"], "s", Filters(), size=2, seed=1)
    page = manager.get("/agreement").text
    assert "only then can the error rate be known" not in page
    assert "Nothing was reviewed outside random samples" in page
