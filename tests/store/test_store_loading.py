from datetime import timedelta

import pytest
from desk_runs import add_people, standard, talk, write_run
from sqlalchemy import func, select

from convqa.erase import erase_conversation
from convqa.errors import StoreError
from convqa.schema import Span
from convqa.store.appeals import open_appeal
from convqa.store.audit import now, verify_audit
from convqa.store.browsing import find_choices, find_conversations
from convqa.store.critical import decide_critical
from convqa.store.desk_settings import DeskSettings, change_settings
from convqa.store.filters import Filters
from convqa.store.loading import load_run
from convqa.store.reading import find_key, read_conversation
from convqa.store.reviews import Correction, save_review
from convqa.store.scored import read_findings
from convqa.store.tables import metadata


def counts_of(database):
    with database.reading() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }


def opened(database, viewer, name="c1"):
    return read_conversation(database, viewer, find_key(database, viewer, name))


def test_a_loaded_conversation_is_what_the_run_holds(database, tmp_path):
    root = add_people(database)["root"]
    stored = talk(metadata={"csat": "4", "recontact": True, "mystery_shop": "yes"})
    loaded = load_run(database, write_run(tmp_path / "run", [stored, talk("c2"), talk("c3")]))
    assert (loaded.is_new, loaded.n_conversations) == (True, 3)
    found = opened(database, root)
    assert found.turns == stored.segmented.conversation.turns
    assert found.machine == stored.evaluation
    assert found.final.criteria == stored.evaluation.criteria
    assert found.row.final_score == stored.evaluation.score == 25.0
    assert found.row.started.isoformat() == "2026-11-01T09:00:00+00:00"
    assert (found.csat, found.is_recontact, found.row.is_mystery_shop) == (4.0, True, True)
    assert found.standard == standard()
    choices = find_choices(database, root)
    assert (choices.teams, choices.agent_ids, choices.languages) == (("blue",), ("a1",), ("en",))
    assert choices.flags == ("dismissive", "critical:insult", "low_score", "low_coverage")


def test_what_metadata_say_is_read_as_in_the_report(database, tmp_path):
    root = add_people(database)["root"]
    stored = talk(metadata={"csat": "Infinity", "recontact": "1.0", "mystery_shop": 1.0})
    load_run(database, write_run(tmp_path / "run", [stored]))
    found = opened(database, root)
    assert (found.csat, found.is_recontact, found.row.is_mystery_shop) == (None, True, True)


def test_loading_again_changes_nothing(database, tmp_path):
    run = write_run(tmp_path / "run", [talk("c1"), talk("c2"), talk("c3", is_skipped=True)])
    load_run(database, run)
    before = counts_of(database)
    again = load_run(database, run)
    assert (again.is_new, again.n_conversations) == (False, 3)
    assert counts_of(database) == before


def test_a_load_that_was_stopped_is_done_by_the_next(database, tmp_path):
    run = write_run(tmp_path / "run", [talk("c1"), talk("c2"), talk("c3")])
    part = run / "evaluations" / "part-000001.parquet"
    whole = part.read_bytes()
    part.write_bytes(whole[:50])
    with pytest.raises(StoreError, match="cannot be read"):
        load_run(database, run)
    part.write_bytes(whole)
    assert load_run(database, run).n_conversations == 3
    tables = counts_of(database)
    assert (tables["conversations"], tables["criterion_results"]) == (3, 12)
    assert (tables["search_texts"], tables["runs"]) == (3, 1)


def test_an_unfinished_run_is_refused(database, tmp_path):
    with pytest.raises(StoreError, match="no run directory"):
        load_run(database, tmp_path)


def test_reviews_survive_a_rescore_and_are_marked_where_something_changed(database, tmp_path):
    rita = add_people(database)["rita"]
    load_run(database, write_run(tmp_path / "run", [talk()]))
    key = find_key(database, rita, "c1")
    for criterion in ("greeting", "insult"):
        save_review(database, rita, key, Correction(criterion, "confirmed", "pass"))
    save_review(database, rita, key, Correction("kind", "corrected", "pass", comment="fine"))
    newer = standard("2.0", greeting=40)
    rescored = talk(used=newer, words=(20, 30))
    load_run(database, write_run(tmp_path / "rescored", [rescored], used=newer))
    found = opened(database, rita)
    assert {name: r.is_stale for name, r in found.reviews.items()} == {
        "greeting": False, "insult": False, "kind": True,
    }  # fmt: skip
    assert found.reviews["kind"].comment == "fine"
    assert found.row.n_stale == 1
    assert found.machine.score == 25.0  # of the machine, by the newer standard
    assert found.row.final_score == 100.0  # «kind» and with it «both» pass
    assert [past.standard for past in found.history] == ["small 1.0", "small 2.0"]
    seen = found.reviews["kind"].version
    save_review(database, rita, key, Correction("kind", "corrected", "pass", seen_version=seen))
    assert opened(database, rita).row.n_stale == 0


