"""The exported form of an evaluation, the contract with other programs."""

from dataclasses import asdict

from convqa.schema import CriterionResult, Evaluation

_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")

Json = bool | int | float | str | None | list["Json"] | dict[str, "Json"]


def evaluation_record(evaluation: Evaluation) -> dict[str, Json]:
    """Return an evaluation as the JSON object that is exported, keys in a fixed order."""
    resolution = evaluation.resolution
    return {
        "conversation_id": evaluation.conversation_id,
        "status": evaluation.status,
        "skip_reason": evaluation.skip_reason,
        "language": evaluation.language,
        "channel": evaluation.channel,
        "agent_id": evaluation.agent_id,
        "team": evaluation.team,
        "queue": evaluation.queue,
        "started_at": evaluation.started_at,
        "score": evaluation.score,
        "raw_score": evaluation.raw_score,
        "coverage": evaluation.coverage,
        "band": evaluation.band,
        "flag": evaluation.flag,
        "flags": list(evaluation.flags),
        "critical": list(evaluation.critical),
        "resolution": None if resolution is None else asdict(resolution),
        "ending": evaluation.ending,
        "criteria": [_criterion_record(c) for c in evaluation.criteria],
        "standard": asdict(evaluation.standard),
        "model": asdict(evaluation.model),
    }


def _criterion_record(result: CriterionResult) -> dict[str, Json]:
    return {
        "id": result.id,
        "outcome": result.outcome,
        "points": result.points,
        "max_points": result.max_points,
        "weight": result.weight,
        "confidence": result.confidence,
        "reason": result.reason,
        "agent_id": result.agent_id,
        "evidence": [evidence._asdict() for evidence in result.evidence],
    }


def neutralised(text: str) -> str:
    """Return text that a spreadsheet shows and does not run as a formula.

    A leading `=`, `+`, `-`, `@`, their full-width forms, a tab or a line break starts a formula in
    spreadsheets; an apostrophe in front makes it text (OWASP, «CSV Injection»).
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
