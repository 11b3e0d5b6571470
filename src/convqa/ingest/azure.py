"""Azure speech to text: result files of batch transcription, responses of fast transcription.

Times come as milliseconds, as ticks of 100 ns, or as ISO 8601 durations (`PT0.76S`), several of
them side by side in newer versions. Field names: https://learn.microsoft.com/azure/ai-services/
speech-service/batch-transcription-get and …/fast-transcription-create.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from convqa.errors import TranscriptError
from convqa.ingest.documents import read_each
from convqa.ingest.draft import DraftConversation, DraftTurn, DraftWord, JsonValue
from convqa.ingest.fields import (
    JsonObject,
    field_name,
    find,
    get_object,
    get_objects,
    get_str,
    has_keys,
    optional_id,
    optional_number,
    optional_str,
)
from convqa.ingest.spoken import known_confidence, listed_objects
from convqa.ingest.timeline import get_seconds, in_order
from convqa.ingest.times import parse_iso_duration

FORMAT = "azure"

_TICKS = 10_000_000.0
_MS = 1000.0


def matches(document: JsonValue) -> bool:
    """Tell whether a document has the phrases of one of the two services."""
    if isinstance(find(document, "recognizedPhrases"), list):
        return True
    return isinstance(find(document, "phrases"), list) and has_keys(document, "combinedPhrases")


def read(document: JsonValue) -> Iterator[DraftConversation | TranscriptError]:
    """Yield the call."""
    yield from read_each([("", document)], _read_call)


def _read_call(call: JsonObject, at: str) -> DraftConversation:
    key = "recognizedPhrases" if "recognizedPhrases" in call else "phrases"
    phrases = list(get_objects(call, key, at=at))
    has_channels = len({str(find(phrase, "channel")) for _, phrase in phrases}) > 1
    turns = [
        turn
        for name, phrase in phrases
        if (turn := _turn(phrase, has_channels, at=name)) is not None
    ]
    languages = (optional_str(phrase, "locale", at=name) for name, phrase in phrases)
    return DraftConversation(
        id=_recording(call, at=at),
        turns=in_order(turns),
        language=next((language for language in languages if language is not None), None),
        channel="call",
    )


def _recording(call: JsonObject, *, at: str) -> str | None:
    """Return the file name of the recording, without the signature that its URL may hold."""
    source = optional_str(call, "source", at=at)
    if source is None:
        return None
    try:
        path = urlsplit(source).path
    except ValueError:
        return None
    return PurePosixPath(path).stem or None


def _turn(phrase: JsonObject, has_channels: bool, *, at: str) -> DraftTurn | None:
    """Return a phrase, None where nothing was recognised."""
    best, best_at = phrase, at
    if "nBest" in phrase:
        if phrase.get("recognitionStatus") != "Success" and not find(phrase, "nBest", 0):
            return None
        best_at = field_name("nBest", 0, at=at)
        best = get_object(phrase, "nBest", 0, at=at)
    start_s = _time(phrase, "offset", at=at)
    channel = optional_id(phrase, "channel", at=at)
    speaker = channel if has_channels else optional_id(phrase, "speaker", at=at) or channel
    return DraftTurn(
        speaker=speaker,
        text=get_str(best, "text" if best is phrase else "display", at=best_at),
        start_s=start_s,
        end_s=None if not _has_time(phrase, "duration") else _end(phrase, start_s, at=at),
        speaker_id=speaker,
        confidence=known_confidence(optional_number(best, "confidence", at=best_at)),
        words=tuple(_words(best, at=best_at)),
    )


def _words(best: JsonObject, *, at: str) -> Iterator[DraftWord]:
    """Yield the words as displayed where they are given, else as recognised."""
    key = "displayWords" if best.get("displayWords") else "words"
    for name, word in listed_objects(best, key, at=at):
        if not _has_time(word, "offset") or not _has_time(word, "duration"):
            continue
        text_key = next((key for key in ("displayText", "text") if key in word), "word")
        start_s = _time(word, "offset", at=name)
        yield DraftWord(get_str(word, text_key, at=name), start_s, _end(word, start_s, at=name))


def _end(item: JsonObject, start_s: float, *, at: str) -> float:
    return round(start_s + _time(item, "duration", at=at), 6)


def _has_time(item: JsonObject, name: str) -> bool:
    return any(item.get(name + unit) is not None for unit in ("Milliseconds", "InTicks", ""))


def _time(item: JsonObject, name: str, *, at: str) -> float:
    """Return an offset or a duration in seconds, from whichever unit is there."""
    if item.get(name + "Milliseconds") is not None:
        return get_seconds(item, name + "Milliseconds", at=at, per_second=_MS)
    if item.get(name + "InTicks") is not None:
        return get_seconds(item, name + "InTicks", at=at, per_second=_TICKS)
    found = item.get(name)
    if not isinstance(found, str):
        # Early versions of fast transcription wrote milliseconds under the bare name.
        return get_seconds(item, name, at=at, per_second=_MS)
    seconds = parse_iso_duration(found)
    if seconds is None:
        raise TranscriptError(
            "an ISO 8601 duration such as PT0.76S is needed", field=field_name(name, at=at)
        )
    return seconds
