"""What `configs/segment.yaml` says about languages, fragments, clauses, roles and timing."""

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from convqa.config import read_yaml, shipped_configs
from convqa.errors import ConfigError
from convqa.schema import LANGUAGES
from convqa.text import SETTINGS_FILE, SentenceSettings

_STRICT = ConfigDict(frozen=True, extra="forbid")


class LanguageSettings(BaseModel):
    """When a language is believed; confidences in [0, 1]."""

    model_config = _STRICT

    other_languages: tuple[str, ...]
    scored_as: dict[str, str]
    min_confidence: float = Field(ge=0, le=1)
    min_scored_confidence: float = Field(ge=0, le=1)
    turn_min_words: int = Field(ge=1)
    turn_min_confidence: float = Field(ge=0, le=1)
    turn_more_stop_words: dict[str, PositiveInt]


class FragmentSettings(BaseModel):
    """When two turns of one speaker in a call may be one sentence."""

    model_config = _STRICT

    max_gap_s: float = Field(ge=0)


class ClauseSettings(BaseModel):
    """How speech without punctuation is cut."""

    model_config = _STRICT

    max_words: int = Field(ge=2)
    max_sentence_words: int = Field(ge=2)
    min_pause_s: float = Field(gt=0)
    min_words: int = Field(ge=1)
    connectives: dict[str, frozenset[str]]


class RolePhrases(BaseModel):
    """What agents and customers say, one phrase an entry."""

    model_config = _STRICT

    agent: tuple[str, ...]
    customer: tuple[str, ...]


class RoleSettings(BaseModel):
    """How roles that a file does not give are inferred."""

    model_config = _STRICT

    scale: float = Field(gt=0)
    min_confidence: float = Field(gt=0.5, le=1)
    min_confidence_alone: float = Field(gt=0.5, le=1)
    phrases: dict[str, RolePhrases]


class TimingSettings(BaseModel):
    """What counts as silence and as interruption."""

    model_config = _STRICT

    min_silence_s: float = Field(gt=0)
    min_overlap_s: float = Field(ge=0)
    backchannel_words: int = Field(ge=0)


class SegmentSettings(BaseModel):
    """The whole settings file."""

    model_config = _STRICT

    sentences: SentenceSettings
    language: LanguageSettings
    fragments: FragmentSettings
    clauses: ClauseSettings
    roles: RoleSettings
    timing: TimingSettings


def load_settings(path: Path) -> SegmentSettings:
    """Return the settings of a file.

    Raises:
        ConfigError: The file is no YAML, or a key is missing, unknown or out of range.
    """
    content = read_yaml(path)
    try:
        settings = SegmentSettings.model_validate(content.value)
    except ValidationError as err:
        fault = err.errors()[0]
        where = ".".join(map(str, fault["loc"]))
        line = content.line_of(fault["loc"])
        raise ConfigError(f"{path}:{line}: {where}: {fault['msg']}") from err
    for key, lists in (
        ("clauses.connectives", settings.clauses.connectives),
        ("roles.phrases", settings.roles.phrases),
        ("language.turn_more_stop_words", settings.language.turn_more_stop_words),
    ):
        missing = [language for language in LANGUAGES if language not in lists]
        if missing:
            raise ConfigError(f"{path}: {key}: {', '.join(missing)} missing; add it for each")
    return settings


@cache
def segment_settings() -> SegmentSettings:
    """Return the shipped settings, read once."""
    return load_settings(shipped_configs() / SETTINGS_FILE)
