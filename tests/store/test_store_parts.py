import dataclasses
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa.errors import StoreError
from convqa.schema import (
    Conversation,
    CriterionResult,
    Evaluation,
    Evidence,
    Finding,
    Rejected,
    Resolution,
    Segment,
    SegmentedConversation,
    Source,
    Span,
    Turn,
    Version,
)
from convqa.store.parts import (
    Chunk,
    StoredConversation,
    finished_chunks,
    is_finished,
    part_path,
    read_chunk,
    read_evaluations,
    write_chunk,
)

VERSION = Version("v", "1.0", "ab")


def evaluation(conversation_id, **changes):
    base = Evaluation(
        conversation_id=conversation_id,
        status="scored",
        language="en",
        channel="chat",
        agent_id="a1",
        team="blue",
        queue=None,
        started_at="2026-11-01T10:00:00Z",
        score=87.5,
        raw_score=87.5,
        band="good",
        flag=True,
        flags=("impolite",),
        critical=(),
        resolution=Resolution("resolved", 0.91),
        ending="closed",
        criteria=(
            CriterionResult(
                "greeting", "fail", 0.0, 5.0, 5.0, 0.8, "No greeting.",
                (Evidence(0, 0, 5, "Hello", "model"),), "a1",
            ),
        ),
        standard=VERSION,
        model=VERSION,
        coverage=1.0,
        metadata={"csat": 4, "tags": ["vip"], "note": "æøå"},
    )  # fmt: skip
    return dataclasses.replace(base, **changes)


def stored(conversation_id="c1"):
    turns = (
        Turn("other", "System: chat started"),
        Turn("agent", "  Hello. How are you? ", 1.0, 2.5, "s1", "a1", 0.9),
        Turn("customer", "I can't", 3.0, 4.0, role_source="inferred", role_confidence=0.95),
        Turn("customer", "log in", 4.1, 5.0, role_source="inferred", role_confidence=0.95),
        Turn("unknown", ""),
    )
    made = evaluation(conversation_id)
    return StoredConversation(
        SegmentedConversation(
            Conversation(
                conversation_id, turns, Source("f.jsonl", "native", 0, 1), "en", "chat",
                made.started_at, "a1", "blue", None, made.metadata,
            ),
            (
                Segment(0, "agent", (Span(1, 2, 8),), "Hello.", "en", 1.0, 1.4),
                Segment(1, "agent", (Span(1, 9, 21),), "How are you?", "en", 1.4, 2.5),
                Segment(2, "customer", (Span(2, 0, 7), Span(3, 0, 6)), "I can't log in", "en"),
            ),
            "en",
            1.0,
        ),
        (
            Finding("politeness", "polite", "model", (Span(1, 2, 8),), 0, 0.93),
            Finding("timing", "duration_s", "timing", value=5.0),
            Finding("forbidden", "blame", "model", (Span(1, 9, 21),), 1, 0.2, False),
        ),
        made,
        (b"\x01\xff", b"\x02\x00", b"\x03\x7f"),
        (4, 6, 7),
    )  # fmt: skip


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
