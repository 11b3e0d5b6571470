"""What the score would be: with a correction that is not saved yet, or with another outcome."""

from collections.abc import Mapping

from convqa.schema import Outcome
from convqa.scoring.score import Score
from convqa.store.final import FinalResult, HumanOutcome, final_result
from convqa.store.reading import DeskConversation


def saved_outcomes(conversation: DeskConversation) -> dict[str, HumanOutcome]:
    """Return what people have said, by criterion id."""
    return {
        review.criterion_id: HumanOutcome(review.outcome, review.evidence)
        for review in conversation.reviews.values()
    }


def score_with(conversation: DeskConversation, human: Mapping[str, HumanOutcome]) -> FinalResult:
    """Return what the machine's results and these outcomes of people add up to."""
    decision = conversation.critical_decision
    names = None if decision is None else decision.names
    is_confirmed = decision is not None and decision.is_confirmed
    return final_result(
        conversation.machine.criteria,
        human,
        conversation.standard,
        confirmed_critical=names if is_confirmed else None,
        dismissed_critical=None if is_confirmed else names,
    )


def scores_by_outcome(
    conversation: DeskConversation, criterion_id: str, outcomes: tuple[Outcome, ...]
) -> dict[Outcome, Score]:
    """Return the score for each outcome that a criterion could have, all else as it is."""
    human = saved_outcomes(conversation)
    return {
        outcome: score_with(conversation, {**human, criterion_id: HumanOutcome(outcome)}).score
        for outcome in outcomes
    }
