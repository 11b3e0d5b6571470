import dataclasses
import os
import stat

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa.errors import StoreError
from convqa.schema import Rejected, Segment, Span, Turn
from convqa.store.parts import (
    Chunk,
    finished_chunks,
    is_finished,
    part_path,
    read_chunk,
    read_evaluations,
    read_found,
    write_chunk,
)
from stored_results import evaluation, stored


def test_chunk_read_back_equals_chunk_written(tmp_path):
    chunk = Chunk(
        (stored("c1"), stored("c2")),
        (Rejected("f.jsonl", 7, 8, "turns[0].text", "missing"),),
    )
    write_chunk(tmp_path, 3, chunk)
    assert read_chunk(tmp_path, 3) == chunk
    assert [e.conversation_id for e in read_evaluations(tmp_path)] == ["c1", "c2"]


def test_skipped_conversation_without_models_is_kept(tmp_path):
    skipped = stored()
    skipped = dataclasses.replace(
        skipped,
        findings=(),
        vectors=(),
        tokens=(),
        evaluation=evaluation(
            "c1", status="skipped", score=None, raw_score=None, resolution=None, criteria=(),
            skip_reason="language de is not supported",
        ),
    )  # fmt: skip
    write_chunk(tmp_path, 0, Chunk((skipped,), ()))
    assert read_chunk(tmp_path, 0).conversations == (skipped,)


def test_chunk_without_conversations_is_finished(tmp_path):
    write_chunk(tmp_path, 0, Chunk((), (Rejected("f", 0, None, "", "empty file"),)))
    assert is_finished(tmp_path, 0)
    assert read_chunk(tmp_path, 0).rejected[0].reason == "empty file"


def test_chunk_is_unfinished_until_its_evaluations_are_there(tmp_path):
    write_chunk(tmp_path, 0, Chunk((stored(),), ()))
    part_path(tmp_path, "evaluations", 0).unlink()
    assert not is_finished(tmp_path, 0)
    assert finished_chunks(tmp_path) == []


def test_parts_are_readable_by_their_owner_only(tmp_path):
    write_chunk(tmp_path, 0, Chunk((stored(),), ()))
    for path in tmp_path.rglob("*.parquet"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_same_chunk_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_chunk(tmp_path / name, 0, Chunk((stored(),), ()))
    for table in ("evaluations", "findings", "segments", "rejected"):
        first, second = (part_path(tmp_path / n, table, 0).read_bytes() for n in ("a", "b"))
        assert first == second


def test_a_damaged_part_is_one_clear_error(tmp_path):
    write_chunk(tmp_path, 0, Chunk((stored(),), ()))
    path = part_path(tmp_path, "segments", 0)
    os.truncate(path, 100)
    with pytest.raises(StoreError, match=r"segments/part-000000.parquet: cannot be read"):
        read_chunk(tmp_path, 0)


def test_a_part_without_a_column_that_is_asked_for_is_one_clear_error(tmp_path):
    write_chunk(tmp_path, 0, Chunk((stored(),), ()))
    path = part_path(tmp_path, "evaluations", 0)
    pq.write_table(pq.read_table(path).drop_columns(["skip_reason"]), path)
    with pytest.raises(StoreError, match=r"evaluations/part-000000.parquet: cannot be read"):
        read_found(tmp_path, 0, with_segments=False)


@given(st.text(min_size=1, max_size=40), st.data())
def test_pieces_of_a_turn_give_its_text_exactly(tmp_path_factory, text, data):
    text = text.encode("utf-8", "replace").decode()
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=6)))
    segments = tuple(
        Segment(i, "agent", (Span(0, a, b),), text[a:b], "en")
        for i, (a, b) in enumerate(zip(cuts[::2], cuts[1::2], strict=False))
    )
    base = stored()
    conversation = dataclasses.replace(base.segmented.conversation, turns=(Turn("agent", text),))
    segmented = dataclasses.replace(base.segmented, conversation=conversation, segments=segments)
    kept = dataclasses.replace(base, segmented=segmented, findings=(), vectors=(), tokens=())
    run = tmp_path_factory.mktemp("run")
    write_chunk(run, 0, Chunk((kept,), ()))
    assert read_chunk(run, 0).conversations[0].segmented == segmented
