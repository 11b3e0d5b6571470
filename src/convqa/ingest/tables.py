"""Tables with one row a turn → conversations.

The rows of a conversation stand together. Rows of an id that comes back after another conversation
are rejected, for to join them the whole table would have to be held in memory.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from convqa.config import suggest
from convqa.errors import TranscriptError
from convqa.ingest.codes import channel_of
from convqa.ingest.draft import DraftConversation, DraftTurn, JsonValue
from convqa.ingest.fields import get_number
from convqa.ingest.mapping import ColumnMapping
from convqa.ingest.stamps import Stamp, end_of, parse_stamp, to_offsets
from convqa.ingest.table_files import Row, Table
from convqa.schema import Role

_MILLISECONDS = re.compile(r"(?:ms|millis|milliseconds)$")
_TIME_FIELDS: tuple[str, ...] = ("start", "end", "duration", "time")
_MAX_METADATA = 50
_CONVERSATION_FIELDS = ("language", "channel", "agent_id", "team", "queue")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands in a row, and which columns are kept as metadata.

    `units_per_s` is 1000 for fields whose numbers are milliseconds. `roles` are those of exact
    labels, which go before the rules.
    """

    n_columns: int
    positions: Mapping[str, int]
    metadata: Mapping[str, int]
    units_per_s: Mapping[str, float]
    roles: Mapping[str, Role]

    def value(self, row: Row, name: str) -> str | None:
        """Return the text of a field, None where the column or the text is missing."""
        position = self.positions.get(name, -1)
        cell = row.cells[position] if 0 <= position < len(row.cells) else None
        return cell.strip() or None if cell else None


def read_table(
    table: Table,
    known: Mapping[str, tuple[str, ...]],
    mappings: Sequence[ColumnMapping],
    *,
    max_chars: int,
) -> Iterator[tuple[int, DraftConversation | TranscriptError]]:
    """Yield each conversation of a table with the line of its first row.

    Raises:
        TranscriptError: A column that is needed is missing.
    """
    mapping = _choose(table.columns, mappings)
    columns = find_columns(table.columns, known, mapping)
    seen: set[int] = set()
    for identity, group in groupby(table.rows, lambda row: columns.value(row, "id")):
        rows, fault = _take(group, max_chars)
        line = rows[0].line
        # Only digests of ids are kept: a million conversations take 60 MB.
        key = hash(identity)
        if identity is None and "id" in columns.positions:
            yield line, TranscriptError("missing; a conversation id is needed", field="id")
        elif key in seen:
            reason = "more rows of a conversation that ended above; sort the table by conversation"
            yield line, TranscriptError(reason, field="id")
        elif fault:
            yield line, TranscriptError(fault, field="turns")
        else:
            seen.add(key)
            try:
                draft: DraftConversation | TranscriptError = _conversation(rows, columns, mapping)
            except TranscriptError as err:
                draft = err
            yield line, draft


def find_columns(
    names: Sequence[str], known: Mapping[str, tuple[str, ...]], mapping: ColumnMapping | None
) -> Columns:
    """Return which column holds which field: as mapped, else by its name.

    Args:
        names: The header.
        known: For each field the names its column may have, best first.
        mapping: What the user says; it goes before the names.

    Raises:
        TranscriptError: There is no column for the text or none for the speaker, or a mapped column
            does not exist.
    """
    mapped: dict[str, str] = {}
    if mapping is not None:
        mapped.update(mapping.conversation.items())
        mapped.update(mapping.turn.items())
    positions: dict[str, int] = {}
    by_name = {_normal(name): index for index, name in reversed(list(enumerate(names)))}
    for name, column in mapped.items():
        positions[name] = _mapped_column(column, names)
    for name, candidates in known.items():
        free = (by_name.get(_normal(candidate)) for candidate in candidates)
        found = next((i for i in free if i is not None and i not in positions.values()), None)
        if found is not None:
            positions.setdefault(name, found)
    _check_needed(positions, names)
    extra = {} if mapping is None else mapping.metadata
    metadata = {key: _mapped_column(column, names) for key, column in extra.items()}
    if mapping is None:
        taken = set(positions.values())
        metadata = {n: i for i, n in enumerate(names[:_MAX_METADATA]) if n and i not in taken}
    is_ms = mapping is not None and mapping.time_unit == "ms"
    units: dict[str, float] = {
        name: 1000.0 if is_ms or _MILLISECONDS.search(_normal(names[positions[name]])) else 1.0
        for name in _TIME_FIELDS
        if name in positions
    }
    roles = mapping.roles if mapping else {}
    return Columns(len(names), positions, metadata, units, roles)


def _choose(names: Sequence[str], mappings: Sequence[ColumnMapping]) -> ColumnMapping | None:
    """Return the first mapping whose columns a table has; the only one is taken in any case."""
    # Turns of their own are for JSON: in a table each row is a turn.
    for_tables = [mapping for mapping in mappings if mapping.turns is None]
    known = {_normal(name) for name in names}
    for mapping in for_tables:
        named = [*mapping.conversation.values(), *mapping.turn.values(), *mapping.metadata.values()]
        if known.issuperset(map(_normal, named)):
            return mapping
    return for_tables[0] if len(for_tables) == 1 else None


