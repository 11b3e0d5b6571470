import pytest
from desk_runs import add_people, talk, write_run

from convqa.errors import ReviewError
from convqa.store.browsing import find_conversations, find_neighbours, reading_list
from convqa.store.corrections import read_corrections
from convqa.store.filters import Filters
from convqa.store.loading import load_run
from convqa.store.reading import find_key, read_conversation
from convqa.store.reviews import Correction, save_review
from convqa.store.round_pages import read_agreed, read_blind, save_agreed
from convqa.store.round_reading import Answer, read_round
from convqa.store.rounds import close_round, create_round, save_answers

CRITERIA = ("greeting", "kind", "insult", "both")
PASS = {name: Answer("pass") for name in CRITERIA}


@pytest.fixture
def desk(database, tmp_path):
    people = add_people(database)
    load_run(database, write_run(tmp_path / "run", [talk("c1"), talk("c2")]))
    key, other = (find_key(database, people["root"], name) for name in ("c1", "c2"))
    save_review(database, people["root"], key, Correction("kind", "corrected", "pass"))
    round_id = create_round(
        database, people["max"], "double", "week 48", keys=[key], members=["rita", "root"]
    )
    return database, people, key, other, round_id


def sees(database, viewer):
    """The keys that a viewer finds by any way."""
    rows = find_conversations(database, viewer, Filters()).rows
    corrected = read_corrections(database, viewer, Filters())
    listed = {row.key for row in (*rows, *reading_list(database, viewer))}
    return listed | {row.key for row in corrected}


def test_members_do_not_find_a_conversation_until_all_have_submitted_it(desk):
    database, people, key, other, round_id = desk
    for name in ("rita", "root"):
        assert sees(database, people[name]) == {other}
        with pytest.raises(ReviewError, match="none that you may open"):
            read_conversation(database, people[name], key)
        with pytest.raises(ReviewError, match="none that you may open"):
            save_review(database, people[name], key, Correction("kind", "confirmed", "fail"))
        assert find_neighbours(database, people[name], Filters(), key).next is None
        blind = read_blind(database, people[name], round_id, key)
        assert blind.criterion_ids == CRITERIA
        assert len(blind.turns) == 2
        assert [item.key for item in read_round(database, people[name], round_id)[1]] == [key]
    for name in ("rolf", "max"):
        assert sees(database, people[name]) == {key, other}
    save_answers(database, people["rita"], round_id, key, PASS, is_submitted=True)
    assert sees(database, people["rita"]) == {other}
    save_answers(database, people["root"], round_id, key, PASS, is_submitted=True)
    assert sees(database, people["rita"]) == sees(database, people["root"]) == {key, other}


def test_a_closed_round_hides_nothing(desk):
    database, people, key, other, round_id = desk
    close_round(database, people["max"], round_id)
    assert sees(database, people["rita"]) == {key, other}


def test_only_the_round_shows_the_words(desk):
    database, people, key, other, round_id = desk
    with pytest.raises(ReviewError, match="none that you take part in"):
        read_blind(database, people["rolf"], round_id, key)
    with pytest.raises(ReviewError, match="is not in this round"):
        read_blind(database, people["rita"], round_id, other)


def test_what_is_agreed_is_kept_once_all_have_answered(desk):
    database, people, key, _, round_id = desk
    agreed = {"kind": Answer("partial", " both right ")}
    with pytest.raises(ReviewError, match="every member has submitted"):
        save_agreed(database, people["rita"], round_id, key, agreed)
    for name in ("rita", "root"):
        save_answers(database, people[name], round_id, key, PASS, is_submitted=True)
    with pytest.raises(ReviewError, match="no criterion here"):
        save_agreed(database, people["rita"], round_id, key, {"nothing": Answer("pass")})
    save_agreed(database, people["rita"], round_id, key, PASS)
    save_agreed(database, people["root"], round_id, key, agreed)
    assert read_agreed(database, people["max"], round_id, key) == {
        "kind": Answer("partial", "both right")
    }
    with pytest.raises(ReviewError, match="none that you take part in"):
        save_agreed(database, people["rolf"], round_id, key, agreed)
