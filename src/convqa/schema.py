"""The types that move between the stages, each frozen, each produced by one stage.

files → `Conversation` (ingest, redact) → `SegmentedConversation` (segment) → `Finding`s (detect)
→ `Evaluation` (scoring). Character offsets are code points, half-open, into the text of the turn as
stored, that is, after redaction. Times are seconds from the start of the conversation.

What a conversation has many of (turns, spans, findings, results) is a named tuple, which is made in
a quarter of the time of a dataclass.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Role = Literal["agent", "customer", "other", "unknown"]
RoleSource = Literal["given", "inferred"]
Channel = Literal["chat", "call"]
Outcome = Literal["pass", "partial", "fail", "na", "undetermined"]
Status = Literal["scored", "provisional", "low_coverage", "skipped"]
EvidenceSource = Literal["model", "phrase", "timing", "rule", "person"]
FindingKind = Literal[
    "politeness", "empathy", "act", "emotion", "forbidden", "resolution", "ending", "phrase",
    "timing", "head", "attention", "address",
]  # fmt: skip

ROLES: tuple[Role, ...] = ("agent", "customer", "other", "unknown")
LANGUAGES: tuple[str, ...] = ("en", "nb", "da", "sv", "pl", "ro")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record was read: `record` counts from 0 in its file, `line` from 1."""

    path: str
    format: str
    record: int
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a call with its times: `[char_start, char_end)` of its turn."""

    char_start: int
    char_end: int
    start_s: float
    end_s: float


class Turn(NamedTuple):
    """All that one speaker says before somebody else speaks, or one message or recognised phrase.

    Its index in `Conversation.turns` is its number as read and is never changed, `other` turns
    included. `confidence` is that of the speech recogniser, in [0, 1]. `role_confidence` is the
    probability of an inferred role, None where the file gives the role.
    """

    role: Role
    text: str
    start_s: float | None = None
    end_s: float | None = None
    speaker_id: str | None = None
    agent_id: str | None = None
    confidence: float | None = None
    role_source: RoleSource = "given"
    role_confidence: float | None = None
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """A whole interaction as read.

    `language` is one of `LANGUAGES` or another BCP 47 code as given, None until it is detected.
    `started_at` is ISO 8601 as given. `metadata` holds JSON values that standards and reports may
    use.
    """

    id: str
    turns: tuple[Turn, ...]
    source: Source
    language: str | None = None
    channel: Channel | None = None
    started_at: str | None = None
    agent_id: str | None = None
    team: str | None = None
    queue: str | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that cannot be read: where, which field, and why, without transcript text."""

    path: str
    record: int
    line: int | None
    field: str
    reason: str


class Span(NamedTuple):
    """Characters `[char_start, char_end)` of turn number `turn`."""

    turn: int
    char_start: int
    char_end: int


@dataclass(frozen=True, slots=True)
class Segment:
    """One sentence, or one clause group of unpunctuated speech, said by one speaker.

    `spans` has one span, or one for each turn where a speech recogniser cut a sentence into several
    turns of the same speaker. `text` is the spans' text joined by single spaces: what models see.
    `language` is one of `LANGUAGES`.
    """

    index: int
    role: Role
    spans: tuple[Span, ...]
    text: str
    language: str
    start_s: float | None = None
    end_s: float | None = None


@dataclass(frozen=True, slots=True)
class SegmentedConversation:
    """A redacted conversation with its language and its segments in order of their first turn.

    `language` is None where it is none of `LANGUAGES`. Only turns of agent, customer and unknown
    speakers have segments.
    """

    conversation: Conversation
    segments: tuple[Segment, ...]
    language: str | None
    language_confidence: float


class Finding(NamedTuple):
    """Something that was seen, before anyone says what it costs.

    `label` is the label of the codebook (`impolite`, `greeting`, …), the id of a phrase rule, the
    name of a timing measure, or the positive label of a head of one's own. `probability` is
    calibrated, in [0, 1], None for rules and timing. `is_present` is the detector's own decision,
    made with the thresholds of the bundle; findings below them are kept because a standard may ask
    for a lower one. `value` is the measured seconds or share of a timing finding. `detail` says how
    a phrase matched. `spans` is empty for what concerns the whole conversation.
    """

    kind: FindingKind
    label: str
    source: EvidenceSource
    spans: tuple[Span, ...] = ()
    segment: int | None = None
    probability: float | None = None
    is_present: bool = True
    value: float | None = None
    detail: str = ""


class Evidence(NamedTuple):
    """The exact words that decided: `quote` is `[char_start, char_end)` of the stored turn."""

    turn: int
    char_start: int
    char_end: int
    quote: str
    source: EvidenceSource


class CriterionResult(NamedTuple):
    """The outcome of one criterion and what it earned.

    `weight` is the applied weight: 0 for `na` and `undetermined`. `points` of `max_points` were
    earned; both are on the scale of the weights, so that the score is 100 × the sum of the points /
    the sum of the applied weights. `confidence` in [0, 1]. `agent_id` is who is charged.
    """

    id: str
    outcome: Outcome
    points: float
    max_points: float
    weight: float
    confidence: float
    reason: str
    evidence: tuple[Evidence, ...] = ()
    agent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """How the need ended: `label` of the codebook and its calibrated probability in [0, 1]."""

    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class Version:
    """Name, version and digest of a standard or a model."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one conversation scored and why.

    `score` is 0–100 with one decimal, higher is better, None where none can be given; `raw_score`
    is the same before critical errors. `coverage` is the share of the applicable weight that could
    be determined, in [0, 1]. `skip_reason` is set where `status` is `skipped`.
    """

    conversation_id: str
    status: Status
    language: str | None
    channel: Channel | None
    agent_id: str | None
    team: str | None
    queue: str | None
    started_at: str | None
    score: float | None
    raw_score: float | None
    band: str | None
    flag: bool
    flags: tuple[str, ...]
    critical: tuple[str, ...]
    resolution: Resolution | None
    ending: str | None
    criteria: tuple[CriterionResult, ...]
    standard: Version
    model: Version
    coverage: float = 0.0
    skip_reason: str | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)
