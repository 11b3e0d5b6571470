"""`configs/ingest.yaml` and files of one's own like it: words for roles, columns, limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from convqa.config import shipped_configs
from convqa.ingest.limits import Limits
from convqa.ingest.roles import RoleRules, compile_roles
from convqa.ingest.yaml_file import load_yaml

Label = Annotated[str, StringConstraints(min_length=1, max_length=100)]
NamedRole = Literal["other", "agent", "customer"]
ColumnField = Literal[
    "id", "role", "speaker", "text", "start", "end", "duration", "time", "speaker_id", "agent_id",
    "confidence", "language", "channel", "team", "queue",
]  # fmt: skip

LimitName = Literal[
    "max_record_mib", "max_turns", "max_turn_chars", "max_conversation_chars",
    "max_metadata_chars", "max_unpacked_ratio", "max_workbook_mib",
]  # fmt: skip


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    roles: dict[NamedRole, list[Label]] = Field(default_factory=dict)
    columns: dict[ColumnField, list[Label]] = Field(default_factory=dict)
    limits: dict[LimitName, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IngestSettings:
    """Rules for roles, for each field of a table the names its column may have, and limits."""

    roles: RoleRules
    columns: Mapping[str, tuple[str, ...]]
    limits: Limits


def load_settings(path: Path | None = None) -> IngestSettings:
    """Return the shipped settings, with what the file at `path` names put in its place.

    Raises:
        ConfigError: The file cannot be read, is no YAML, or has an unknown key.
    """
    shipped = load_yaml(shipped_configs() / "ingest.yaml", _File)
    own = _File() if path is None else load_yaml(path, _File)
    columns = shipped.columns | own.columns
    return IngestSettings(
        compile_roles({str(role): words for role, words in (shipped.roles | own.roles).items()}),
        {str(name): tuple(names) for name, names in columns.items()},
        Limits(**(shipped.limits | own.limits)),
    )


@cache
def shipped_settings() -> IngestSettings:
    """Return the settings that ship with convqa."""
    return load_settings()
