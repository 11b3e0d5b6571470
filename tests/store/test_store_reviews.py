import threading

import pytest
from desk_runs import AGENT_SAYS, add_people, talk, write_run

from convqa.errors import ReviewError
from convqa.schema import Span
from convqa.store.audit import read_audit
from convqa.store.corrections import read_corrections
from convqa.store.filters import Filters
from convqa.store.loading import load_run
from convqa.store.notes import (
    accept_notice,
    acknowledge,
    add_note,
    assign,
    delete_note,
    has_accepted_notice,
)
from convqa.store.reading import find_key, read_conversation
from convqa.store.reviews import Correction, save_review, save_reviews, withdraw_review


@pytest.fixture
def desk(database, tmp_path):
    """The database with one conversation of the team blue, the people, and its key."""
    people = add_people(database)
    load_run(database, write_run(tmp_path / "run", [talk()]))
    return database, people, find_key(database, people["root"], "c1")


def test_a_correction_moves_the_score_at_once_and_is_in_the_audit_log(desk):
    database, people, key = desk
    words = (Span(0, 0, 5),)
    review, score = save_review(
        database,
        people["rita"],
        key,
        Correction("kind", "corrected", "pass", words, "Kind enough."),
    )
    assert (review.version, review.machine_outcome, review.reviewer) == (1, "fail", "Rita Reviewer")
    assert [(e.quote, e.source) for e in review.evidence] == [(AGENT_SAYS[:5], "person")]
    assert score == 100.0  # the combination of both is judged again as well
    found = read_conversation(database, people["rita"], key)
    assert (found.machine.score, found.row.final_score, found.row.state) == (
        25.0,
        100.0,
        "reviewed",
    )
    assert (found.row.final_flags, found.machine.flags) == ((), ("low_score", "dismissive"))
    (entry, *_) = read_audit(database, subject="c1")
    assert (entry.actor, entry.action) == ("rita", "review.save")
    assert '"score_after": 100.0' in entry.detail_json
    assert "Kind enough" not in entry.detail_json


LONG = Correction("kind", "confirmed", "fail", comment="x" * 4_001)


@pytest.mark.parametrize("refused", [LONG, Correction("kind", "corrected", "fail")])
def test_a_form_with_an_answer_that_is_refused_saves_none(desk, refused):
    database, people, key = desk
    right = Correction("greeting", "confirmed", "pass")
    with pytest.raises(ReviewError):
        save_reviews(database, people["rita"], key, [right, refused])
    assert read_conversation(database, people["rita"], key).reviews == {}
    assert save_reviews(database, people["rita"], key, [right]) == ()


def test_a_form_saves_all_but_what_somebody_else_saved_first(desk):
    database, people, key = desk
    save_review(database, people["rolf"], key, Correction("kind", "corrected", "na"))
    late = Correction("kind", "corrected", "pass")
    form = [late, Correction("greeting", "corrected", "fail")]
    assert save_reviews(database, people["rita"], key, form) == (late,)
    reviews = read_conversation(database, people["rita"], key).reviews
    assert (reviews["kind"].outcome, reviews["greeting"].outcome) == ("na", "fail")


def test_withdrawing_gives_the_machine_its_say_back(desk):
    database, people, key = desk
    save_review(database, people["rita"], key, Correction("kind", "corrected", "na"))
    assert withdraw_review(database, people["rolf"], key, "kind", seen_version=1) == 25.0
    assert read_conversation(database, people["rita"], key).row.state == "machine"


def test_who_has_not_seen_the_present_version_is_told_by_whom_it_is(desk):
    database, people, key = desk
    save_review(database, people["rita"], key, Correction("kind", "corrected", "pass"))
    late = Correction("kind", "corrected", "partial")
    with pytest.raises(
        ReviewError, match=r"kind: Rita Reviewer saved 'pass' at .* after you opened"
    ):
        save_review(database, people["rolf"], key, late)
    found = read_conversation(database, people["rolf"], key).reviews["kind"]
    assert (found.outcome, found.version) == ("pass", 1)


