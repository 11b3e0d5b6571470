"""What the reader of a format finds in a file, before roles are mapped and values are checked.

A reader only says where things stand in its format. It neither guesses roles from names nor
checks times nor drops turns: `roles.py` and `assemble.py` do that once for all formats.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from convqa.errors import TranscriptError
from convqa.schema import Channel, Role

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"


@dataclass(frozen=True, slots=True)
class DraftWord:
    """One word as recognised, with its seconds from the start of the conversation.

    `text` is the word as it stands in the text of the turn (the punctuated form where there is
    one); its offsets are found afterwards. A word that has no times is left out by the reader.
    """

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class DraftTurn:
    """One message or one recognised phrase, as the file gives it.

    `speaker` is the name, role or label in the file ("AGENT", "spk_0", "Anna", "admin").
    `speaker_id` tells the speakers of a conversation apart, `agent_id` is the organisation's own
    id of the employee. Times are seconds from the start of the conversation. `role` is set only
    where the format itself defines it (an enumeration such as AGENT and CUSTOMER, a flag for
    internal notes); otherwise the rules for roles decide from `speaker`.
    """

    speaker: str | None
    text: str
    start_s: float | None = None
    end_s: float | None = None
    speaker_id: str | None = None
    agent_id: str | None = None
    confidence: float | None = None
    words: tuple[DraftWord, ...] = ()
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class DraftConversation:
    """One conversation as the file gives it.

    `id` is None where the file has none; one is then made from the name of the file. `language` is
    any code as given ("en-US", "no"). `started_at` is ISO 8601 where the file gives a date.
    """

    id: str | None
    turns: tuple[DraftTurn, ...]
    language: str | None = None
    channel: Channel | None = None
    started_at: str | None = None
    agent_id: str | None = None
    team: str | None = None
    queue: str | None = None
    metadata: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DocumentFormat:
    """How to read a format whose files are single JSON documents.

    `matches` recognises a document from its content alone and must be so specific that no document
    of another format matches. `read` yields one draft for each conversation and, in the place of a
    broken one, a `TranscriptError` that names the field; it may also raise it where nothing of the
    document can be read.
    """

    matches: Callable[[JsonValue], bool]
    read: Callable[[JsonValue], Iterator[DraftConversation | TranscriptError]]
