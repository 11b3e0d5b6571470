"""What a user may say about how files are to be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from convqa.ingest.limits import Limits
from convqa.ingest.mapping import ColumnMapping, load_mapping
from convqa.ingest.roles import RoleRules
from convqa.ingest.settings import load_settings, shipped_settings


def _shipped_columns() -> Mapping[str, tuple[str, ...]]:
    return shipped_settings().columns


def _shipped_limits() -> Limits:
    return shipped_settings().limits


def _shipped_roles() -> RoleRules:
    return shipped_settings().roles


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """How to read files: all of one named `format`, or each by what is recognised in it.

    A document or table that one of the `mappings` fits is read by it, the first that does; any
    other is read by its own format. `columns` gives for each field of a table the names its column
    may have. `limits` say what is too large.
    """

    format: str | None = None
    mappings: tuple[ColumnMapping, ...] = ()
    roles: RoleRules = field(default_factory=_shipped_roles)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=_shipped_columns)
    limits: Limits = field(default_factory=_shipped_limits)


def load_options(
    *,
    format_name: str | None = None,
    mapping: Path | Sequence[Path] | None = None,
    settings: Path | None = None,
) -> IngestOptions:
    """Return the options with the mappings and the settings that are read from files.

    Args:
        format_name: The format of all files, None to recognise it.
        mapping: One mapping file or several, in the order in which they are tried.
        settings: A file like `configs/ingest.yaml`; what it names replaces what is shipped.

    Raises:
        ConfigError: A file cannot be read or does not fit.
    """
    loaded = shipped_settings() if settings is None else load_settings(settings)
    paths = [mapping] if isinstance(mapping, Path) else mapping or ()
    return IngestOptions(
        format=format_name,
        mappings=tuple(load_mapping(path) for path in paths),
        roles=loaded.roles,
        columns=loaded.columns,
        limits=loaded.limits,
    )
