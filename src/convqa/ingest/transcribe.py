"""Amazon Transcribe (standard) output: single items, put together into turns.

An item is a word with times as strings of seconds, or a punctuation mark without times. Who speaks
stands on the item, or else in `speaker_labels.segments` or `channel_labels.channels`. Field names:
https://docs.aws.amazon.com/transcribe/latest/dg/how-input.html#how-it-works-output.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

from convqa.errors import TranscriptError
from convqa.ingest.documents import read_each
from convqa.ingest.draft import DraftConversation, JsonValue
from convqa.ingest.fields import (
    JsonObject,
    find,
    get_objects,
    get_str,
    optional_id,
    optional_number,
    optional_str,
)
from convqa.ingest.spoken import SpokenWord, known_confidence, rebuild_turns
from convqa.ingest.timeline import get_seconds

FORMAT = "transcribe"

# Start, end and label of the stretches of one speaker, by start.
_Stretches: TypeAlias = list[tuple[float, float, str]]


def matches(document: JsonValue) -> bool:
    """Tell whether a document has the items and the transcripts of a job."""
    return isinstance(find(document, "results", "items"), list) and isinstance(
        find(document, "results", "transcripts"), list
    )


def read(document: JsonValue) -> Iterator[DraftConversation | TranscriptError]:
    """Yield the call."""
    yield from read_each([("", document)], _read_call)


def _read_call(call: JsonObject, at: str) -> DraftConversation:
    return DraftConversation(
        id=optional_id(call, "jobName", at=at),
        turns=rebuild_turns(list(_words(call, at=at))),
        language=optional_str(call, "results", "language_code", at=at),
        channel="call",
    )


def _words(call: JsonObject, *, at: str) -> Iterator[SpokenWord]:
    """Yield the words of the call with the punctuation that follows each."""
    items = list(get_objects(call, "results", "items", at=at))
    channels = list(_channels(call, at=at))
    if channels and not any("channel_label" in item for _, item in items):
        # Older jobs name the channel only on its list of items.
        for label, own in channels:
            yield from _punctuated(own, label, [])
    else:
        yield from _punctuated(items, None, _stretches(call, at=at))


def _channels(call: JsonObject, *, at: str) -> Iterator[tuple[str, list[tuple[str, JsonObject]]]]:
    if find(call, "results", "channel_labels") is None:
        return
    for name, channel in get_objects(call, "results", "channel_labels", "channels", at=at):
        label = get_str(channel, "channel_label", at=name)
        yield label, list(get_objects(channel, "items", at=name))


def _stretches(call: JsonObject, *, at: str) -> _Stretches:
    if find(call, "results", "speaker_labels") is None:
        return []
    return sorted(
        (
            get_seconds(segment, "start_time", at=name),
            get_seconds(segment, "end_time", at=name),
            get_str(segment, "speaker_label", at=name),
        )
        for name, segment in get_objects(call, "results", "speaker_labels", "segments", at=at)
    )


def _punctuated(
    items: list[tuple[str, JsonObject]], channel: str | None, stretches: _Stretches
) -> Iterator[SpokenWord]:
    last: dict[str | None, SpokenWord] = {}
    for name, item in items:
        content = get_str(item, "alternatives", 0, "content", at=name)
        own = channel or optional_id(item, "channel_label", at=name)
        if item.get("type") == "punctuation":
            # It has no times of its own and belongs to the word before it on its channel.
            if own in last:
                last[own] = replace(last[own], text=last[own].text + content)
            continue
        if own in last:
            yield last[own]
        last[own] = _word(item, content, own, stretches, at=name)
    yield from last.values()


def _word(
    item: JsonObject, content: str, channel: str | None, stretches: _Stretches, *, at: str
) -> SpokenWord:
    start_s = get_seconds(item, "start_time", at=at)
    speaker = channel or optional_id(item, "speaker_label", at=at)
    return SpokenWord(
        speaker=speaker or _speaker_at(start_s, stretches),
        text=content,
        start_s=start_s,
        end_s=get_seconds(item, "end_time", at=at),
        confidence=known_confidence(optional_number(item, "alternatives", 0, "confidence", at=at)),
    )


def _speaker_at(start_s: float, stretches: _Stretches) -> str | None:
    position = bisect_right(stretches, start_s, key=lambda stretch: stretch[0]) - 1
    if position < 0 or start_s > stretches[position][1]:
        return None
    return stretches[position][2]
