"""First step of scoring: findings → the outcome of every criterion."""

from collections.abc import Mapping, Sequence

from convqa.schema import CriterionResult, Evidence, Finding, SegmentedConversation
from convqa.scoring.conditions import Held, first_that_holds, is_in_scope
from convqa.scoring.hold import judge_hold
from convqa.scoring.judge import (
    Judgement,
    judge_address,
    judge_combined,
    judge_label,
    judge_order,
    judge_resolution,
    judge_response,
    judge_timing,
    passed,
)
from convqa.scoring.reasons import Reason
from convqa.scoring.view import View
from convqa.standard.criteria import (
    AddressCriterion,
    Criterion,
    HoldCriterion,
    LabelCriterion,
    OrderCriterion,
    ResolutionCriterion,
    ResponseCriterion,
    TimingCriterion,
)
from convqa.standard.model import Standard

# A longer turn is quoted by its beginning when it stands for something that was not said.
_QUOTE_CHARS = 200


def evaluate_criteria(
    segmented: SegmentedConversation, findings: Sequence[Finding], standard: Standard
) -> tuple[CriterionResult, ...]:
    """Return the result of every criterion in the order of the standard.

    Args:
        segmented: The conversation, as the findings saw it.
        findings: Of any detector, in any order.
        standard: What is asked.

    Points are on the scale of the weights; `weight` is 0 where a criterion is not applicable or
    could not be determined.
    """
    view = View(segmented, findings, phrase_certainty=standard.confidence.phrase)
    done: dict[str, Judgement] = {}
    results = []
    for criterion in standard.criteria:
        judgement = _judge(criterion, view, done, standard)
        done[criterion.id] = judgement
        results.append(_result(criterion, judgement, view))
    return tuple(results)


def _judge(
    criterion: Criterion, view: View, done: Mapping[str, Judgement], standard: Standard
) -> Judgement:
    if criterion.applies_to is not None and not is_in_scope(criterion.applies_to, view):
        return Judgement("na", 1.0, Reason("out_of_scope"))
    held = first_that_holds(criterion.na_when, view)
    if held is not None:
        return Judgement("na", 1.0, _reason("condition_na", "no_occasion", held))
    judgement = _if_sure(criterion, _judge_kind(criterion, view, done), standard)
    if judgement.outcome in ("fail", "partial", "undetermined"):
        held = first_that_holds(criterion.pass_when, view)
        if held is not None:
            return passed(1.0, _reason("condition_pass", "absent_pass", held))
    return judgement


def _reason(key: str, key_of_missing: str, held: Held) -> Reason:
    if held.is_missing:
        return Reason(key_of_missing, what=held.labels)
    return Reason(key, why=held.labels)


def _judge_kind(criterion: Criterion, view: View, done: Mapping[str, Judgement]) -> Judgement:
    match criterion:
        case LabelCriterion():
            return judge_label(criterion, view)
        case ResponseCriterion():
            return judge_response(criterion, view)
        case OrderCriterion():
            return judge_order(criterion, view)
        case HoldCriterion():
            return judge_hold(criterion, view)
        case TimingCriterion():
            return judge_timing(criterion, view)
        case AddressCriterion():
            return judge_address(criterion, view)
        case ResolutionCriterion():
            return judge_resolution(criterion, view)
        case _:
            return judge_combined(criterion, done)


def _if_sure(criterion: Criterion, judgement: Judgement, standard: Standard) -> Judgement:
    """Return the judgement, or `undetermined` where it is less sure than it has to be."""
    if judgement.outcome in ("na", "undetermined"):
        return judgement
    if judgement.confidence < criterion.undetermined_below:
        return _unsure(judgement, "unsure")
    is_alert = criterion.severity == "critical" and not standard.weighs(criterion)
    if is_alert and judgement.outcome == "fail":
        agreed = agrees({(h.turn, h.source) for h in judgement.hits})
        if judgement.confidence < standard.confidence.critical and not agreed:
            return _unsure(judgement, "unsure_critical")
    return judgement


def _unsure(judgement: Judgement, key: str) -> Judgement:
    reason = Reason(key, percent=f"{100 * judgement.confidence:.0f}")
    return judgement._replace(outcome="undetermined", share=0.0, reason=reason)


def agrees(places: set[tuple[int, str]]) -> bool:
    """Return whether model and phrase were found in the same turn, from (turn, source) pairs."""
    return any(source == "model" and (turn, "phrase") in places for turn, source in places)


def _result(criterion: Criterion, judgement: Judgement, view: View) -> CriterionResult:
    conversation = view.conversation
    full = criterion.weight.applied(conversation.queue, conversation.channel, view.language)
    counts = judgement.outcome not in ("na", "undetermined")
    evidence = _evidence(judgement, view)
    return CriterionResult(
        id=criterion.id,
        outcome=judgement.outcome,
        points=round(full * judgement.share, 9) if counts else 0.0,
        max_points=full,
        weight=full if counts else 0.0,
        confidence=round(min(max(judgement.confidence, 0.0), 1.0), 4),
        reason=judgement.reason.text,
        evidence=evidence,
        agent_id=_charged(judgement, evidence, view),
    )


def _evidence(judgement: Judgement, view: View) -> tuple[Evidence, ...]:
    shown = [
        Evidence(
            span.turn, span.char_start, span.char_end,
            view.turns[span.turn].text[span.char_start : span.char_end], hit.source,
        )
        for hit in judgement.hits
        for span in hit.spans
    ]  # fmt: skip
    if judgement.due is not None:
        text = view.turns[judgement.due].text[:_QUOTE_CHARS]
        shown.append(Evidence(judgement.due, 0, len(text), text, "rule"))
    return tuple(dict.fromkeys(shown))


def _charged(judgement: Judgement, evidence: Sequence[Evidence], view: View) -> str | None:
    """Return the agent who spoke the evidence; of an omission, who spoke where it was due."""
    turns = [judgement.due] if judgement.due is not None else [e.turn for e in evidence]
    for turn in turns:
        spoken = view.turns[turn]
        if spoken.role == "agent" and spoken.agent_id is not None:
            return spoken.agent_id
    return view.conversation.agent_id
