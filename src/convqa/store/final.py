"""What counts: the machine's outcomes with those of people in their place, scored by the same code.

Machine, human and final answers are three things. The machine's stay as they are in the database; a
review replaces the outcome of one criterion; the final score is what `convqa.scoring` makes of the
outcomes then. While an appeal is open the final score is frozen; its decision makes it final.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from sqlalchemy import Connection, Row, func, select, update

from convqa.schema import CriterionResult, Evidence, Outcome
from convqa.scoring.judge import Judgement, deciding_parts, judge_combined
from convqa.scoring.reasons import Reason, parse_reason
from convqa.scoring.score import Score, score_outcomes
from convqa.standard import Standard
from convqa.standard.criteria import CombinedCriterion, Criterion, ResolutionCriterion
from convqa.store.audit import now
from convqa.store.stored import evidence_from_json, machine_digest
from convqa.store.tables import (
    conversations,
    criterion_results,
    critical_decisions,
    reviews,
    standards,
)

# A combination was not judged by its parts where one of these decided.
_NOT_BY_PARTS = {"out_of_scope", "condition_na", "condition_pass"}

# «half» of a gold outcome: what a partial pass earns where the standard says nothing else.
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class HumanOutcome:
    """What a person said of a criterion, and the words that show it."""

    outcome: Outcome
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class FinalResult:
    """The outcomes that count, in the order of the standard, and what they add up to."""

    criteria: tuple[CriterionResult, ...]
    score: Score


def final_result(
    results: Sequence[CriterionResult],
    human: Mapping[str, HumanOutcome],
    standard: Standard,
    *,
    confirmed_critical: tuple[str, ...] | None = None,
    dismissed_critical: tuple[str, ...] | None = None,
) -> FinalResult:
    """Return what the outcomes add up to with a person's in the place of the machine's.

    Args:
        results: Of the machine, one for each criterion of the standard, in its order.
        human: By criterion id; ids that the standard does not know are ignored.
        standard: Of the results.
        confirmed_critical: The critical errors that a person confirmed: the zero is not provisional
            any more while these are all there are.
        dismissed_critical: Those that a person dismissed: the score before them counts.
    """
    done: dict[str, CriterionResult] = {}
    changed = set(human)
    for criterion, result in zip(standard.criteria, results, strict=True):
        said = human.get(result.id)
        if said is not None:
            done[result.id] = _replaced(result, said, criterion)
        elif isinstance(criterion, CombinedCriterion) and changed & {*criterion.of}:
            changed.add(result.id)  # a combination may be a part of a later one
            done[result.id] = _combined_again(result, criterion, done)
        else:
            done[result.id] = result
    criteria = tuple(done.values())
    score = score_outcomes(criteria, standard)
    if score.critical and dismissed_critical is not None:
        if set(score.critical) <= set(dismissed_critical):
            score = _without_critical(score, standard)
    elif score.critical and set(score.critical) <= set(confirmed_critical or ()):
        score = replace(score, status="scored")
    return FinalResult(criteria, score)


def _replaced(result: CriterionResult, said: HumanOutcome, criterion: Criterion) -> CriterionResult:
    if said.outcome == result.outcome:
        # A person is sure: a critical error that was seen by one source only counts now.
        return result._replace(confidence=1.0, evidence=said.evidence or result.evidence)
    counts = said.outcome not in ("na", "undetermined")
    return result._replace(
        outcome=said.outcome,
        points=result.max_points * _share(said.outcome, criterion) if counts else 0.0,
        weight=result.max_points if counts else 0.0,
        confidence=1.0,
        evidence=said.evidence,
    )


def _share(outcome: Outcome, criterion: Criterion) -> float:
    if outcome == "partial" and isinstance(criterion, ResolutionCriterion):
        return next((p for p in criterion.points.values() if 0 < p < 1), _HALF)
    return {"pass": 1.0, "partial": _HALF}.get(outcome, 0.0)


def _combined_again(
    result: CriterionResult, criterion: CombinedCriterion, done: Mapping[str, CriterionResult]
) -> CriterionResult:
    known = parse_reason(result.reason)
    if known is not None and known[0] in _NOT_BY_PARTS:
        return result
    parts = {i: _judgement(done[i]) for i in criterion.of}
    judged = judge_combined(criterion, parts)
    deciding = [done[i] for i in deciding_parts(criterion, parts)]
    counts = judged.outcome not in ("na", "undetermined")
    return result._replace(
        outcome=judged.outcome,
        points=result.max_points * judged.share if counts else 0.0,
        weight=result.max_points if counts else 0.0,
        confidence=judged.confidence,
        reason=judged.reason.text,
        evidence=tuple(dict.fromkeys(e for part in deciding for e in part.evidence)),
        agent_id=deciding[0].agent_id if deciding else result.agent_id,
    )


def _judgement(result: CriterionResult) -> Judgement:
    share = {"pass": 1.0, "partial": _HALF}.get(result.outcome, 0.0)
    if result.outcome == "partial" and result.max_points:
        share = result.points / result.max_points
    return Judgement(
        result.outcome, result.confidence, Reason("no_occasion", what=result.id), share=share
    )


def _without_critical(score: Score, standard: Standard) -> Score:
    raw = score.raw_score
    flags = [f for f in score.flags if not f.startswith("critical:") and f != "low_score"]
    if raw is not None and raw < standard.low_score_below:
        flags.insert(0, "low_score")
    return replace(
        score,
        status="low_coverage" if raw is None else "scored",
        score=raw,
        band=None if raw is None else standard.band_of(raw),
        flags=tuple(flags),
        critical=(),
    )


def risk(score: float | None, critical: Sequence[str], confidence: float | None) -> float:
    """Return how early a conversation should be read, higher first.

    Critical errors come before all others, then the lower score, and of equal scores what the
    machine is surer of. Conversations without a score come last.
    """
    if score is None:
        return 0.0
    return 1000.0 * bool(critical) + (100.0 - score) + (confidence or 0.0) / 100.0


def results_of(connection: Connection, key: int) -> tuple[CriterionResult, ...]:
    """Return the machine's results of a conversation in the order of its standard."""
    rows = connection.execute(
        select(criterion_results)
        .where(criterion_results.c.conversation == key)
        .order_by(criterion_results.c.position)
    )
    return tuple(
        CriterionResult(
            id=row.criterion_id,
            outcome=row.outcome,
            points=row.points,
            max_points=row.max_points,
            weight=row.weight,
            confidence=row.confidence,
            reason=row.reason,
            evidence=evidence_from_json(row.evidence_json),
            agent_id=row.agent_id,
        )
        for row in rows
    )


