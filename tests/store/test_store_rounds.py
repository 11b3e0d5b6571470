import pytest
from desk_runs import add_people, talk, write_run

from convqa.errors import ReviewError
from convqa.store.loading import load_run
from convqa.store.reading import find_key
from convqa.store.round_reading import (
    Answer,
    list_rounds,
    read_answers,
    read_round,
    round_ratings,
)
from convqa.store.rounds import close_round, create_round, save_answers

CRITERIA = ("greeting", "kind", "insult", "both")


def answers(outcome):
    return {name: Answer(outcome) for name in CRITERIA}


@pytest.fixture
def desk(database, tmp_path):
    people = add_people(database)
    load_run(
        database, write_run(tmp_path / "run", [talk("c1"), talk("c2"), talk("c3", team="red")])
    )
    keys = [find_key(database, people["root"], name) for name in ("c1", "c2", "c3")]
    round_id = create_round(
        database, people["max"], "double", "week 48", keys=keys[:2], members=["rita", "rolf"]
    )
    return database, people, keys, round_id


def test_answers_are_blind_until_both_are_in(desk):
    database, people, (key, *_), round_id = desk
    rita, rolf = people["rita"], people["rolf"]
    save_answers(database, rita, round_id, key, answers("pass"), is_submitted=True)
    for viewer in (rolf, people["max"]):
        assert read_answers(database, viewer, round_id, key) == {}
    assert round_ratings(database, people["max"], round_id) == ()
    save_answers(database, rolf, round_id, key, answers("fail"), is_submitted=False)
    assert set(read_answers(database, rolf, round_id, key)) == {"rolf"}
    assert set(read_answers(database, rita, round_id, key)) == {"rita"}
    save_answers(database, rolf, round_id, key, answers("na"), is_submitted=True)
    seen = read_answers(database, rita, round_id, key)
    assert (seen["rita"]["kind"].outcome, seen["rolf"]["kind"].outcome) == ("pass", "na")
    ratings = round_ratings(database, people["max"])
    assert {(r.username, r.outcome) for r in ratings} == {("rita", "pass"), ("rolf", "na")}
    assert len(ratings) == 2 * len(CRITERIA)
    found, items = read_round(database, rita, round_id)
    assert (found.n_conversations, found.n_complete, found.n_mine) == (2, 1, 1)
    assert [item.is_revealed for item in items] == [True, False]


def test_a_conversation_of_two_rounds_is_rated_once_in_the_latest(desk):
    database, people, (key, *_), first = desk
    again = create_round(
        database, people["max"], "double", "again", keys=[key], members=["rita", "max"]
    )
    for round_id, username, outcome in (
        (first, "rita", "pass"), (first, "rolf", "pass"), (again, "rita", "fail"),
    ):  # fmt: skip
        save_answers(database, people[username], round_id, key, answers(outcome), is_submitted=True)
    assert {(r.username, r.outcome) for r in round_ratings(database, people["root"])} == {
        ("rita", "pass"), ("rolf", "pass"),
    }  # fmt: skip
    save_answers(database, people["max"], again, key, answers("pass"), is_submitted=True)
    ratings = round_ratings(database, people["root"])
    assert {(r.username, r.outcome) for r in ratings} == {("rita", "fail"), ("max", "pass")}
    assert len(ratings) == 2 * len(CRITERIA)
    assert len(round_ratings(database, people["root"], first)) == 2 * len(CRITERIA)


def test_submitted_answers_stay_and_must_be_whole(desk):
    database, people, (key, other, foreign), round_id = desk
    rita = people["rita"]
    with pytest.raises(ReviewError, match="answer every criterion first; missing: kind, insult"):
        save_answers(database, rita, round_id, key, {"greeting": Answer("pass")}, is_submitted=True)
    save_answers(database, rita, round_id, key, answers("pass"), is_submitted=True)
    with pytest.raises(ReviewError, match="answers stay as they are"):
        save_answers(database, rita, round_id, key, answers("fail"), is_submitted=False)
    with pytest.raises(ReviewError, match="none that you may open"):
        save_answers(database, rita, round_id, foreign, answers("fail"), is_submitted=False)
    close_round(database, people["max"], round_id)
    with pytest.raises(ReviewError, match="is closed"):
        save_answers(database, rita, round_id, other, answers("fail"), is_submitted=False)


def test_a_round_is_for_its_members(desk):
    database, people, (key, *_), round_id = desk
    assert [r.id for r in list_rounds(database, people["rolf"])] == [round_id]
    assert list_rounds(database, people["rex"]) == ()
    for call in (
        lambda: read_round(database, people["rex"], round_id),
        lambda: save_answers(
            database, people["max"], round_id, key, answers("pass"), is_submitted=False
        ),
    ):
        with pytest.raises(ReviewError, match="none that you take part in"):
            call()


@pytest.mark.parametrize(
    ("kind", "members", "told"),
    [
        ("double", ["rita"], "two members"),
        ("double", ["rita", "rolf", "max"], "two members"),
        ("calibration", ["rita", "ada"], "is an agent and does not review"),
        ("calibration", ["rita", "rex"], "'rex': may not open 'c1'"),
    ],
)
def test_members_must_fit(desk, kind, members, told):
    database, people, (key, *_), _ = desk
    with pytest.raises(ReviewError, match=told):
        create_round(database, people["max"], kind, "x", keys=[key], members=members)
