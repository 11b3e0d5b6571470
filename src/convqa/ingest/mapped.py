"""JSON of any shape → conversations, by a mapping that says what stands where."""

from collections.abc import Iterator, Sequence

from convqa.errors import TranscriptError
from convqa.ingest.codes import channel_of
from convqa.ingest.draft import DraftConversation, DraftTurn, JsonValue
from convqa.ingest.fields import field_name, find, get_list, get_number, optional_id, optional_str
from convqa.ingest.mapping import ColumnMapping, TurnField, find_path, split_path
from convqa.ingest.stamps import Stamp, end_of, parse_stamp, to_offsets


def fitting_mapping(document: JsonValue, mappings: Sequence[ColumnMapping]) -> ColumnMapping | None:
    """Return the first mapping under which a document has a turn with a text, None if none fits."""
    return next((mapping for mapping in mappings if _fits(document, mapping)), None)


def read_mapped(
    document: JsonValue, mapping: ColumnMapping
) -> Iterator[DraftConversation | TranscriptError]:
    """Yield each conversation of a document, and the error in the place of a broken one."""
    for record in _records(document, mapping):
        try:
            draft: DraftConversation | TranscriptError = _conversation(record, mapping)
        except TranscriptError as err:
            draft = err
        yield draft


def _records(document: JsonValue, mapping: ColumnMapping) -> list[JsonValue]:
    """Return the conversations of a document; items of a long list arrive one by one."""
    records = None if mapping.conversations is None else find_path(document, mapping.conversations)
    return records if isinstance(records, list) else [document]


def _fits(document: JsonValue, mapping: ColumnMapping) -> bool:
    record = next(iter(_records(document, mapping)), None)
    turns = find_path(record, mapping.turns)
    if not isinstance(turns, list) or "text" not in mapping.turn:
        return False
    return any(isinstance(find_path(turn, mapping.turn["text"]), str) for turn in turns)


def _conversation(record: JsonValue, mapping: ColumnMapping) -> DraftConversation:
    path = () if mapping.turns is None else split_path(mapping.turns)
    items = get_list(record, *path)
    named = [(item, field_name(*path, index)) for index, item in enumerate(items)]
    stamps = [stamp for item, at in named for stamp in _stamps(item, at, mapping)]
    offsets, date = to_offsets(stamps)
    fields = {name: split_path(found) for name, found in mapping.conversation.items()}

    def text_of(name: str) -> str | None:
        return optional_id(record, *fields[name]) if name in fields else None

    return DraftConversation(
        id=text_of("id"),
        turns=tuple(
            _turn(item, at, mapping, offsets[2 * index : 2 * index + 2])
            for index, (item, at) in enumerate(named)
        ),
        language=text_of("language") or mapping.language,
        channel=channel_of(text_of("channel")) or mapping.channel,
        started_at=text_of("started_at") or date,
        agent_id=text_of("agent_id"),
        team=text_of("team"),
        queue=text_of("queue"),
        metadata={name: find_path(record, path) for name, path in mapping.metadata.items()},
    )


def _turn(
    item: JsonValue, at: str, mapping: ColumnMapping, times: tuple[float | None, ...]
) -> DraftTurn:
    def path(name: TurnField) -> tuple[str | int, ...] | None:
        return split_path(mapping.turn[name]) if name in mapping.turn else None

    def text_of(name: TurnField) -> str | None:
        where = path(name)
        return None if where is None else optional_id(item, *where, at=at)

    text_path = path("text") or ("text",)
    text = find(item, *text_path)
    if not isinstance(text, str):
        raise TranscriptError("a string is needed", field=field_name(*text_path, at=at))
    confidence = path("confidence")
    speaker = text_of("speaker")
    label = text_of("role") or speaker
    return DraftTurn(
        speaker=label,
        text=text,
        start_s=times[0],
        end_s=times[1],
        speaker_id=text_of("speaker_id") or speaker,
        agent_id=text_of("agent_id"),
        confidence=None if confidence is None else get_number(item, *confidence, at=at),
        role=mapping.roles.get(label) if label else None,
    )


def _stamps(item: JsonValue, at: str, mapping: ColumnMapping) -> tuple[Stamp | None, Stamp | None]:
    start = _stamp(item, at, mapping, "start") or _stamp(item, at, mapping, "time")
    end = _stamp(item, at, mapping, "end")
    duration = _stamp(item, at, mapping, "duration")
    return start, end_of(start, end, duration)


def _stamp(item: JsonValue, at: str, mapping: ColumnMapping, name: TurnField) -> Stamp | None:
    if name not in mapping.turn:
        return None
    path = split_path(mapping.turn[name])
    found = find(item, *path)
    if found is None or found == "":
        return None
    written = str(found) if isinstance(found, int | float) else optional_str(item, *path, at=at)
    stamp = parse_stamp(written or "", units_per_s=1000.0 if mapping.time_unit == "ms" else 1.0)
    if stamp is None:
        raise TranscriptError(
            "seconds, a clock time or an ISO 8601 date is needed", field=field_name(*path, at=at)
        )
    return stamp
