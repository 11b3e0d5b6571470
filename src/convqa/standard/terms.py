"""The words a standard may use, from the codebook: label kinds, labels and timing measures."""

from typing import Literal

ACTS: tuple[str, ...] = (
    "greeting", "introduction", "verification", "question", "paraphrase", "apology", "hold",
    "information", "action", "commitment", "disclosure", "refusal", "transfer", "further_help",
    "thanks", "closing", "problem", "complaint", "escalation", "churn", "confirms_resolved",
    "denies_resolved",
)  # fmt: skip
POLITENESS: tuple[str, ...] = ("impolite", "polite", "neutral")
EMPATHY: tuple[str, ...] = ("dismissive", "empathic", "none")
EMOTION: tuple[str, ...] = ("negative", "positive", "neutral")
FORBIDDEN: tuple[str, ...] = (
    "profanity", "blame", "brush_off", "guarantee", "pressure", "sensitive_request",
    "disparagement", "ignorance", "overfamiliar",
)  # fmt: skip
ATTENTION: tuple[str, ...] = (
    "unanswered_question", "repeated_answer", "template_apology", "idle_close",
    "unannounced_hold", "asked_twice",
)  # fmt: skip
ADDRESS: tuple[str, ...] = ("formal", "informal")
RESOLUTIONS: tuple[str, ...] = ("resolved", "pending", "unresolved")
ENDINGS: tuple[str, ...] = ("closed", "customer_left", "agent_left")
CRITICAL_ERRORS: tuple[str, ...] = ("profanity", "sensitive_request", "unverified_disclosure")

LABELS: dict[str, tuple[str, ...]] = {
    "act": ACTS,
    "politeness": POLITENESS,
    "empathy": EMPATHY,
    "emotion": EMOTION,
    "forbidden": FORBIDDEN,
    "attention": ATTENTION,
    "address": ADDRESS,
}
"""The labels of each kind that has a fixed list; `phrase` and `head` have names of one's own.

Where a turn has one label of a kind, the first in the tuple wins (codebook, «Turn labels»).
"""

SINGLE_LABEL_KINDS: tuple[str, ...] = ("politeness", "empathy", "emotion")

Measure = Literal[
    "first_response_s", "response_s", "silence_s", "longest_silence_s", "hold_s", "talk_share",
    "interruption", "overlap_s", "duration_s",
]  # fmt: skip
Language = Literal["en", "nb", "da", "sv", "pl", "ro"]
