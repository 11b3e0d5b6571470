"""What a user may say about how files are to be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from convqa.ingest.mapping import ColumnMapping, load_mapping
from convqa.ingest.roles import RoleRules
from convqa.ingest.settings import load_settings, shipped_settings


def _shipped_columns() -> Mapping[str, tuple[str, ...]]:
    return shipped_settings().columns


def _shipped_roles() -> RoleRules:
    return shipped_settings().roles


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """How to read files: all of one named `format`, or each by what is recognised in it.

    `columns` gives for each field of a table the names its column may have.
    """

    format: str | None = None
    mapping: ColumnMapping | None = None
    roles: RoleRules = field(default_factory=_shipped_roles)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=_shipped_columns)


def load_options(
    *, format_name: str | None = None, mapping: Path | None = None, settings: Path | None = None
) -> IngestOptions:
    """Return the options with the mapping and the settings that are read from files.

    Raises:
        ConfigError: A file cannot be read or does not fit.
    """
    loaded = shipped_settings() if settings is None else load_settings(settings)
    return IngestOptions(
        format=format_name,
        mapping=None if mapping is None else load_mapping(mapping),
        roles=loaded.roles,
        columns=loaded.columns,
    )
