from datetime import timedelta

import pytest
from desk_runs import add_people, standard, talk, write_run
from sqlalchemy import update

from convqa.errors import ReviewError
from convqa.store.appeals import (
    Decision,
    decide_appeal,
    find_addressees,
    find_appeals,
    hand_over_appeal,
    open_appeal,
)
from convqa.store.audit import now
from convqa.store.loading import load_run
from convqa.store.reading import find_key, read_conversation
from convqa.store.reviews import Correction, decide_critical, save_review
from convqa.store.tables import conversations

REJECTED = Decision(False, "The words were dismissive.")
GRANTED = Decision(True, "You are right.", (Correction("kind", "corrected", "pass"),))


@pytest.fixture
def desk(database, tmp_path):
    people = add_people(database)
    load_run(database, write_run(tmp_path / "run", [talk()]))
    return database, people, find_key(database, people["root"], "c1")


def appeal(desk, to="max"):
    database, people, key = desk
    return open_appeal(database, people["ada"], key, addressee=to, reason="I was kind.")


def test_an_open_appeal_freezes_the_score(desk, tmp_path):
    database, people, key = desk
    appeal(desk)
    for write in (
        lambda: save_review(database, people["rita"], key, Correction("kind", "corrected", "na")),
        lambda: decide_critical(database, people["rita"], key, is_confirmed=True),
    ):
        with pytest.raises(ReviewError, match="an appeal is open; the score is frozen"):
            write()
    other = standard("2.0")
    better = talk(used=other, kind="pass")
    load_run(database, write_run(tmp_path / "b", [better], used=other))
    found = read_conversation(database, people["ada"], key)
    assert (found.machine.score, found.row.final_score, found.row.state) == (100.0, 25.0, "frozen")


def test_a_granted_appeal_corrects_and_is_final(desk, tmp_path):
    database, people, key = desk
    opened = appeal(desk)
    assert decide_appeal(database, people["max"], opened.id, GRANTED) == 100.0
    found = read_conversation(database, people["ada"], key)
    assert (found.row.state, found.appeals[0].state) == ("final", "granted")
    assert found.appeals[0].answer == "You are right."
    with pytest.raises(ReviewError, match="the score is final"):
        save_review(database, people["rita"], key, Correction("greeting", "corrected", "fail"))
    with pytest.raises(ReviewError, match="was opened already"):
        appeal(desk)
    other = standard("2.0")
    load_run(database, write_run(tmp_path / "b", [talk(used=other)], used=other))
    assert read_conversation(database, people["ada"], key).row.final_score == 100.0


def test_a_rejected_appeal_keeps_the_score_and_is_answered(desk):
    database, people, key = desk
    opened = appeal(desk)
    assert decide_appeal(database, people["max"], opened.id, REJECTED) == 25.0
    assert read_conversation(database, people["ada"], key).row.state == "final"
    with pytest.raises(ReviewError, match="decided already"):
        decide_appeal(database, people["max"], opened.id, GRANTED)


def test_only_the_addressee_decides(desk):
    database, people, _ = desk
    opened = appeal(desk, to="root")
    for name in ("ada", "rita", "rex"):
        with pytest.raises(ReviewError, match="only manager or admin"):
            decide_appeal(database, people[name], opened.id, REJECTED)
    with pytest.raises(ReviewError, match="is for Root Admin to decide"):
        decide_appeal(database, people["max"], opened.id, REJECTED)
    hand_over_appeal(database, people["root"], opened.id, "max")
    decide_appeal(database, people["max"], opened.id, REJECTED)


@pytest.mark.parametrize(
    "decision",
    [
        Decision(True, "Yes."),
        Decision(False, "No.", (Correction("kind", "corrected", "pass"),)),
        Decision(False, "  "),
    ],
)
def test_a_decision_must_be_answered_and_fit_its_corrections(desk, decision):
    database, people, _ = desk
    opened = appeal(desk)
    with pytest.raises(ReviewError):
        decide_appeal(database, people["max"], opened.id, decision)
    (still,) = find_appeals(database, people["max"], is_open=True, is_mine=True)
    assert still.id == opened.id


def test_an_appeal_goes_to_who_leads_the_team(desk):
    database, people, key = desk
    assert [v.username for v in find_addressees(database, people["ada"], key)] == ["max", "root"]
    with pytest.raises(ReviewError, match="'rita': cannot decide an appeal"):
        appeal(desk, to="rita")


def test_the_window_closes(desk):
    database, people, key = desk
    with database.writing() as connection:
        connection.execute(
            update(conversations).values(result_at=now() - timedelta(days=14, seconds=1))
        )
    with pytest.raises(ReviewError, match="appeals were possible until"):
        appeal(desk)
    # A correction changes the score, so that the window opens anew.
    save_review(database, people["rita"], key, Correction("greeting", "corrected", "fail"))
    assert appeal(desk).state == "open"


def test_others_cannot_appeal(desk):
    database, people, key = desk
    with pytest.raises(ReviewError, match="only agent may"):
        open_appeal(database, people["rita"], key, addressee="max", reason="x")
