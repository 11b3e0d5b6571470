"""Transcript files of Genesys Cloud speech and text analytics: `transcripts[].phrases`.

Times are milliseconds since 1970. Who is meant by `internal` stands under `participants`. Field
names: https://developer.genesys.cloud/analyticsdatamanagement/speechtextanalytics/transcript-url.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from convqa.errors import TranscriptError
from convqa.ingest.documents import has_item, metadata_of, read_each, strings_at
from convqa.ingest.draft import DraftConversation, DraftTurn, DraftWord, JsonValue
from convqa.ingest.fields import (
    JsonObject,
    find,
    get_objects,
    get_str,
    optional_id,
    optional_number,
    optional_str,
)
from convqa.ingest.spoken import known_confidence, listed_objects
from convqa.ingest.timeline import (
    Instant,
    get_instant,
    in_order,
    optional_instant,
    optional_seconds,
    since,
    start_of,
)
from convqa.schema import Channel, Role

FORMAT = "genesys"

_MS = 1000.0
_CHANNELS: dict[str, Channel] = {
    "call": "call",
    "voice": "call",
    "callback": "call",
    "chat": "chat",
    "message": "chat",
    "webchat": "chat",
    "webmessaging": "chat",
}
_ROLES: dict[str, Role] = {
    "internal": "agent",
    "agent": "agent",
    "user": "agent",
    "external": "customer",
    "customer": "customer",
    "ivr": "other",
    "acd": "other",
    "bot": "other",
    "botflow": "other",
    "workflow": "other",
    "voicemail": "other",
}


@dataclass(frozen=True, slots=True)
class _Agent:
    """An employee with the stretch of the conversation that he or she took part in, in seconds."""

    user_id: str
    team_id: str | None
    queue_id: str | None
    start: Instant | None
    end: Instant | None


def matches(document: JsonValue) -> bool:
    """Tell whether a document has transcripts with phrases."""
    return has_item(document, "transcripts", keys=("phrases",))


def read(document: JsonValue) -> Iterator[DraftConversation | TranscriptError]:
    """Yield the conversation."""
    yield from read_each([("", document)], _read_conversation)


def role_of(purpose: str) -> Role | None:
    """Return the role of a participant's purpose or a channel, None where neither is known."""
    return _ROLES.get(purpose.lower())


def _read_conversation(document: JsonObject, at: str) -> DraftConversation:
    phrases = [
        (name, phrase, get_instant(phrase, "startTimeMs", at=name, per_second=_MS))
        for transcript_at, transcript in get_objects(document, "transcripts", at=at)
        for name, phrase in get_objects(transcript, "phrases", at=transcript_at)
    ]
    key = "startTime" if document.get("conversationStartTime") is None else "conversationStartTime"
    opened = optional_instant(document, key, at=at, per_second=_MS)
    start = start_of([instant for _, _, instant in phrases], opened) or Instant(0.0, "")
    agents = list(_agents(document, at=at))
    only = agents[0] if len(agents) == 1 else None
    first = find(document, "transcripts", 0)
    return DraftConversation(
        id=optional_id(document, "conversationId", at=at),
        turns=in_order([_turn(phrase, start, agents, at=name) for name, phrase, _ in phrases]),
        language=optional_str(first, "language", at="transcripts[0]"),
        channel=_CHANNELS.get(str(find(document, "mediaType")).lower()),
        started_at=start.text or None,
        agent_id=only.user_id if only else None,
        team=only.team_id if only else None,
        queue=next((agent.queue_id for agent in agents if agent.queue_id), None),
        metadata=metadata_of(categories=strings_at(first, "analytics", "topics", key="topicName")),
    )


def _agents(document: JsonObject, *, at: str) -> Iterator[_Agent]:
    for name, participant in listed_objects(document, "participants", at=at):
        purpose = optional_str(participant, "participantPurpose", at=name)
        user_id = optional_id(participant, "userId", at=name)
        if purpose is None or role_of(purpose) != "agent" or user_id is None:
            continue
        yield _Agent(
            user_id,
            team_id=optional_id(participant, "teamId", at=name),
            queue_id=optional_id(participant, "queueId", at=name),
            start=optional_instant(participant, "startTimeMs", at=name, per_second=_MS),
            end=optional_instant(participant, "endTimeMs", at=name, per_second=_MS),
        )


def _agent_at(instant: Instant, agents: Sequence[_Agent]) -> str | None:
    """Return who took part at that time, None where that is nobody or several."""
    ids = {agent.user_id for agent in agents}
    if len(ids) > 1:
        ids = {
            agent.user_id
            for agent in agents
            if (agent.start is None or agent.start.epoch_s <= instant.epoch_s)
            and (agent.end is None or instant.epoch_s < agent.end.epoch_s)
        }
    return ids.pop() if len(ids) == 1 else None


def _turn(phrase: JsonObject, start: Instant, agents: Sequence[_Agent], *, at: str) -> DraftTurn:
    purpose = get_str(phrase, "participantPurpose", at=at)
    role = role_of(purpose)
    instant = get_instant(phrase, "startTimeMs", at=at, per_second=_MS)
    agent_id = _agent_at(instant, agents) if role == "agent" else None
    # `decoratedText` has capitals and punctuation; older transcripts lack it.
    text = optional_str(phrase, "decoratedText", at=at) or get_str(phrase, "text", at=at)
    start_s = since(start, instant)
    return DraftTurn(
        speaker=purpose,
        text=text,
        start_s=start_s,
        end_s=_end(phrase, start_s, at=at),
        speaker_id=agent_id or purpose,
        agent_id=agent_id,
        confidence=known_confidence(optional_number(phrase, "confidence", at=at)),
        words=decorated(tuple(_words(phrase, start, at=at)), text),
        role=role,
    )


def _words(phrase: JsonObject, start: Instant, *, at: str) -> Iterator[DraftWord]:
    for name, word in listed_objects(phrase, "words", at=at):
        instant = optional_instant(word, "startTimeMs", at=name, per_second=_MS)
        if instant is None:
            continue
        start_s = since(start, instant)
        end_s = _end(word, start_s, at=name)
        if end_s is not None:
            yield DraftWord(get_str(word, "word", at=name), start_s, end_s)


def _end(item: JsonObject, start_s: float, *, at: str) -> float | None:
    """Return the end from a duration in ms: an object in transcript files, or a number."""
    duration = item.get("duration")
    path = ("duration", "milliseconds") if isinstance(duration, dict) else ("duration",)
    duration_s = optional_seconds(item, *path, at=at, per_second=_MS)
    return None if duration_s is None else round(start_s + duration_s, 6)


def decorated(words: tuple[DraftWord, ...], text: str) -> tuple[DraftWord, ...]:
    """Return the words as they stand in the decorated text, where it has as many of them.

    It may have fewer, such as «25» for «twenty five»; the words then stay as recognised.
    """
    tokens = text.split()
    if len(tokens) != len(words):
        return words
    return tuple(
        DraftWord(token, word.start_s, word.end_s)
        for token, word in zip(tokens, words, strict=True)
    )