def standard_of(connection: Connection, standard_id: int) -> Standard:
    """Return a standard that was loaded with a run."""
    text = connection.execute(
        select(standards.c.standard_json).where(standards.c.id == standard_id)
    ).scalar_one()
    return parsed_standard(text)


# A standard with its phrase lists takes some 40 ms to check, and every page needs one.
@lru_cache(maxsize=32)
def parsed_standard(text: str) -> Standard:
    """Return a standard from the JSON in the database."""
    return Standard.model_validate_json(text)


def human_outcomes(connection: Connection, key: int) -> dict[str, HumanOutcome]:
    """Return what people said of a conversation, by criterion id."""
    rows = connection.execute(select(reviews).where(reviews.c.conversation == key))
    return {
        r.criterion_id: HumanOutcome(r.outcome, evidence_from_json(r.evidence_json)) for r in rows
    }


def current_final(
    connection: Connection, key: int, standard: Standard | None = None
) -> FinalResult:
    """Return the outcomes that count now, and their score, worked out anew."""
    if standard is None:
        standard_id = connection.execute(
            select(conversations.c.standard_id).where(conversations.c.id == key)
        ).scalar_one()
        standard = standard_of(connection, standard_id)
    decision = connection.execute(
        select(critical_decisions).where(critical_decisions.c.conversation == key)
    ).first()
    return final_result(
        results_of(connection, key),
        human_outcomes(connection, key),
        standard,
        confirmed_critical=_names(decision, is_confirmed=True),
        dismissed_critical=_names(decision, is_confirmed=False),
    )


def _names(
    decision: Row[tuple[object, ...]] | None, *, is_confirmed: bool
) -> tuple[str, ...] | None:
    if decision is None or decision.is_confirmed is not is_confirmed:
        return None
    return tuple(decision.names)


def refresh_final(
    connection: Connection, key: int, standard: Standard | None = None, *, state: str | None = None
) -> None:
    """Work out the final score of a conversation again, unless it is frozen or final.

    Args:
        connection: Of `Database.writing`.
        key: `conversations.id`.
        standard: That of the conversation, where it is at hand.
        state: The state it has from now on, whatever it was: with it a frozen score moves too.
    """
    row = connection.execute(select(conversations).where(conversations.c.id == key)).one()
    mark_stale(connection, key)
    n_reviews, n_stale = connection.execute(
        select(func.count(), func.count().filter(reviews.c.is_stale)).where(
            reviews.c.conversation == key
        )
    ).one()
    counts = {"n_reviews": n_reviews, "n_stale": n_stale}
    if (state is None and row.state in ("frozen", "final")) or row.status == "skipped":
        connection.execute(update(conversations).where(conversations.c.id == key).values(counts))
        return
    score = current_final(connection, key, standard).score
    has_moved = (row.final_score, row.final_status) != (score.score, score.status)
    connection.execute(
        update(conversations)
        .where(conversations.c.id == key)
        .values(
            **counts,
            final_status=score.status,
            final_score=score.score,
            final_raw_score=score.raw_score,
            final_band=score.band,
            final_flags=list(score.flags),
            final_critical=list(score.critical),
            state=state or _state(connection, key, n_reviews),
            risk=risk(score.score, score.critical, row.confidence),
            result_at=now() if has_moved else row.result_at,
        )
    )


def _state(connection: Connection, key: int, n_reviews: int) -> str:
    decided = connection.execute(
        select(critical_decisions.c.conversation).where(critical_decisions.c.conversation == key)
    ).first()
    return "reviewed" if n_reviews or decided else "machine"


def mark_stale(connection: Connection, key: int) -> None:
    """Mark the reviews under which the machine's outcome or evidence has changed."""
    reviewed = connection.execute(
        select(reviews.c.id, reviews.c.criterion_id, reviews.c.machine_sha256, reviews.c.is_stale)
        .where(reviews.c.conversation == key)
    ).all()  # fmt: skip
    if not reviewed:
        return
    seen = {result.id: machine_digest(result) for result in results_of(connection, key)}
    for review in reviewed:
        is_stale = seen.get(review.criterion_id, machine_digest(None)) != review.machine_sha256
        if is_stale != review.is_stale:
            connection.execute(
                update(reviews).where(reviews.c.id == review.id).values(is_stale=is_stale)
            )
