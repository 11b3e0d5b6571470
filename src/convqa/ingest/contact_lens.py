"""Amazon Connect Contact Lens, analysed calls: the file of a contact and its real-time segments.

https://docs.aws.amazon.com/connect/latest/adminguide/contact-lens-example-output-files.html
"""

from collections.abc import Iterator

from convqa.errors import TranscriptError
from convqa.ingest.draft import DraftConversation, DraftTurn, JsonValue
from convqa.ingest.fields import (
    JsonObject,
    find,
    get_number,
    get_objects,
    get_str,
    optional_id,
    optional_list,
    optional_number,
    optional_str,
)
from convqa.schema import Role

FORMAT = "contact_lens"

ROLES: dict[str, Role] = {
    "AGENT": "agent", "CUSTOMER": "customer", "SYSTEM": "other", "CUSTOM_BOT": "other",
    "SUPERVISOR": "other",
}  # fmt: skip


def matches(document: JsonValue) -> bool:
    """Recognise segments with millisecond offsets whose speakers are listed under an id."""
    listed = find(document, "Transcript", 0)
    live = find(document, "Segments", 0, "Transcript")
    if isinstance(live, dict):
        return "BeginOffsetMillis" in live
    return (
        isinstance(listed, dict)
        and {"BeginOffsetMillis", "ParticipantId"} <= listed.keys()
        and "ParticipantRole" not in listed
    )


def read(document: JsonValue) -> Iterator[DraftConversation | TranscriptError]:
    """Yield the one call of the document."""
    roles = participant_roles(document)
    turns = tuple(_turn(segment, at, roles) for at, segment in segments_of(document))
    yield DraftConversation(
        id=contact_id(document),
        turns=turns,
        language=optional_str(document, "LanguageCode"),
        channel="call",
        metadata=header_metadata(document),
    )


def participant_roles(document: JsonValue) -> dict[str, str]:
    """Return the role of each participant by id."""
    return {
        identity: role
        for participant in optional_list(document, "Participants")
        if (identity := optional_id(participant, "ParticipantId")) is not None
        and (role := optional_str(participant, "ParticipantRole")) is not None
    }


def segments_of(document: JsonValue) -> Iterator[tuple[str, JsonObject]]:
    """Yield the spoken or written segments, from `Transcript` or from real-time `Segments`."""
    if find(document, "Segments") is None:
        yield from get_objects(document, "Transcript")
        return
    for at, segment in get_objects(document, "Segments"):
        inner = segment.get("Transcript")
        if isinstance(inner, dict):
            yield f"{at}.Transcript", inner


def role_label(segment: JsonObject, at: str, roles: dict[str, str]) -> str | None:
    """Return the role that a segment gives itself, or that of its participant."""
    participant = optional_id(segment, "ParticipantId", at=at)
    own = optional_str(segment, "ParticipantRole", at=at)
    return own or (roles.get(participant) if participant else None)


def contact_id(document: JsonValue) -> str | None:
    """Return the id of the contact, wherever this kind of file has it."""
    return (
        optional_id(document, "CustomerMetadata", "ContactId")
        or optional_id(document, "ContactId")
        or optional_id(document, "ContentMetadata", "ContactId")
    )


def header_metadata(document: JsonValue) -> dict[str, JsonValue]:
    """Return what the header says about categories and the contact that this one continues."""
    metadata: dict[str, JsonValue] = {}
    categories = find(document, "Categories", "MatchedCategories")
    if isinstance(categories, list):
        metadata["categories"] = categories
    initial = find(document, "CustomerMetadata", "InitialContactId")
    if isinstance(initial, str):
        metadata["initial_contact_id"] = initial
    return metadata


def _turn(segment: JsonObject, at: str, roles: dict[str, str]) -> DraftTurn:
    label = role_label(segment, at, roles)
    end_ms = optional_number(segment, "EndOffsetMillis", at=at)
    return DraftTurn(
        speaker=label,
        text=get_str(segment, "Content", at=at),
        start_s=get_number(segment, "BeginOffsetMillis", at=at) / 1000,
        end_s=None if end_ms is None else end_ms / 1000,
        speaker_id=optional_id(segment, "ParticipantId", at=at),
        role=ROLES.get(label.upper()) if label else None,
    )
