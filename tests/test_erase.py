import dataclasses

import pytest

from convqa.erase import erase_before, erase_conversation
from convqa.schema import Rejected
from convqa.store.manifest import count_parts, read_manifest, write_manifest
from convqa.store.parts import Chunk, read_chunk, read_evaluations, write_chunk
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
    assert b"c1" not in b"".join(p.read_bytes() for p in run.rglob("*.parquet"))


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
