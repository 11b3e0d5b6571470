"""Amazon Transcribe Call Analytics output: turns with the role of each participant, times in ms.

Close to Contact Lens, which has participants' ids where this has a job's name. Field names:
https://docs.aws.amazon.com/transcribe/latest/dg/tca-output.html.
"""

from collections.abc import Iterator

from convqa.errors import TranscriptError
from convqa.ingest.documents import has_item, metadata_of, number_at, read_each, strings_at
from convqa.ingest.draft import DraftConversation, DraftTurn, JsonValue
from convqa.ingest.fields import (
    JsonObject,
    find,
    get_objects,
    get_str,
    has_keys,
    optional_id,
    optional_number,
    optional_str,
)
from convqa.ingest.spoken import WordFields, listed_objects, read_words
from convqa.ingest.timeline import get_seconds, in_order, optional_seconds
from convqa.schema import Role

FORMAT = "call_analytics"

_MS = 1000.0
_WORDS = WordFields(("Content",), "BeginOffsetMillis", "EndOffsetMillis", _MS)
_ROLES: dict[str, Role] = {"AGENT": "agent", "CUSTOMER": "customer"}


def matches(document: JsonValue) -> bool:
    """Tell whether a document has the turns of a Call Analytics job."""
    if has_item(document, "Transcript", keys=("ParticipantId",)):
        return False
    is_of_job = has_keys(document, "JobName") or has_keys(document, "JobStatus")
    return is_of_job and isinstance(find(document, "Transcript"), list)


def read(document: JsonValue) -> Iterator[DraftConversation | TranscriptError]:
    """Yield the call."""
    yield from read_each([("", document)], _read_call)


def _read_call(call: JsonObject, at: str) -> DraftConversation:
    turns = get_objects(call, "Transcript", at=at)
    return DraftConversation(
        id=optional_id(call, "JobName", at=at),
        turns=in_order([_turn(turn, at=name) for name, turn in turns]),
        language=optional_str(call, "LanguageCode", at=at),
        channel="call",
        metadata=metadata_of(
            categories=strings_at(call, "Categories", "MatchedCategories"),
            # The agent's sentiment is left out on purpose: nothing is kept on an employee's mood.
            customer_sentiment=number_at(
                call, "ConversationCharacteristics", "Sentiment", "OverallSentiment", "CUSTOMER"
            ),
        ),
    )


def _turn(turn: JsonObject, *, at: str) -> DraftTurn:
    role = get_str(turn, "ParticipantRole", at=at)
    return DraftTurn(
        speaker=role,
        text=get_str(turn, "Content", at=at),
        start_s=get_seconds(turn, "BeginOffsetMillis", at=at, per_second=_MS),
        end_s=optional_seconds(turn, "EndOffsetMillis", at=at, per_second=_MS),
        speaker_id=role,
        confidence=_confidence(turn, at=at),
        words=read_words(turn, "Items", _WORDS, at=at),
        role=_ROLES.get(role.upper()),
    )


def _confidence(turn: JsonObject, *, at: str) -> float | None:
    """Return the mean confidence of the words; punctuation has 0 and does not count."""
    found = [
        confidence
        for name, item in listed_objects(turn, "Items", at=at)
        if (confidence := optional_number(item, "Confidence", at=name))
    ]
    return round(sum(found) / len(found), 4) if found else None
