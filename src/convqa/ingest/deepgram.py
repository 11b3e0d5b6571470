"""Deepgram responses for recorded audio: `results.utterances`, or channels of words.

Speakers are numbers where the recording was diarised; of several channels, each is a speaker of
its own. Field names: https://developers.deepgram.com/reference/listen-file.
"""

from collections.abc import Iterator

from convqa.errors import TranscriptError
from convqa.ingest.documents import has_item, read_each
from convqa.ingest.draft import DraftConversation, DraftTurn, JsonValue
from convqa.ingest.fields import (
    JsonObject,
    field_name,
    find,
    get_list,
    get_object,
    get_objects,
    get_str,
    optional_id,
    optional_number,
    optional_str,
)
from convqa.ingest.spoken import (
    SpokenWord,
    WordFields,
    known_confidence,
    listed_objects,
    read_words,
    rebuild_turns,
)
from convqa.ingest.timeline import get_seconds, in_order, optional_seconds

FORMAT = "deepgram"

_WORDS = WordFields(("punctuated_word", "word"), "start", "end")


def matches(document: JsonValue) -> bool:
    """Tell whether a document has Deepgram's `results`."""
    if isinstance(find(document, "results", "utterances"), list):
        return True
    return has_item(document, "results", "channels", keys=("alternatives",))


def read(document: JsonValue) -> Iterator[DraftConversation | TranscriptError]:
    """Yield the call."""
    yield from read_each([("", document)], _read_call)


def _read_call(call: JsonObject, at: str) -> DraftConversation:
    # `metadata.created` is when the recording was transcribed, so nothing dates the call itself.
    turns: tuple[DraftTurn, ...]
    if find(call, "results", "utterances"):
        has_channels = _has_channels(call)
        utterances = get_objects(call, "results", "utterances", at=at)
        turns = in_order([_utterance(item, has_channels, at=name) for name, item in utterances])
    else:
        turns = _turns_of_channels(call, at=at)
    return DraftConversation(
        id=optional_id(call, "metadata", "request_id", at=at),
        turns=turns,
        language=optional_str(call, "results", "channels", 0, "detected_language", at=at),
        channel="call",
    )


def _has_channels(call: JsonObject) -> bool:
    channels = find(call, "results", "channels")
    return isinstance(channels, list) and len(channels) > 1


def _speaker(item: JsonObject, has_channels: bool, *, at: str) -> str | None:
    """Return the channel of a recording with several, else the number given by diarisation."""
    channel = optional_id(item, "channel", at=at)
    if has_channels and channel is not None:
        return channel
    speaker = optional_id(item, "speaker", at=at)
    return channel if speaker is None else speaker


def _utterance(item: JsonObject, has_channels: bool, *, at: str) -> DraftTurn:
    speaker = _speaker(item, has_channels, at=at)
    return DraftTurn(
        speaker=speaker,
        text=get_str(item, "transcript", at=at),
        start_s=get_seconds(item, "start", at=at),
        end_s=optional_seconds(item, "end", at=at),
        speaker_id=speaker,
        confidence=known_confidence(optional_number(item, "confidence", at=at)),
        words=read_words(item, "words", _WORDS, at=at),
    )


def _turns_of_channels(call: JsonObject, *, at: str) -> tuple[DraftTurn, ...]:
    """Return turns rebuilt from the words of each channel, or else its paragraphs, by time."""
    words: list[SpokenWord] = []
    paragraphs: list[DraftTurn] = []
    has_channels = _has_channels(call)
    for number, channel in enumerate(get_list(call, "results", "channels", at=at)):
        name = field_name("results", "channels", number, at=at)
        best = get_object(channel, "alternatives", 0, at=name)
        name = field_name("alternatives", 0, at=name)
        only = str(number) if has_channels else None
        found = [
            _word(item, only, at=word_at)
            for word_at, item in listed_objects(best, "words", at=name)
        ]
        words += found
        if not found:
            paragraphs += _paragraphs(best, only, at=name)
    return in_order([*rebuild_turns(words), *paragraphs])


def _word(item: JsonObject, channel: str | None, *, at: str) -> SpokenWord:
    key = "punctuated_word" if item.get("punctuated_word") is not None else "word"
    return SpokenWord(
        speaker=channel or optional_id(item, "speaker", at=at),
        text=get_str(item, key, at=at),
        start_s=get_seconds(item, "start", at=at),
        end_s=get_seconds(item, "end", at=at),
        confidence=known_confidence(optional_number(item, "confidence", at=at)),
    )


def _paragraphs(best: JsonObject, channel: str | None, *, at: str) -> Iterator[DraftTurn]:
    for name, item in get_objects(best, "paragraphs", "paragraphs", at=at):
        sentences = get_objects(item, "sentences", at=name)
        speaker = channel or optional_id(item, "speaker", at=name)
        yield DraftTurn(
            speaker=speaker,
            text=" ".join(get_str(sentence, "text", at=place) for place, sentence in sentences),
            start_s=get_seconds(item, "start", at=name),
            end_s=optional_seconds(item, "end", at=name),
            speaker_id=speaker,
        )
