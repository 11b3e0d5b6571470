"""vCon: each conversation with its evaluation as an `analysis`, one vCon a line.

After draft-ietf-vcon-vcon-container, syntax 0.0.2. The dialog is the stored text, so it is redacted
where the run was. Times and identifiers come from the input: the same run gives the same bytes.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import NAMESPACE_URL, uuid5

import orjson

from convqa.export.record import Json, evaluation_record
from convqa.schema import Conversation, Turn
from convqa.store.parts import StoredConversation, finished_chunks, read_chunk

# Used where the input gives no time, or one too late to count from, since a vCon must have one.
_NO_TIME = "1970-01-01T00:00:00+00:00"


def write_vcon(run: Path, output: BinaryIO) -> None:
    """Write one vCon a line, in the order read."""
    for index in finished_chunks(run):
        for stored in read_chunk(run, index).conversations:
            output.write(orjson.dumps(_vcon(stored), option=orjson.OPT_APPEND_NEWLINE))


def _vcon(stored: StoredConversation) -> dict[str, Json]:
    conversation, standard = stored.segmented.conversation, stored.evaluation.standard
    created_at, *starts = _moments(
        conversation.started_at or _NO_TIME, [0.0, *_offsets(conversation.turns)]
    )
    speakers = list(dict.fromkeys(_speaker(turn) for turn in conversation.turns))
    parties: list[Json] = [
        {"name": name, "role": role} if name else {"role": role} for role, name in speakers
    ]
    dialog: list[Json] = [
        {
            "type": "text",
            "start": start,
            **_duration(turn),
            "parties": speakers.index(_speaker(turn)),
            "originator": speakers.index(_speaker(turn)),
            "mediatype": "text/plain",
            "body": turn.text,
            "encoding": "none",
        }
        for turn, start in zip(conversation.turns, starts, strict=True)
    ]
    return {
        "vcon": "0.0.2",
        "uuid": str(uuid5(NAMESPACE_URL, f"convqa:{conversation.id}:{_digest(conversation)}")),
        "created_at": created_at,
        "subject": conversation.id,
        "parties": parties,
        "dialog": dialog,
        "analysis": [
            {
                "type": "quality_evaluation",
                "dialog": list(range(len(dialog))),
                "vendor": "convqa",
                "product": f"{standard.name} {standard.version}",
                "schema": "convqa-evaluation-1",
                "mediatype": "application/json",
                "encoding": "json",
                "body": evaluation_record(stored.evaluation),
            }
        ],
    }


def _speaker(turn: Turn) -> tuple[str, str]:
    return turn.role, turn.agent_id or turn.speaker_id or ""


def _offsets(turns: Sequence[Turn]) -> Iterator[float]:
    """Yield the start of each turn; one without times stays behind the one before it."""
    offset_s = 0.0
    for turn in turns:
        offset_s = offset_s if turn.start_s is None else turn.start_s
        yield offset_s


def _duration(turn: Turn) -> dict[str, Json]:
    if turn.start_s is None or turn.end_s is None:
        return {}
    return {"duration": round(turn.end_s - turn.start_s, 3)}


def _moments(started_at: str, offsets: Sequence[float]) -> list[str]:
    """Return dates and times, all from `_NO_TIME` where one would lie beyond the year 9999.

    Databases write `9999-12-31T23:59:59` for no date.
    """
    try:
        start = datetime.fromisoformat(started_at)
        if start.tzinfo is None:
            start = start.replace(tzinfo=UTC)
        return [(start + timedelta(seconds=offset_s)).isoformat() for offset_s in offsets]
    except (ValueError, OverflowError):
        return _moments(_NO_TIME, offsets)


def _digest(conversation: Conversation) -> str:
    digest = hashlib.sha256()
    for turn in conversation.turns:
        digest.update(f"{turn.role}\x1f{turn.text}\x1e".encode())
    return digest.hexdigest()
