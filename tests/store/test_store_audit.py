from datetime import timedelta

import pytest
from desk_runs import add_people, talk, write_run
from sqlalchemy import delete, func, select, text, update

from convqa.errors import ReviewError, StoreError
from convqa.store.audit import now, read_audit, record, verify_audit
from convqa.store.desk_settings import DeskSettings, change_settings, read_settings
from convqa.store.erasing import apply_retention, erase_from_desk, read_retention
from convqa.store.loading import load_run
from convqa.store.reading import find_key
from convqa.store.reviews import Correction, save_review
from convqa.store.tables import (
    audit_log,
    conversations,
    criterion_results,
    reviews,
    search_texts,
    transcripts,
)


@pytest.fixture
def log(database):
    for number in range(5):
        with database.writing() as connection:
            record(connection, "ann", "note.add", f"c{number}", {"note": number})
    return database


def unguarded(database, statement):
    """Do what somebody with the keys to the server could do."""
    with database.writing() as connection:
        if database.is_sqlite:
            connection.execute(text("DROP TRIGGER audit_log_keeps_its_rows"))
            connection.execute(text("DROP TRIGGER audit_log_loses_no_row"))
        else:
            connection.execute(text("ALTER TABLE audit_log DISABLE TRIGGER USER"))
        connection.execute(statement)


def test_a_whole_log_is_whole(log):
    check = verify_audit(log)
    assert (check.n_entries, check.fault) == (5, None)
    assert check.head == read_audit(log)[0].sha256


@pytest.mark.parametrize(
    "statement",
    [
        update(audit_log).values(actor="eve"),
        update(audit_log).where(audit_log.c.id == 3).values(detail_json="{}"),
        delete(audit_log),
        delete(audit_log).where(audit_log.c.id == 5),
    ],
)
def test_the_database_refuses_to_change_or_delete_entries(log, statement):
    with pytest.raises(StoreError), log.writing() as connection:
        connection.execute(statement)
    assert verify_audit(log).n_entries == 5


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (update(audit_log).where(audit_log.c.id == 3).values(actor="eve"), "entry 3 was changed"),
        (update(audit_log).where(audit_log.c.id == 3).values(sha256="0"), "entry 3 was changed"),
        (delete(audit_log).where(audit_log.c.id == 3), "entry 3 is missing"),
        (delete(audit_log).where(audit_log.c.id == 1), "entry 1 is missing"),
        (
            update(audit_log).where(audit_log.c.id == 2).values(previous_sha256="0"),
            "does not follow",
        ),
    ],
)
def test_a_broken_chain_is_found(log, statement, fault):
    unguarded(log, statement)
    assert fault in verify_audit(log).fault


def test_a_log_cut_off_at_the_end_is_found_by_a_head_noted_earlier(log):
    head = verify_audit(log).head
    unguarded(log, delete(audit_log).where(audit_log.c.id == 5))
    assert verify_audit(log).fault is None
    assert "entries are missing" in verify_audit(log, known_head=head).fault


def test_an_entry_goes_with_its_transaction(log):
    with pytest.raises(ZeroDivisionError), log.writing() as connection:
        record(connection, "ann", "note.add", "c9")
        raise ZeroDivisionError
    assert verify_audit(log).n_entries == 5


def count(database, table):
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_retention_erases_what_is_old_and_says_so(database, tmp_path):
    people = add_people(database)
    at = now()
    old, young = at - timedelta(days=31), at - timedelta(days=29)
    talks = [
        talk("old", started_at=old.isoformat()), talk("young", started_at=young.isoformat()),
        talk("undated", started_at=None),
    ]  # fmt: skip
    run = write_run(tmp_path / "run", talks)
    load_run(database, run)
    key = find_key(database, people["rita"], "old")
    save_review(database, people["rita"], key, Correction("kind", "corrected", "pass"))
    assert apply_retention(database) is None
    change_settings(database, people["root"], DeskSettings(retention_days=30))
    done = apply_retention(database)
    assert (done.n_erased, done.n_undated) == (1, 1)
    assert read_retention(database) == (done,)
    for table, n in ((conversations, 2), (transcripts, 2), (search_texts, 2), (reviews, 0),
                     (criterion_results, 8)):  # fmt: skip
        assert count(database, table) == n, table.name
    assert read_audit(database)[0].action == "retention.apply"
    assert verify_audit(database).fault is None
    # Neither the same conversation nor another one as old comes back.
    older = talk("older", started_at=old.isoformat())
    again = load_run(database, write_run(tmp_path / "b", [older, *talks], inputs="g.jsonl"))
    assert (again.n_conversations, again.n_kept_out) == (2, 2)


def test_a_manager_erases_one_conversation_of_the_own_teams(database, tmp_path):
    people = add_people(database)
    load_run(database, write_run(tmp_path / "run", [talk("c1"), talk("c2", team="red")]))
    for name, conversation_id in (("rita", "c1"), ("max", "c2")):
        with pytest.raises(ReviewError):
            erase_from_desk(database, people[name], conversation_id)
    erase_from_desk(database, people["max"], "c1")
    assert count(database, transcripts) == 1


def test_settings_are_checked_and_audited(database):
    people = add_people(database)
    assert read_settings(database) == DeskSettings()
    with pytest.raises(ReviewError, match="retention_days"):
        change_settings(database, people["root"], DeskSettings(retention_days=0))
    for wrong in ({"appeal_days": 366}, {"retention_days": 10**9}, {"smallest_group": 0}):
        with pytest.raises(ReviewError, match=next(iter(wrong))):
            change_settings(database, people["root"], DeskSettings(**wrong))
    for username in ("rita", "max"):
        with pytest.raises(ReviewError, match="only admin may"):
            change_settings(database, people[username], DeskSettings())
    wanted = DeskSettings(appeal_days=7, flag_budget=20)
    for _ in range(2):
        change_settings(database, people["root"], wanted)
    assert read_settings(database) == wanted
    (entry,) = [e for e in read_audit(database) if e.action == "settings.change"]
    assert entry.detail_json == '{"appeal_days": 7, "flag_budget": 20}'
