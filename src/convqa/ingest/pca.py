"""Output of AWS post-call analytics (PCA): segments of speech with labels of the speakers.

The labels are texts that each organisation chooses, so the rules for roles read them; only
recorded announcements (`IVRSegment`) have a role of their own. Field names:
https://github.com/aws-samples/amazon-transcribe-post-call-analytics,
`docs/output_json_structure.md`.
"""

from collections.abc import Iterator
from typing import NamedTuple

from convqa.errors import TranscriptError
from convqa.ingest.documents import metadata_of, number_at, read_each, strings_at
from convqa.ingest.draft import DraftConversation, DraftTurn, JsonValue
from convqa.ingest.fields import (
    JsonObject,
    find,
    get_object,
    get_objects,
    get_str,
    optional_id,
    optional_str,
)
from convqa.ingest.spoken import WordFields, listed_objects, read_words
from convqa.ingest.timeline import find_date, get_seconds, in_order, optional_seconds

FORMAT = "pca"

_WORDS = WordFields(("Text",), "StartTime", "EndTime")


class _Speaker(NamedTuple):
    """What the header says of a speaker: the text that is shown, and the employee's id."""

    shown: str
    agent_id: str | None


def matches(document: JsonValue) -> bool:
    """Tell whether a document has PCA's header and segments."""
    return isinstance(find(document, "ConversationAnalytics"), dict) and isinstance(
        find(document, "SpeechSegments"), list
    )


def read(document: JsonValue) -> Iterator[DraftConversation | TranscriptError]:
    """Yield the call."""
    yield from read_each([("", document)], _read_call)


def _read_call(call: JsonObject, at: str) -> DraftConversation:
    header = get_object(call, "ConversationAnalytics", at=at)
    speakers = {
        get_str(label, "Speaker", at=name): _Speaker(
            get_str(label, "DisplayText", at=name), optional_id(label, "UserGUID", at=name)
        )
        for name, label in listed_objects(header, "SpeakerLabels", at="ConversationAnalytics")
    }
    segments = get_objects(call, "SpeechSegments", at=at)
    return DraftConversation(
        id=optional_id(header, "GUID", at="ConversationAnalytics"),
        turns=in_order([_turn(segment, speakers, at=name) for name, segment in segments]),
        language=optional_str(header, "LanguageCode", at="ConversationAnalytics"),
        channel="call",
        started_at=find_date(header, "ConversationTime"),
        agent_id=optional_id(header, "Agent", at="ConversationAnalytics"),
        metadata=metadata_of(
            categories=strings_at(header, "CategoriesDetected", key="Name"),
            customer_sentiment=_customer_sentiment(header, speakers),
        ),
    )


def _turn(segment: JsonObject, speakers: dict[str, _Speaker], *, at: str) -> DraftTurn:
    label = get_str(segment, "SegmentSpeaker", at=at)
    speaker = speakers.get(label, _Speaker(label, None))
    text = optional_str(segment, "DisplayText", at=at)
    return DraftTurn(
        speaker=speaker.shown,
        text=get_str(segment, "OriginalText", at=at) if text is None else text,
        start_s=get_seconds(segment, "SegmentStartTime", at=at),
        end_s=optional_seconds(segment, "SegmentEndTime", at=at),
        speaker_id=label,
        agent_id=speaker.agent_id,
        words=read_words(segment, "WordConfidence", _WORDS, at=at),
        role="other" if segment.get("IVRSegment") in (True, 1) else None,
    )


def _customer_sentiment(header: JsonObject, speakers: dict[str, _Speaker]) -> float | None:
    """Return the customer's sentiment; nothing is kept on the mood of an employee."""
    labels = [label for label, speaker in speakers.items() if speaker.shown == "Customer"]
    if len(labels) != 1:
        return None
    return number_at(header, "SentimentTrends", labels[0], "SentimentScore")