def test_a_reload_of_an_older_run_does_not_hide_the_newer(database, tmp_path):
    root = add_people(database)["root"]
    old = write_run(tmp_path / "old", [talk("c1"), talk("c2")])
    newer = standard("2.0", greeting=40)
    load_run(database, old)
    load_run(database, write_run(tmp_path / "new", [talk("c1", used=newer)], used=newer))
    erase_conversation(old, "c2")
    assert load_run(database, old).n_erased == 1
    assert opened(database, root).standard.version == "2.0"
    assert find_conversations(database, root, Filters()).n_found == 1


def test_what_is_erased_from_the_run_is_erased_here_with_all_that_hangs_on_it(database, tmp_path):
    people = add_people(database)
    run = write_run(tmp_path / "run", [talk("c1"), talk("c2")])
    load_run(database, run)
    key = find_key(database, people["rita"], "c1")
    words = (Span(0, 0, 5),)
    save_review(database, people["rita"], key, Correction("kind", "corrected", "fail", words))
    erase_conversation(run, "c1")
    load_run(database, run)
    tables = counts_of(database)
    for name in ("conversations", "transcripts", "search_texts", "results"):
        assert tables[name] == 1, name
    assert tables["reviews"] == 0
    assert tables["erased_conversations"] == 1
    assert verify_audit(database).fault is None
    # Another run over the same conversation does not bring it back.
    other = standard("2.0")
    again = load_run(database, write_run(tmp_path / "b", [talk("c1", used=other)], used=other))
    assert (again.n_conversations, again.n_kept_out) == (0, 1)


def test_what_is_old_but_under_an_open_appeal_is_not_missing_from_the_run(database, tmp_path):
    people = add_people(database)
    days_old = {"c1": 60, "c2": 1, "c3": 1}
    talks = [
        talk(name, started_at=(now() - timedelta(days=days)).isoformat())
        for name, days in days_old.items()
    ]
    run = write_run(tmp_path / "run", talks)
    load_run(database, run)
    key = find_key(database, people["root"], "c1")
    open_appeal(database, people["ada"], key, addressee="max", reason="I was kind.")
    change_settings(database, people["root"], DeskSettings(retention_days=30))
    erase_conversation(run, "c3")
    again = load_run(database, run)
    assert (again.n_conversations, again.n_erased, again.n_kept_out) == (1, 1, 1)
    assert opened(database, people["root"]).row.state == "frozen"


def test_what_is_erased_from_the_run_after_a_load_was_stopped_is_erased_here(database, tmp_path):
    root = add_people(database)["root"]
    run = write_run(tmp_path / "run", [talk("c1"), talk("c2"), talk("c3")])
    part = run / "segments" / "part-000001.parquet"
    whole = part.read_bytes()
    part.write_bytes(whole[:50])
    with pytest.raises(StoreError, match="cannot be read"):
        load_run(database, run)
    part.write_bytes(whole)
    erase_conversation(run, "c1")
    again = load_run(database, run)
    assert (again.n_conversations, again.n_erased) == (2, 1)
    assert find_conversations(database, root, Filters()).n_found == 2


def test_a_run_that_was_moved_is_found_again_once_it_is_loaded(database, tmp_path):
    root = add_people(database)["root"]
    run = write_run(tmp_path / "run", [talk()])
    load_run(database, run)
    moved = run.rename(tmp_path / "moved")
    key = find_key(database, root, "c1")
    assert read_findings(database, root, key) is None
    assert not load_run(database, moved).is_new
    assert read_findings(database, root, key) is not None


def test_a_confirmed_zero_needs_a_new_word_when_it_is_another_error(database, tmp_path):
    rita = add_people(database)["rita"]
    load_run(database, write_run(tmp_path / "run", [talk(insult="fail")]))
    found = opened(database, rita)
    assert (found.row.final_status, found.row.final_score) == ("provisional", 0.0)
    decide_critical(database, rita, found.row.key, is_confirmed=True)
    assert opened(database, rita).row.final_status == "scored"
    assert opened(database, rita).row.final_score == 0.0
    assert decide_critical(database, rita, found.row.key, is_confirmed=False) == 25.0
    other = standard("2.0", greeting=10)
    moved = talk(used=other, insult="pass")
    load_run(database, write_run(tmp_path / "b", [moved], used=other))
    assert opened(database, rita).row.final_status == "scored"
