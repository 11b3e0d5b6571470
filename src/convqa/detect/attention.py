"""Inattention: how conversations fail far more often than by rudeness.

A customer's question that is never answered, the same answer pasted again, an apology that ignores
what was said, a chat closed as idle while the agent owed the answer, a wait that nobody announced,
information the customer had to give twice. Read from the segments, the acts that the models found,
the times and the cues of `configs/attention.yaml`; never from a standard. The rules aim at
precision: a conversation in which it is not known who spoke has no such findings.
"""

from collections.abc import Iterator, Sequence

from convqa.detect.attention_answers import (
    repeated_answers,
    template_apologies,
    unanswered_questions,
)
from convqa.detect.attention_runs import Said, Stretch, stretches_of
from convqa.detect.attention_twice import given_twice
from convqa.detect.attention_waits import idle_closes, unannounced_holds
from convqa.schema import LANGUAGES, Finding, SegmentedConversation, Span
from convqa.segment.stretches import is_spoken


def detect_attention(segmented: SegmentedConversation, labels: Sequence[Finding]) -> list[Finding]:
    """Return the findings of inattention in one conversation.

    Args:
        segmented: The conversation, redacted.
        labels: What the models found in it.

    Returns:
        Findings of kind `attention` with spans on both sides, those of one label in the order said.
        `detail` tells how it showed.
    """
    turns = segmented.conversation.turns
    if segmented.language not in LANGUAGES or any(t.role == "unknown" and t.text for t in turns):
        return []
    stretches = stretches_of(segmented, labels)
    return [
        Finding("attention", label, "rule", _in_order(spans), detail=detail)
        for label, spans, detail in _found(segmented, stretches)
    ]


def _found(
    segmented: SegmentedConversation, stretches: Sequence[Stretch]
) -> Iterator[tuple[str, Sequence[Span], str]]:
    is_call = is_spoken(segmented.conversation)
    for label, found in (
        ("unanswered_question", unanswered_questions(stretches)),
        ("repeated_answer", repeated_answers(stretches)),
        ("template_apology", template_apologies(stretches)),
        ("asked_twice", given_twice(stretches, is_call=is_call)),
    ):
        for said, detail in found:
            yield label, _spans(said), detail
    if not is_call:
        for spans, detail in idle_closes(segmented, stretches):
            yield "idle_close", spans, detail
    for spans, detail in unannounced_holds(segmented, stretches):
        yield "unannounced_hold", spans, detail


def _spans(said: Sequence[Said]) -> list[Span]:
    return [span for one in said for span in one.segment.spans]


def _in_order(spans: Sequence[Span]) -> tuple[Span, ...]:
    return tuple(sorted(dict.fromkeys(spans), key=lambda s: (s.turn, s.char_start)))
