"""The sum of a score, line by line, so that anyone can redo it by hand."""

from dataclasses import dataclass

from convqa.schema import CriterionResult, Evaluation, Outcome
from convqa.scoring.score import percent


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One criterion, or the last line with the result.

    The running sums are of this row and those above it. `formula` is the row's own sum in figures.
    """

    id: str
    outcome: Outcome | None
    points: float
    weight: float
    running_points: float
    running_weight: float
    formula: str
    reason: str


def ledger(evaluation: Evaluation) -> tuple[LedgerRow, ...]:
    """Return the rows of a score: one for each criterion with a weight, then the result."""
    rows: list[LedgerRow] = []
    points, weight = 0.0, 0.0
    for result in evaluation.criteria:
        if result.max_points == 0:
            continue
        points, weight = points + result.points, weight + result.weight
        rows.append(
            LedgerRow(
                result.id, result.outcome, result.points, result.weight, points, weight,
                _formula(result), result.reason,
            )
        )  # fmt: skip
    rows.append(_total(evaluation, points, weight))
    return tuple(rows)


def _formula(result: CriterionResult) -> str:
    if result.weight == 0:
        return f"left out (would be worth {result.max_points:g})"
    return f"{result.points:g} of {result.weight:g}"


def _total(evaluation: Evaluation, points: float, weight: float) -> LedgerRow:
    raw = percent(evaluation.criteria)
    formula = "nothing could be scored" if raw is None else f"100 × {points:g} / {weight:g} = {raw}"
    notes = []
    if evaluation.raw_score is None and raw is not None:
        notes.append(f"no score: only {100 * evaluation.coverage:.0f} % could be determined")
    if evaluation.critical:
        notes.append(f"0 because of {', '.join(evaluation.critical)}, until a person confirms")
    return LedgerRow("score", None, points, weight, points, weight, formula, "; ".join(notes))