def _check_needed(positions: Mapping[str, int], names: Sequence[str]) -> None:
    missing = [] if "text" in positions else ["the text (such as «text» or «message»)"]
    if "role" not in positions and "speaker" not in positions:
        missing.append("the speaker (such as «role» or «speaker»)")
    if not missing:
        return
    # The first line may be no header but the words of a customer, though one of its cells reads
    # like a name ("participant"): only names that we or a mapping know are shown.
    shown = [names[position][:40] for position in sorted(set(positions.values()))]
    if n_others := len(names) - len(shown):
        shown.append(f"{n_others} with other names")
    is_header = not {"text", "role", "speaker"}.isdisjoint(positions)
    found = (
        f"columns found: {', '.join(shown)}"
        if is_header
        else "the first line names no column we know"
    )
    raise TranscriptError(
        f"no column for {' and none for '.join(missing)}; {found}; name them with a mapping",
        field="columns",
    )


def _mapped_column(column: str, names: Sequence[str]) -> int:
    normal = [_normal(name) for name in names]
    if column in names:
        return names.index(column)
    if _normal(column) in normal:
        return normal.index(_normal(column))
    # Only a cell that is nearly the mapped name is shown: others may be words of a customer.
    raise TranscriptError(
        f"the mapping names a column {column!r} that the table lacks{suggest(column, list(names))}"
    )


def _normal(name: str) -> str:
    """Return a column name without case, accents, spaces and punctuation."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(char for char in plain if char.isalnum())


def _take(group: Iterator[Row], max_chars: int) -> tuple[list[Row], str]:
    """Return the rows of a conversation, and why they are not all of them if they are not."""
    rows: list[Row] = []
    n_chars = 0
    try:
        for row in group:
            n_chars += sum(len(cell) for cell in row.cells if cell)
            if n_chars <= max_chars or not rows:
                rows.append(row)
    except TranscriptError as err:
        return rows, f"{err.reason}; this conversation may be incomplete"
    is_complete = n_chars <= max_chars
    limit = f"longer than {max_chars >> 20} MiB; is there a column with conversation ids?"
    return rows, "" if is_complete else limit


def _conversation(
    rows: Sequence[Row], columns: Columns, mapping: ColumnMapping | None
) -> DraftConversation:
    stamps = [
        stamp
        for index, row in enumerate(rows)
        for stamp in _stamps(row, columns, f"turns[{index}]")
    ]
    offsets, date = to_offsets(stamps)
    first = {name: columns.value(rows[0], name) for name in _CONVERSATION_FIELDS}
    channel = channel_of(first["channel"])
    agents = {columns.value(row, "agent_id") for row in rows}
    turns = tuple(
        _turn(row, index, columns, offsets[2 * index : 2 * index + 2], len(agents) > 1)
        for index, row in enumerate(rows)
    )
    return DraftConversation(
        id=columns.value(rows[0], "id"),
        turns=turns,
        language=first["language"] or (mapping.language if mapping else None),
        channel=channel or (mapping.channel if mapping else None),
        started_at=columns.value(rows[0], "started_at") or date,
        agent_id=next((agent for row in rows if (agent := columns.value(row, "agent_id"))), None),
        team=first["team"],
        queue=first["queue"],
        metadata=_metadata(rows, columns),
    )


def _turn(
    row: Row,
    index: int,
    columns: Columns,
    times: Sequence[float | None],
    has_several_agents: bool,
) -> DraftTurn:
    n_cells = len(row.cells)
    if columns.positions["text"] >= n_cells or any(row.cells[columns.n_columns :]):
        raise TranscriptError(
            f"the row has {n_cells} columns and the header {columns.n_columns}; texts that hold "
            "the delimiter must stand in quotation marks",
            field=f"turns[{index}].text",
        )
    speaker = columns.value(row, "speaker")
    label = columns.value(row, "role") or speaker
    confidence = columns.value(row, "confidence")
    return DraftTurn(
        speaker=label,
        text=columns.value(row, "text") or "",
        start_s=times[0],
        end_s=times[1],
        speaker_id=columns.value(row, "speaker_id") or speaker,
        agent_id=columns.value(row, "agent_id") if has_several_agents else None,
        confidence=None
        if confidence is None
        else get_number(confidence.replace(",", "."), at=f"turns[{index}].confidence"),
        role=columns.roles.get(label) if label else None,
    )


def _stamps(row: Row, columns: Columns, at: str) -> tuple[Stamp | None, Stamp | None]:
    """Return start and end of a turn; the end may be given as a duration."""
    start = _stamp(row, columns, "start", at) or _stamp(row, columns, "time", at)
    end = _stamp(row, columns, "end", at)
    duration = _stamp(row, columns, "duration", at)
    return start, end_of(start, end, duration)


def _stamp(row: Row, columns: Columns, name: str, at: str) -> Stamp | None:
    written = columns.value(row, name)
    if written is None:
        return None
    stamp = parse_stamp(written, units_per_s=columns.units_per_s[name])
    if stamp is None:
        raise TranscriptError(
            "seconds, a clock time or an ISO 8601 date is needed", field=f"{at}.{name}"
        )
    return stamp


def _metadata(rows: Sequence[Row], columns: Columns) -> dict[str, JsonValue]:
    """Return the other columns that say the same in every row: they describe the conversation."""
    metadata: dict[str, JsonValue] = {}
    for name, position in columns.metadata.items():
        values = {row.cells[position] if position < len(row.cells) else None for row in rows}
        value = values.pop()
        if not values and value:
            metadata[name] = value
    return metadata
