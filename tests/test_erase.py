import dataclasses

import pytest

from convqa.erase import erase_before, erase_conversation
from convqa.errors import StoreError
from convqa.schema import Rejected
from convqa.store.manifest import count_parts, read_manifest, write_manifest
from convqa.store.parts import (
    Chunk,
    read_chunk,
    read_evaluations,
    read_table,
    write_chunk,
)
from stored_results import evaluation, manifest, stored


@pytest.fixture
def run(tmp_path):
    def on(conversation_id, started_at):
        made = stored(conversation_id)
        return dataclasses.replace(
            made, evaluation=evaluation(conversation_id, started_at=started_at)
        )

    rejected = (Rejected("f.jsonl", 2, 3, "turns", "missing"),)
    write_chunk(tmp_path, 0, Chunk((on("c1", "2026-10-31T23:59:00Z"), on("c2", None)), rejected))
    write_chunk(tmp_path, 1, Chunk((on("c3", "2026-11-01T00:00:00Z"),), ()))
    write_manifest(tmp_path, manifest(counts=count_parts(tmp_path)))
    return tmp_path


def ids(run):
    return [e.conversation_id for e in read_evaluations(run)]


def test_erased_conversation_leaves_no_row_in_any_table(run):
    assert erase_conversation(run, "c1").n_erased == 1
    assert ids(run) == ["c2", "c3"]
    chunk = read_chunk(run, 0)
    assert [c.segmented.conversation.id for c in chunk.conversations] == ["c2"]
    for table in ("evaluations", "findings", "segments"):
        assert "c1" not in read_table(run, table, 0)["conversation_id"].to_pylist()


def test_report_and_exports_in_the_run_go_too(run):
    names = ("report.html", "evaluations.jsonl", "evaluations.xlsx", ".report.html.77.tmp")
    for name in names:
        (run / name).write_text("c1")
    erase_conversation(run, "c1")
    assert [p.name for p in run.iterdir() if p.is_file() and "c1" in p.read_text()] == []


def test_a_report_outlives_no_erasure_that_is_killed(run, monkeypatch):
    (run / "report.html").write_text("c1")

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("convqa.erase.write_table", killed)
    with pytest.raises(KeyboardInterrupt):
        erase_conversation(run, "c1")
    assert not (run / "report.html").exists()


def test_a_folder_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(StoreError, match="no run directory"):
        erase_conversation(tmp_path / "typo", "c1")
    assert not (tmp_path / "typo").exists()


def test_run_that_is_not_finished_is_refused(run):
    write_manifest(run, manifest(state="running"))
    with pytest.raises(StoreError, match="not finished"):
        erase_conversation(run, "c1")


def test_text_left_by_a_killed_process_is_removed(run):
    half = run / "segments" / "part-000007.parquet"
    half.write_bytes(b"text")
    temporary = run / "findings" / ".part-000001.parquet.77.tmp"
    temporary.write_bytes(b"text")
    copy = run / "segments" / "part-000000 (1).parquet"
    copy.write_bytes(b"text")
    erase_conversation(run, "c1")
    assert not half.exists()
    assert not temporary.exists()
    assert not copy.exists()
    assert ids(run) == ["c2", "c3"]


def test_erase_before_keeps_that_day_and_counts_what_has_no_date(run):
    erased = erase_before(run, "2026-11-01")
    assert (erased.n_erased, erased.n_undated) == (1, 1)
    assert ids(run) == ["c2", "c3"]


def test_counts_still_add_up(run):
    erase_conversation(run, "c1")
    erase_conversation(run, "c3")
    counts = read_manifest(run).counts
    assert (counts.read, counts.evaluated, counts.rejected, counts.erased) == (4, 1, 1, 2)


def test_unknown_id_erases_nothing(run):
    assert erase_conversation(run, "c9").n_erased == 0
    assert ids(run) == ["c1", "c2", "c3"]