def test_two_who_save_at_once_lose_nothing_without_being_told(desk):
    database, people, key = desk
    start = threading.Barrier(2)
    told, saved = [], []

    def save(name, outcome):
        start.wait()
        try:
            save_review(database, people[name], key, Correction("kind", "corrected", outcome))
            saved.append((people[name].name, outcome))
        except ReviewError as error:
            told.append(str(error))

    threads = [threading.Thread(target=save, args=a) for a in (("rita", "pass"), ("rolf", "na"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(saved), len(told)) == (1, 1)
    review = read_conversation(database, people["root"], key).reviews["kind"]
    assert (review.reviewer, review.outcome) == saved[0]
    assert saved[0][0] in told[0]


@pytest.mark.parametrize(
    ("correction", "told"),
    [
        (Correction("kind", "confirmed", "pass"), "to confirm is to keep"),
        (Correction("kind", "corrected", "fail"), "nothing is corrected"),
        (Correction("kind", "missing_evidence", "fail"), "mark the words"),
        (Correction("kind", "corrected", "fail", (Span(0, 3, 999),)), "not in the transcript"),
        (Correction("kind", "corrected", "fail", (Span(9, 0, 1),)), "not in the transcript"),
        (Correction("kind", "corrected", "perfect"), "outcome 'perfect'"),
        (Correction("tone", "corrected", "pass"), "'tone' is no criterion"),
        (Correction("kind", "corrected", "pass", comment="x" * 4_001), "4,001 characters"),
    ],
)
def test_a_review_that_makes_no_sense_is_refused(desk, correction, told):
    database, people, key = desk
    with pytest.raises(ReviewError, match=told):
        save_review(database, people["rita"], key, correction)
    assert read_conversation(database, people["rita"], key).reviews == {}


def test_agents_do_not_review(desk):
    database, people, key = desk
    with pytest.raises(ReviewError, match="only reviewer or manager or admin may"):
        save_review(database, people["ada"], key, Correction("kind", "corrected", "pass"))


def test_notes_for_reviewers_are_not_shown_to_the_agent(desk):
    database, people, key = desk
    add_note(database, people["rita"], key, "Well begun.", is_for_agent=True, turn=0)
    secret = add_note(database, people["rita"], key, "Second time.", is_for_agent=False)
    seen = read_conversation(database, people["ada"], key).notes
    assert [note.text for note in seen] == ["Well begun."]
    with pytest.raises(ReviewError, match="none of yours"):
        delete_note(database, people["rolf"], secret.id)
    delete_note(database, people["rita"], secret.id)
    assert len(read_conversation(database, people["max"], key).notes) == 1


def test_only_managers_assign_to_others_and_only_to_who_may_see_it(desk):
    database, people, key = desk
    with pytest.raises(ReviewError, match="only a manager"):
        assign(database, people["rita"], key, "rolf")
    assign(database, people["max"], key, "rita")
    assert read_conversation(database, people["max"], key).row.assignee == "rita"
    with pytest.raises(ReviewError, match="only a manager"):
        assign(database, people["rolf"], key, "rolf")
    with pytest.raises(ReviewError, match="none that you may open"):
        assign(database, people["max"], key, "rex")
    assign(database, people["rita"], key, None)
    assert read_conversation(database, people["max"], key).row.assignee is None


def test_notice_and_acknowledgement_are_kept_once(desk):
    database, people, key = desk
    assert not has_accepted_notice(database, people["ada"])
    for _ in range(2):
        accept_notice(database, people["ada"])
        acknowledge(database, people["ada"], key)
    assert has_accepted_notice(database, people["ada"])
    assert read_conversation(database, people["ada"], key).is_acknowledged
    actions = [entry.action for entry in read_audit(database)]
    assert (actions.count("notice.accept"), actions.count("result.acknowledge")) == (1, 1)


def test_corrections_come_with_the_words_of_both(desk):
    database, people, key = desk
    words = (Span(1, 0, 6),)
    save_review(
        database, people["rita"], key, Correction("kind", "missing_evidence", "fail", words)
    )
    (row,) = read_corrections(database, people["max"], Filters())
    assert (row.machine_outcome, row.outcome, row.is_random) == ("fail", "fail", False)
    assert [e.quote for e in row.evidence] == ["I have"]
    assert [e.quote for e in row.machine_evidence] == [AGENT_SAYS[20:29]]
    assert list(read_corrections(database, people["max"], Filters(), is_random=True)) == []
    assert list(read_corrections(database, people["rex"], Filters())) == []
