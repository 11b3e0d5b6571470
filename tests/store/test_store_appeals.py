import dataclasses
import json
from datetime import timedelta

import pytest
from desk_runs import PASSWORD, add_people, result, standard, talk, write_run
from sqlalchemy import update

from convqa.errors import ReviewError
from convqa.scoring import with_outcomes
from convqa.standard import Standard
from convqa.store.appeal_taking import appeal_steps, find_open_appeals, take_over_appeal
from convqa.store.appeals import (
    Decision,
    decide_appeal,
    find_addressees,
    find_appeals,
    hand_over_appeal,
    open_appeal,
)
from convqa.store.audit import now, read_audit
from convqa.store.critical import decide_critical
from convqa.store.desk_settings import DeskSettings, change_settings
from convqa.store.erasing import apply_retention
from convqa.store.loading import load_run
from convqa.store.reading import find_key, read_conversation
from convqa.store.reviews import Correction, save_review
from convqa.store.tables import conversations
from convqa.store.users import NewUser, add_user, change_user, find_viewer

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


def test_the_audit_log_tells_what_a_decision_changed(database, tmp_path):
    people = add_people(database)
    load_run(database, write_run(tmp_path / "run", [talk(insult="fail")]))
    key = find_key(database, people["root"], "c1")
    save_review(database, people["rita"], key, Correction("kind", "corrected", "na"))
    opened = appeal((database, people, key))
    correction = Correction("kind", "corrected", "pass", seen_version=1)
    decide_appeal(database, people["max"], opened.id, Decision(True, "Yes.", (correction,), True))
    entries = read_audit(database, subject="c1")[:3]
    assert [e.action for e in entries] == ["appeal.decide", "critical.decide", "review.save"]
    _, lifted, saved = (json.loads(entry.detail_json) for entry in entries)
    assert lifted == {"is_confirmed": False, "score_before": 0.0, "score_after": 100.0}
    assert saved == {
        "criterion": "kind", "state": "corrected", "outcome": "pass", "machine_outcome": "fail",
        "version": 2, "score_before": 0.0, "score_after": 100.0,
    }  # fmt: skip


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


@pytest.mark.parametrize(
    "decision",
    [
        Decision(True, "Yes.", (Correction("kind", "corrected", "pass"),)),
        Decision(True, "Yes.", (Correction("greeting", "corrected", "na"),), True),
    ],
)
def test_a_decision_changes_only_what_the_appeal_is_about(desk, decision):
    database, people, key = desk
    save_review(database, people["max"], key, Correction("kind", "confirmed", "fail"))
    opened = open_appeal(
        database, people["ada"], key, addressee="max", reason="x", criterion_id="greeting"
    )
    with pytest.raises(ReviewError, match="is about greeting; correct nothing else"):
        decide_appeal(database, people["max"], opened.id, decision)
    assert read_conversation(database, people["root"], key).row.state == "frozen"


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


def test_each_criterion_is_appealed_by_itself(desk):
    database, people, key = desk
    ada, max_ = people["ada"], people["max"]
    first = open_appeal(database, ada, key, addressee="max", reason="x", criterion_id="kind")
    with pytest.raises(ReviewError, match="was opened already"):
        open_appeal(database, ada, key, addressee="max", reason="y", criterion_id="kind")
    second = open_appeal(database, ada, key, addressee="max", reason="z", criterion_id="both")
    assert decide_appeal(database, max_, first.id, GRANTED) == 100.0
    assert read_conversation(database, ada, key).row.state == "frozen"
    decide_appeal(database, people["root"], second.id, REJECTED)
    found = read_conversation(database, ada, key)
    assert found.row.state == "final"
    assert [a.decider for a in found.appeals] == ["Max Manager", "Root Admin"]


def test_nobody_decides_on_work_of_their_own(desk):
    database, people, key = desk
    save_review(database, people["max"], key, Correction("kind", "confirmed", "fail"))
    able = find_addressees(database, people["ada"], key, criterion_id="kind")
    assert [v.username for v in able] == ["root"]
    # A combination is as good as its parts; the greeting was nobody's.
    able = find_addressees(database, people["ada"], key, criterion_id="both")
    assert [v.username for v in able] == ["root"]
    able = find_addressees(database, people["ada"], key, criterion_id="greeting")
    assert [v.username for v in able] == ["max", "root"]
    opened = open_appeal(
        database, people["ada"], key, addressee="root", reason="x", criterion_id="kind"
    )
    with pytest.raises(ReviewError, match="nobody decides on work of their own"):
        take_over_appeal(database, people["max"], opened.id)
    (listed,) = find_open_appeals(database, people["max"])
    assert (listed.is_own, listed.can_take, listed.is_readable) == (True, False, True)


