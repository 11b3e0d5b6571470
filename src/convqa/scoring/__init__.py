"""Findings → outcomes → score, in pure functions.

`score_conversation` does both steps; `rescore` and reviews use them one by one.
"""

from collections.abc import Sequence
from dataclasses import replace

from convqa.schema import (
    CriterionResult,
    Evaluation,
    Finding,
    Resolution,
    SegmentedConversation,
    Version,
)
from convqa.scoring.asked import unasked_labels
from convqa.scoring.eligibility import reason_to_skip
from convqa.scoring.ledger import LedgerRow, ledger
from convqa.scoring.outcomes import evaluate_criteria
from convqa.scoring.reasons import (
    label_name,
    label_words,
    parse_reason,
    reason_text,
    translate_reason,
)
from convqa.scoring.score import score_outcomes
from convqa.standard.model import Standard

__all__ = [
    "LedgerRow",
    "evaluate_criteria",
    "label_name",
    "label_words",
    "ledger",
    "parse_reason",
    "reason_text",
    "reason_to_skip",
    "score_conversation",
    "score_outcomes",
    "skip_conversation",
    "translate_reason",
    "unasked_labels",
    "with_outcomes",
]


def score_conversation(
    segmented: SegmentedConversation,
    findings: Sequence[Finding],
    standard: Standard,
    model: Version,
) -> Evaluation:
    """Return the evaluation of a conversation, `skipped` where it is not eligible.

    Args:
        segmented: The conversation, redacted.
        findings: Of all detectors, phrases matched with the lists of this standard.
        standard: What is asked.
        model: The bundle that the findings come from.
    """
    reason = reason_to_skip(segmented, standard)
    if reason is not None:
        return skip_conversation(segmented, reason, standard, model)
    blank = skip_conversation(segmented, "", standard, model)
    results = evaluate_criteria(segmented, findings, standard)
    return with_outcomes(
        replace(
            blank,
            skip_reason=None,
            resolution=_resolution(findings),
            ending=next((f.label for f in findings if f.kind == "ending" and f.is_present), None),
        ),
        results,
        standard,
    )


def with_outcomes(
    evaluation: Evaluation, results: Sequence[CriterionResult], standard: Standard
) -> Evaluation:
    """Return an evaluation with other outcomes, all that follows from them worked out anew."""
    scored = score_outcomes(results, standard)
    return replace(
        evaluation,
        status=scored.status,
        score=scored.score,
        raw_score=scored.raw_score,
        band=scored.band,
        flag=bool(scored.flags),
        flags=scored.flags,
        critical=scored.critical,
        criteria=tuple(results),
        coverage=scored.coverage,
    )


def skip_conversation(
    segmented: SegmentedConversation, reason: str, standard: Standard, model: Version
) -> Evaluation:
    """Return the evaluation of a conversation that is not scored, for the reason given."""
    conversation = segmented.conversation
    return Evaluation(
        conversation_id=conversation.id,
        status="skipped",
        language=segmented.language or conversation.language,
        channel=conversation.channel,
        agent_id=conversation.agent_id,
        team=conversation.team,
        queue=conversation.queue,
        started_at=conversation.started_at,
        score=None,
        raw_score=None,
        band=None,
        flag=False,
        flags=(),
        critical=(),
        resolution=None,
        ending=None,
        criteria=(),
        standard=standard.version_info,
        model=model,
        skip_reason=reason,
        metadata=conversation.metadata,
    )


def _resolution(findings: Sequence[Finding]) -> Resolution | None:
    found = [f for f in findings if f.kind == "resolution" and f.is_present]
    if not found:
        return None
    best = max(found, key=lambda f: 1.0 if f.probability is None else f.probability)
    return Resolution(best.label, 1.0 if best.probability is None else best.probability)
