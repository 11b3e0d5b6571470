"""Types of `convqa.schema` to columns of the database, and back."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time

import orjson

from convqa.schema import CriterionResult, Evidence, Turn, Word


def evidence_json(evidence: Sequence[Evidence]) -> str:
    """Return evidence as JSON."""
    return orjson.dumps([e._asdict() for e in evidence]).decode()


def evidence_from_json(text: str) -> tuple[Evidence, ...]:
    """Return the evidence that `evidence_json` wrote."""
    return tuple(Evidence(**e) for e in orjson.loads(text))


def turns_json(turns: Sequence[Turn]) -> str:
    """Return turns as JSON, what is not known left out."""
    return orjson.dumps([_turn_row(turn) for turn in turns]).decode()


def _turn_row(turn: Turn) -> Mapping[str, object]:
    row = {
        "role": turn.role, "text": turn.text, "start_s": turn.start_s, "end_s": turn.end_s,
        "speaker_id": turn.speaker_id, "agent_id": turn.agent_id, "confidence": turn.confidence,
        "role_source": turn.role_source, "role_confidence": turn.role_confidence,
        "words": [asdict(word) for word in turn.words] or None,
    }  # fmt: skip
    return {name: value for name, value in row.items() if value is not None}


def turns_from_json(text: str) -> tuple[Turn, ...]:
    """Return the turns that `turns_json` wrote."""
    rows = orjson.loads(text)
    return tuple(
        Turn(**{**row, "words": tuple(Word(**word) for word in row.get("words", ()))})
        for row in rows
    )


def machine_digest(result: CriterionResult | None) -> str:
    """Return a digest of outcome and evidence: what a reviewer has seen of a criterion.

    None, for a criterion that is not in the standard any more, has its own.
    """
    seen = None
    if result is not None:
        places = [[e.turn, e.char_start, e.char_end, e.quote] for e in result.evidence]
        seen = [result.outcome, places]
    return hashlib.sha256(orjson.dumps(seen)).hexdigest()


def moment(text: str | None) -> datetime | None:
    """Return a time as given, ISO 8601, as a moment; without a zone it is taken for UTC."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def canonical_json(value: Mapping[str, object]) -> str:
    """Return JSON that is the same for equal values."""
    return json.dumps(dict(value), ensure_ascii=False, sort_keys=True)


def day_start(day: date) -> datetime:
    """Return when a day begins, in UTC."""
    return datetime.combine(day, time(), UTC)
