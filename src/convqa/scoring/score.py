"""Second step of scoring: the outcomes of the criteria → score, band, flags.

A person's correction changes an outcome and runs only this step again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from convqa.schema import CriterionResult, Status
from convqa.scoring.outcomes import agrees
from convqa.standard.model import Standard


@dataclass(frozen=True, slots=True)
class Score:
    """What the outcomes add up to; the fields are those of `Evaluation`."""

    status: Status
    score: float | None
    raw_score: float | None
    band: str | None
    flags: tuple[str, ...]
    critical: tuple[str, ...]
    coverage: float


def score_outcomes(results: Sequence[CriterionResult], standard: Standard) -> Score:
    """Return the score of the outcomes.

    Score = 100 × points / applied weight, one decimal, half up; 0 with a critical error; None where
    too little could be determined (`Confidence.coverage`).
    """
    coverage = _coverage(results)
    raw = None if coverage < standard.confidence.coverage else percent(results)
    critical = tuple(
        dict.fromkeys(
            standard_criterion.raises
            for standard_criterion, result in zip(standard.criteria, results, strict=True)
            if standard_criterion.severity == "critical" and is_critical(result, standard)
        )
    )
    score = 0.0 if critical else raw
    status: Status = "provisional" if critical else "low_coverage" if raw is None else "scored"
    return Score(
        status=status,
        score=score,
        raw_score=raw,
        band=None if score is None else standard.band_of(score),
        flags=_flags(results, standard, critical, score, is_low_coverage=raw is None),
        critical=critical,
        coverage=coverage,
    )


def percent(results: Sequence[CriterionResult]) -> float | None:
    """Return 100 × points / applied weight with one decimal, half up; None without any weight."""
    weight = sum(_exact(r.weight) for r in results)
    if not weight:
        return None
    points = sum(_exact(r.points) for r in results)
    return float((100 * points / weight).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))


@lru_cache(1000)  # the weights of a standard, and its shares of them
def _exact(number: float) -> Decimal:
    """Return what is meant: a share of a weight, as 0.35 of 3, is off by a hair as a float."""
    return Decimal(repr(round(number, 9)))


def is_critical(result: CriterionResult, standard: Standard) -> bool:
    """Return whether a failed critical criterion is sure enough to set the score to 0.

    Model and phrase must have been found in the same turn, or the confidence must be high.
    """
    if result.outcome != "fail":
        return False
    places = {(e.turn, e.source) for e in result.evidence}
    return result.confidence >= standard.confidence.critical or agrees(
        {(turn, str(source)) for turn, source in places}
    )


def _coverage(results: Sequence[CriterionResult]) -> float:
    """Return the share of the applicable weight that could be determined, in [0, 1]."""
    applicable = sum(r.max_points for r in results if r.outcome != "na")
    determined = sum(r.weight for r in results)
    return round(determined / applicable, 4) if applicable else 0.0


def _flags(
    results: Sequence[CriterionResult],
    standard: Standard,
    critical: Sequence[str],
    score: float | None,
    *,
    is_low_coverage: bool,
) -> tuple[str, ...]:
    flags = [f"critical:{name}" for name in critical]
    if score is not None and score < standard.low_score_below:
        flags.append("low_score")
    flags.extend(
        criterion.raises
        for criterion, result in zip(standard.criteria, results, strict=True)
        if criterion.severity == "flag" and result.outcome == "fail"
    )
    if is_low_coverage:
        flags.append("low_coverage")
    return tuple(dict.fromkeys(flags))
