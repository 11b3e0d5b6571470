"""The most that is read of one record and one file: `limits` of `configs/ingest.yaml`.

A hostile or broken file costs a bounded time and a bounded memory; what is too large is rejected
with its reason, and the rest is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from convqa.errors import TranscriptError
from convqa.ingest.draft import DraftConversation, JsonValue


@dataclass(frozen=True, slots=True)
class Limits:
    """Where reading stops; why each has its value stands in `configs/ingest.yaml`."""

    max_record_mib: int
    max_turns: int
    max_turn_chars: int
    max_conversation_chars: int
    max_metadata_chars: int
    max_unpacked_ratio: int
    max_workbook_mib: int

    @property
    def max_record_bytes(self) -> int:
        """Return the most bytes that one record may take in its file."""
        return self.max_record_mib << 20

    @property
    def max_workbook_bytes(self) -> int:
        """Return the most bytes that an Excel file may have when unpacked."""
        return self.max_workbook_mib << 20


def check_size(draft: DraftConversation, limits: Limits) -> None:
    """Refuse a conversation that is larger than any that people have.

    Raises:
        TranscriptError: It has too many turns, or too many characters in a turn, in all turns or in
            its metadata.
    """
    if len(draft.turns) > limits.max_turns:
        raise TranscriptError(
            f"more than {limits.max_turns} turns, the most a conversation may have", field="turns"
        )
    n_chars = 0
    for index, turn in enumerate(draft.turns):
        n_chars += len(turn.text)
        if len(turn.text) > limits.max_turn_chars:
            raise TranscriptError(
                f"longer than {limits.max_turn_chars} characters, the most a turn may have",
                field=f"turns[{index}].text",
            )
    if n_chars > limits.max_conversation_chars:
        raise TranscriptError(
            f"longer than {limits.max_conversation_chars} characters, the most a conversation may "
            "have",
            field="turns",
        )
    if _n_chars(draft.metadata) > limits.max_metadata_chars:
        raise TranscriptError(
            f"longer than {limits.max_metadata_chars} characters, the most a description may have",
            field="metadata",
        )


def _n_chars(metadata: Mapping[str, JsonValue]) -> int:
    """Return the characters of all strings and keys; anything else counts as one."""
    n_chars, waiting = 0, list[JsonValue]([dict(metadata)])
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value
        n_chars += len(value) if isinstance(value, str) else 1
    return n_chars
