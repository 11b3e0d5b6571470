"""The conversations as JSON for the report's script, which shows them one at a time."""

import json
from collections.abc import Mapping, Sequence

from convqa.report.inputs import CriterionInfo, text_in
from convqa.report.marks import Piece, cut_turns, visible
from convqa.report.selection import Chosen
from convqa.report.tally import (
    applied_weight,
    moment_of,
    score_points_lost,
)
from convqa.report.wording import Wording
from convqa.schema import CriterionResult, Evaluation, Turn

Json = bool | int | float | str | None | Sequence["Json"] | Mapping[str, "Json"]

# What ends or breaks a script element or a line of script, as JSON escapes that mean the same.
_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def embedded_json(value: Json) -> str:
    """Return JSON that stands safely inside a `<script type="application/json">`."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)


def report_payload(
    chosen: Sequence[Chosen],
    transcripts: Mapping[str, tuple[Turn, ...]],
    criteria: Sequence[CriterionInfo],
    bands: Sequence[str],
    wording: Wording,
) -> Json:
    """Return its words, the bands from the best, the criteria, and the conversations by risk."""
    return {
        "language": wording.language,
        "text": wording.script,
        "labels": wording.labels,
        "flags": {visible(f): wording.flag(visible(f)) for c in chosen for f in c.evaluation.flags},
        "critical": {
            visible(name): wording.label("critical", visible(name))
            for c in chosen
            for name in c.evaluation.critical
        },
        "bands": [visible(band) for band in bands],
        "criteria": {c.id: _criterion(c, wording.language) for c in criteria},
        "conversations": [
            _conversation(c, transcripts.get(c.evaluation.conversation_id, ()), wording)
            for c in chosen
        ],
    }


def _criterion(criterion: CriterionInfo, language: str) -> Json:
    return {
        "name": text_in(criterion.name, language, criterion.id),
        "ask": text_in(criterion.ask, language),
        "hint": text_in(criterion.hint, language),
        "appeal": text_in(criterion.appeal, language),
    }


def _conversation(chosen: Chosen, turns: tuple[Turn, ...], wording: Wording) -> Json:
    evaluation = chosen.evaluation
    moment = moment_of(evaluation.started_at)
    resolution = evaluation.resolution
    weights = applied_weight(evaluation.criteria)
    return {
        "id": visible(evaluation.conversation_id),
        "choice": chosen.choice,
        "status": evaluation.status,
        "score": evaluation.score,
        "raw": evaluation.raw_score,
        "coverage": evaluation.coverage,
        "flag": evaluation.flag,
        "flags": [visible(f) for f in evaluation.flags],
        "critical": [visible(c) for c in evaluation.critical],
        "when": "" if moment is None else wording.moment(moment),
        "sort": "" if moment is None else moment.replace(tzinfo=None).isoformat(),
        "resolution": None if resolution is None else visible(resolution.label),
        "probability": None if resolution is None else round(resolution.probability, 2),
        "ending": evaluation.ending,
        **_where(evaluation),
        "results": [_result(r, weights, turns, wording) for r in evaluation.criteria],
        "turns": [
            _turn(turn, pieces)
            for turn, pieces in zip(turns, cut_turns(turns, evaluation.criteria), strict=True)
        ],
    }


def _where(evaluation: Evaluation) -> dict[str, Json]:
    values = {
        "language": evaluation.language,
        "channel": evaluation.channel,
        "queue": evaluation.queue,
        "team": evaluation.team,
        "agent": evaluation.agent_id,
        "band": evaluation.band,
    }
    return {name: None if value is None else visible(value) for name, value in values.items()}


def _result(
    result: CriterionResult, weights: float, turns: Sequence[Turn], wording: Wording
) -> Json:
    return {
        "id": result.id,
        "outcome": result.outcome,
        "points": result.points,
        "max": result.max_points,
        "weight": result.weight,
        "lost": round(score_points_lost(result, weights), 1),
        "confidence": round(result.confidence, 2),
        "reason": visible(wording.reason(result.reason)),
        "agent": None if result.agent_id is None else visible(result.agent_id),
        "evidence": [
            {"turn": e.turn, "quote": visible(e.quote), "source": e.source}
            for e in result.evidence
            if 0 <= e.turn < len(turns)
        ],
    }


def _turn(turn: Turn, pieces: Sequence[Piece]) -> Json:
    return {
        "role": turn.role,
        "inferred": turn.role_source == "inferred",
        "time": "" if turn.start_s is None else clock(turn.start_s),
        "agent": None if turn.agent_id is None else visible(turn.agent_id),
        "pieces": [_piece(piece) for piece in pieces],
    }


def _piece(piece: Piece) -> Json:
    if not piece.results:
        return piece.text
    return [piece.text, list(piece.results), list(piece.ends)]


def clock(seconds: float) -> str:
    """Return a time from the start of the conversation as `m:ss` or `h:mm:ss`."""
    minutes, second = divmod(max(0, int(seconds)), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
