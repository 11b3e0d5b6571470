"""Conversations with segments and findings of the model, made by hand."""

import dataclasses

from convqa.schema import Finding, Segment, Span
from store.desk_runs import talk

AGENT = ("Hello, this is Ann. ", "Calm down, it is not that bad.")
CUSTOMER = ("I have waited for three weeks now and nobody answers me.",)
LAST = ("Goodbye.",)


def said(name, *, kind="fail", found=(), **options):
    """Return a talk of three turns with a segment for each sentence.

    `found` holds the findings: segment, kind, label, probability and whether it is present.
    """
    texts = ("".join(AGENT), CUSTOMER[0], LAST[0])
    made = talk(name, texts=texts, kind=kind, words=(20, 50), **options)
    segments, start = [], 0
    for turn, sentences in enumerate((AGENT, CUSTOMER, LAST)):
        start = 0
        for sentence in sentences:
            words = sentence.rstrip()
            span = Span(turn, start, start + len(words))
            role = "customer" if turn == 1 else "agent"
            segments.append(Segment(len(segments), role, (span,), words, "en"))
            start += len(sentence)
    findings = tuple(
        Finding(kind, label, "model", segments[index].spans, index, probability, is_present)
        for index, kind, label, probability, is_present in found
    )
    return dataclasses.replace(
        made,
        segmented=dataclasses.replace(made.segmented, segments=tuple(segments)),
        findings=findings,
    )


DISMISSIVE = (
    (0, "act", "greeting", 0.9, True),
    (0, "empathy", "none", 0.9, True),
    (1, "empathy", "dismissive", 0.7, True),
    (1, "empathy", "none", 0.2, False),
    (1, "empathy", "empathic", 0.1, False),
    (3, "empathy", "none", 0.99, True),
    (3, "act", "closing", 0.95, True),
)  # fmt: skip
