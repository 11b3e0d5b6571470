"""A draft of any format → a checked `Conversation`: the checks that all formats share.

The order of the turns is that of the file, also where their times run backwards: turns of a call
overlap, and the index of a turn must be the one a person finds in the file.
"""

import math
import re
from datetime import datetime

from convqa.errors import TranscriptError
from convqa.ingest.codes import language_of
from convqa.ingest.draft import DraftConversation, DraftTurn, DraftWord, JsonValue
from convqa.ingest.limits import Limits, check_size
from convqa.ingest.roles import RoleRules
from convqa.ingest.times import parse_iso_time
from convqa.schema import Conversation, Source, Turn, Word

_PLAIN_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]|$)")

MAX_ID_CHARS = 512
# Ten years: beyond it a number of seconds is a date, or milliseconds taken for seconds.
MAX_TIME_S = 10 * 365 * 86_400.0
# Deeper than any description of a conversation, and far from what Python can follow.
_MAX_DEPTH = 32
# Between two recognised words stand at most a few words that have no times of their own.
_MAX_GAP_CHARS = 200
# LEFT-TO-RIGHT OVERRIDE and RIGHT-TO-LEFT OVERRIDE.
_OVERRIDES = {0x202D: "\ufffd", 0x202E: "\ufffd"}


def assemble(
    draft: DraftConversation,
    *,
    source: Source,
    fallback_id: str,
    roles: RoleRules,
    limits: Limits,
) -> Conversation:
    """Return the conversation of a draft.

    Args:
        draft: What the reader of the format found.
        source: Where it was read.
        fallback_id: The id where the file gives none.
        roles: Rules for the labels of speakers.
        limits: The most that a conversation may have.

    Raises:
        TranscriptError: It is too large, there are no turns with words, a time is negative, absurd
            or before the start of its turn, a confidence is outside [0, 1], or an id is too long.
    """
    check_size(draft, limits)
    turns = tuple(_turn(turn, index, roles) for index, turn in enumerate(draft.turns))
    if not any(turn.text and not turn.text.isspace() for turn in turns):
        reason = "no turn has words" if turns else "no turns; a conversation needs at least one"
        raise TranscriptError(reason, field="turns")
    language = None if draft.language is None else language_of(draft.language)
    metadata = {key: _clean_json(value) for key, value in draft.metadata.items()}
    started_at = draft.started_at
    if started_at is not None and parse_iso_time(started_at) is None:
        metadata.setdefault("started_at", _clean(started_at))
        started_at = None
    elif started_at is not None and not _PLAIN_DATE.match(started_at):
        # Rarer forms of ISO 8601 (20261105T101500, 2026-W45-4) neither sort nor compare as text.
        started_at = datetime.fromisoformat(started_at.strip()).isoformat()
    return Conversation(
        id=_id(draft.id, "id") or fallback_id,
        turns=turns,
        source=source,
        language=language,
        channel=draft.channel,
        started_at=started_at,
        agent_id=_id(draft.agent_id, "agent_id"),
        team=_id(draft.team, "team"),
        queue=_id(draft.queue, "queue"),
        metadata=metadata,
    )


def _turn(draft: DraftTurn, index: int, roles: RoleRules) -> Turn:
    start_s, end_s = draft.start_s, draft.end_s
    if start_s is not None:
        _check_time(start_s, index, "start")
    if end_s is not None:
        _check_time(end_s, index, "end")
        if start_s is not None and end_s < start_s:
            raise _fault("before the start of the turn", index, "end")
    confidence = draft.confidence
    if confidence is not None and not 0.0 <= confidence <= 1.0:
        raise _fault("a number between 0 and 1 is needed", index, "confidence")
    text = _clean(draft.text)
    return Turn(
        draft.role or roles.role_of(draft.speaker),
        text,
        start_s,
        end_s,
        _id(draft.speaker_id or draft.speaker, f"turns[{index}].speaker_id"),
        _id(draft.agent_id, f"turns[{index}].agent_id"),
        confidence,
        words=_locate(draft.words, text) if draft.words else (),
    )


def _check_time(time_s: float, index: int, name: str) -> None:
    if not 0.0 <= time_s <= MAX_TIME_S:
        what = "negative" if time_s < 0 else "absurdly late" if math.isfinite(time_s) else "no time"
        raise _fault(f"{what}; seconds from the start of the conversation are needed", index, name)


def _fault(reason: str, index: int, name: str) -> TranscriptError:
    return TranscriptError(reason, field=f"turns[{index}].{name}")


def _id(value: str | None, field: str) -> str | None:
    if value is None:
        return None
    value = _clean(value).strip()
    if len(value) > MAX_ID_CHARS:
        raise TranscriptError(f"longer than {MAX_ID_CHARS} characters", field=field)
    return value or None


def _locate(words: tuple[DraftWord, ...], text: str) -> tuple[Word, ...]:
    """Return the words with their offsets in the text, in order.

    A word that is not found after the word before it, or has no sensible times, is left out.
    """
    located = []
    cursor = 0
    lowered = text.lower()
    # Lower case can be longer than the text ("İ"); offsets would then be wrong.
    haystacks = (text, lowered) if len(lowered) == len(text) else (text,)
    for word in words:
        needle = _clean(word.text).strip()
        if not needle or not 0.0 <= word.start_s <= word.end_s <= MAX_TIME_S:
            continue
        limit = cursor + _MAX_GAP_CHARS + len(needle)
        start = haystacks[0].find(needle, cursor, limit)
        if start < 0 and len(haystacks) == 2:
            start = lowered.find(needle.lower(), cursor, limit)
        if start >= 0:
            cursor = start + len(needle)
            located.append(Word(start, cursor, word.start_s, word.end_s))
    return tuple(located)


def _clean(text: str) -> str:
    """Return the text with what no store or screen should get replaced by U+FFFD.

    NUL and lone surrogates are refused by stores. An override of the direction makes words read
    otherwise on a screen than they were judged; no language that we read needs one.
    """
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    if text.isascii():
        return text
    text = text.translate(_OVERRIDES)
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
    return text


def _clean_json(value: JsonValue, depth: int = 0) -> JsonValue:
    if depth > _MAX_DEPTH:
        raise TranscriptError(f"nested more than {_MAX_DEPTH} levels deep", field="metadata")
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, list):
        return [_clean_json(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_clean(key): _clean_json(item, depth + 1) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
