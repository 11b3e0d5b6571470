"""Conversations and findings from a line of text: `A greeting polite | C problem negative`.

A turn begins with A (agent), C (customer), U (unknown) or O (other), then labels. `@0.6` after a
label is its probability, `-` before it says that the model did not find it present, `/phrase` that
a phrase rule found it. `~` before the role joins the turn to the run before (same speaker).
"""

from convqa.schema import (
    Conversation,
    Finding,
    Segment,
    SegmentedConversation,
    Source,
    Span,
    Turn,
    Version,
)
from convqa.standard.terms import LABELS

MODEL = Version("model", "1", "0" * 64)
ROLES = {"A": "agent", "C": "customer", "U": "unknown", "O": "other"}
SAYS = "these are the {} words of turn number {} of the talk"


def kind_of(label):
    for kind, labels in LABELS.items():
        if label in labels and label not in ("neutral", "none"):
            return kind
    return "head"


def finding(word, turn, segment, text):
    source, is_present, probability = "model", True, 1.0
    if word.endswith("/phrase"):
        word, source, probability = word.removesuffix("/phrase"), "phrase", None
    if word.startswith("-"):
        word, is_present = word[1:], False
    if "@" in word:
        word, _, number = word.partition("@")
        probability = float(number)
    kind = kind_of(word)
    if source == "phrase" and kind != "forbidden":
        kind = "phrase"
    return Finding(
        kind, word, source, (Span(turn, 0, len(text)),), segment, probability, is_present
    )


def conversation(line, *, resolution="resolved", ending="closed", channel="call", language="en",
                 queue=None, metadata=None, silences=(), times=True, starts=(), lasts=5,
                 agents=None):  # fmt: skip
    turns, segments, findings = [], [], []
    for number, said in enumerate(line.split("|")):
        letter, *labels = said.split()
        role = ROLES[letter]
        text = SAYS.format(role, number)
        start = (float(starts[number]) if starts else 10.0 * number) if times else None
        end = None if start is None or lasts is None else start + lasts
        agent_id = agents[number] if agents else None
        turns.append(Turn(role, text, start, end, agent_id=agent_id))
        if role != "other":
            spans = (Span(number, 0, len(text)),)
            segments.append(Segment(len(segments), role, spans, text, language))
        findings += [finding(w, number, len(segments) - 1, text) for w in labels]
    for kind, label in (("resolution", resolution), ("ending", ending)):
        if label is not None:
            name, _, p = label.partition("@")
            findings.append(Finding(kind, name, "model", probability=float(p or 1)))
    for turn, seconds in silences:
        findings.append(
            Finding("timing", "silence_s", "timing", (Span(turn, 0, 5),), value=float(seconds))
        )
    talk = Conversation(
        "c1", tuple(turns), Source("x.jsonl", "native", 0), language, channel, None, "anna",
        "team", queue, metadata or {},
    )  # fmt: skip
    return SegmentedConversation(talk, tuple(segments), language, 1.0), findings