def test_a_combination_of_combinations_is_as_good_as_what_it_is_made_of(database, tmp_path):
    people = add_people(database)
    plan = standard().model_dump(mode="json")
    whole = {"id": "whole", "kind": "all", "of": ["both"], "weight": 10}
    plan["sections"][0]["criteria"].append(whole)
    used = Standard.model_validate(plan)
    stored = talk()
    results = (*stored.evaluation.criteria, result("whole", "fail", 10, "a1"))
    blank = dataclasses.replace(stored.evaluation, standard=used.version_info)
    judged = with_outcomes(blank, results, used)
    stored = dataclasses.replace(stored, evaluation=judged)
    load_run(database, write_run(tmp_path / "run", [stored], used=used))
    key = find_key(database, people["root"], "c1")
    save_review(database, people["max"], key, Correction("kind", "confirmed", "fail"))
    able = find_addressees(database, people["ada"], key, criterion_id="whole")
    assert [v.username for v in able] == ["root"]


def test_who_held_the_conversation_does_not_decide(desk):
    database, people, _ = desk
    held = NewUser(
        "max", "Max Manager", "manager", teams=frozenset({"blue"}), agent_ids=frozenset({"a1"})
    )
    change_user(database, "command line", held)
    opened = appeal(desk, to="root")
    with pytest.raises(ReviewError, match="nobody decides on work of their own"):
        take_over_appeal(database, find_viewer(database, "max"), opened.id)
    with pytest.raises(ReviewError, match="not on work of their own"):
        hand_over_appeal(database, people["root"], opened.id, "max")


def test_a_manager_of_the_team_takes_over_from_who_is_away(desk):
    database, people, _ = desk
    opened = appeal(desk, to="root")
    with pytest.raises(ReviewError, match="only manager or admin"):
        take_over_appeal(database, people["rita"], opened.id)
    take_over_appeal(database, people["max"], opened.id)
    (listed,) = find_open_appeals(database, people["max"])
    assert listed.is_mine
    decide_appeal(database, people["max"], opened.id, REJECTED)
    assert find_open_appeals(database, people["max"]) == ()
    steps = [(s.actor, s.action, s.to) for s in appeal_steps(database, listed.appeal)]
    assert steps == [
        ("ada", "appeal.open", "root"),
        ("max", "appeal.take_over", "max"),
        ("max", "appeal.decide", None),
    ]


def test_an_appeal_of_another_team_cannot_be_taken_over(desk):
    database, _, _ = desk
    opened = appeal(desk)
    red = NewUser("mia", "Mia Red", "manager", teams=frozenset({"red"}))
    add_user(database, "command line", red, PASSWORD)
    mia = find_viewer(database, "mia")
    assert find_open_appeals(database, mia) == ()
    with pytest.raises(ReviewError, match="there is none that you may take over"):
        take_over_appeal(database, mia, opened.id)


def test_in_aggregate_only_mode_an_administrator_takes_over(desk):
    database, people, _ = desk
    opened = appeal(desk)
    change_settings(database, people["root"], DeskSettings(aggregate_only=True))
    root = find_viewer(database, "root")
    (listed,) = find_open_appeals(database, root)
    assert (listed.is_readable, listed.can_take) == (False, True)
    take_over_appeal(database, root, opened.id)
    (listed,) = find_open_appeals(database, root)
    assert listed.is_readable
    assert find_open_appeals(database, find_viewer(database, "max")) == ()


def test_retention_waits_for_an_open_appeal(desk):
    database, people, _ = desk
    opened = appeal(desk)
    with database.writing() as connection:
        connection.execute(update(conversations).values(started=now() - timedelta(days=30)))
    change_settings(database, people["root"], DeskSettings(retention_days=10))
    assert apply_retention(database).n_erased == 0
    decide_appeal(database, people["max"], opened.id, REJECTED)
    assert apply_retention(database).n_erased == 1


@pytest.mark.parametrize("criterion_id", ["kind", None])
def test_a_result_of_another_agent_is_not_appealed(database, tmp_path, criterion_id):
    people = add_people(database)
    load_run(database, write_run(tmp_path / "run", [talk(charged="a2")]))
    key = find_key(database, people["ada"], "c1")
    with pytest.raises(ReviewError, match="is the result of another agent"):
        open_appeal(
            database, people["ada"], key, addressee="max", reason="x", criterion_id=criterion_id
        )
