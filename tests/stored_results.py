"""Small results made by hand, for tests of what comes after scoring."""

import dataclasses

from convqa.schema import (
    Conversation,
    CriterionResult,
    Evaluation,
    Evidence,
    Finding,
    Resolution,
    Segment,
    SegmentedConversation,
    Source,
    Span,
    Turn,
    Version,
)
from convqa.store.manifest import (
    InputRecord,
    Manifest,
    Options,
    VersionRecord,
    current_environment,
)
from convqa.store.parts import StoredConversation

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


def manifest(**changes):
    base = Manifest(
        state="finished",
        inputs=[InputRecord(path="f.jsonl", sha256="00", size=10)],
        options=Options(
            format=None, mapping_sha256=[], ingest_sha256=None, redact=True, chunk_size=500
        ),
        standard=VersionRecord(name="v", version="1.0", sha256="ab"),
        model=VersionRecord(name="v", version="1.0", sha256="ab"),
        environment=current_environment(),
    )
    return base.model_copy(update=changes)
