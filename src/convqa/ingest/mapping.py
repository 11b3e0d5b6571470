"""Where a table or a JSON file of no known format keeps what a transcript needs.

A mapping is a small YAML file (`configs/mappings/` has examples). Names are column names in tables.
In JSON they are paths: keys and list positions joined by dots, such as `scenario.flow` or `0`.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from convqa.ingest.draft import JsonValue
from convqa.ingest.fields import find
from convqa.ingest.yaml_file import load_yaml
from convqa.schema import Channel, Role

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
ConversationField = Literal[
    "id", "language", "channel", "started_at", "agent_id", "team", "queue"
]  # fmt: skip
TurnField = Literal[
    "role", "speaker", "text", "start", "end", "duration", "time", "speaker_id", "agent_id",
    "confidence",
]  # fmt: skip


class ColumnMapping(BaseModel):
    """The contents of a mapping file.

    `conversations` is the path of the list of conversations where it is not the whole file or line,
    `turns` that of the turns of one conversation; both are for JSON only. `conversation`, `turn`
    and `metadata` say what stands where. `roles` gives the roles of values that the rules do not
    know, compared exactly. `time_unit` is that of `start`, `end` and `duration`. `language` and
    `channel` are those of all conversations for which the file gives none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    conversations: Name | None = None
    turns: Name | None = None
    conversation: dict[ConversationField, Name] = Field(default_factory=dict)
    turn: dict[TurnField, Name] = Field(default_factory=dict)
    metadata: dict[Name, Name] = Field(default_factory=dict)
    roles: dict[str, Role] = Field(default_factory=dict)
    time_unit: Literal["s", "ms"] = "s"
    language: Name | None = None
    channel: Channel | None = None


def load_mapping(path: Path) -> ColumnMapping:
    """Return the mapping in a YAML file.

    Raises:
        ConfigError: The file cannot be read or has an unknown key.
    """
    return load_yaml(path, ColumnMapping)


def split_path(path: str) -> tuple[str | int, ...]:
    """Return the keys and list positions of a dotted path."""
    return tuple(int(step) if step.isdecimal() else step for step in path.split("."))


def find_path(value: JsonValue, path: str | None) -> JsonValue:
    """Return what stands at a dotted path, None where there is nothing; no path is the value."""
    return value if path is None else find(value, *split_path(path))
