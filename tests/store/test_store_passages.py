"""A passage of a conversation around the first words that a search found."""

import pytest
from desk_runs import add_people, talk, write_run

from convqa.store.browsing import find_conversations
from convqa.store.filters import Filters
from convqa.store.loading import load_run
from convqa.store.passages import find_passages

LONG = "Word " * 40 + "we wrote to the office in ŁÓDŹ last week " + "and then again " * 30


@pytest.fixture
def desk(database, tmp_path):
    people = add_people(database)
    talks = [talk("c1", texts=("Hello.", LONG), kind="pass"), talk("weeks", kind="pass"),
             talk("c3", team="red", kind="pass", texts=("Hi.", LONG))]  # fmt: skip
    load_run(database, write_run(tmp_path / "run", talks))
    found = find_conversations(database, people["root"], Filters())
    return database, people, {row.conversation_id: row.key for row in found.rows}


def test_a_passage_begins_and_ends_with_whole_words_around_the_first_place(desk):
    database, people, keys = desk
    passage = find_passages(database, people["rita"], [keys["c1"]], "lodz week")[keys["c1"]]
    assert passage.role == "customer"
    assert [passage.text[a:b] for a, b in passage.found] == ["ŁÓDŹ", "week"]
    assert (passage.is_begun, passage.is_cut) == (True, True)
    assert len(passage.text) <= 50 + len("ŁÓDŹ") + 130
    assert set(passage.text.split()) <= set(LONG.split())  # no word is broken


def test_the_turn_that_holds_the_most_words_is_shown(desk):
    database, people, keys = desk
    key = keys["weeks"]
    for query, role in (("calm weeks nobody", "customer"), ("calm hello weeks", "agent")):
        assert find_passages(database, people["rita"], [key], query)[key].role == role


def test_what_stands_in_the_id_alone_has_no_passage(desk):
    database, people, keys = desk
    passages = find_passages(database, people["rita"], list(keys.values()), "weeks")
    assert set(passages) == {keys["weeks"]}  # said there, and not only its name
    assert find_passages(database, people["rita"], list(keys.values()), "c1") == {}
    assert find_passages(database, people["rita"], list(keys.values()), " ") == {}


def test_no_passage_is_shown_of_what_may_not_be_opened(desk):
    database, people, keys = desk
    wanted = list(keys.values())
    assert set(find_passages(database, people["rita"], wanted, "lodz")) == {keys["c1"]}
    assert set(find_passages(database, people["root"], wanted, "lodz")) == {keys["c1"], keys["c3"]}
