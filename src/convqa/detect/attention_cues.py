"""What `configs/attention.yaml` says: limits and cues, and which of the cues a text has."""

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from convqa.config import read_yaml, shipped_configs
from convqa.detect.phrase_context import row_of
from convqa.detect.phrase_index import PatternIndex
from convqa.detect.phrase_patterns import patterns_of
from convqa.errors import ConfigError
from convqa.schema import LANGUAGES

_STRICT = ConfigDict(frozen=True, extra="forbid")


class Limits(BaseModel):
    """Seconds, words and likenesses (0-100) from which something counts."""

    model_config = _STRICT

    call_silence_s: float = Field(gt=0)
    chat_wait_s: float = Field(gt=0)
    min_repeated_words: int = Field(ge=1)
    min_repeated_likeness: float = Field(ge=0, le=100)
    min_question_likeness: float = Field(ge=0, le=100)


class LanguageCues(BaseModel):
    """Phrases of one language by what they tell; the file says of each what it is."""

    model_config = _STRICT

    still_there: tuple[str, ...]
    idle_close: tuple[str, ...]
    apology: tuple[str, ...]
    patience: tuple[str, ...]
    hold: tuple[str, ...]
    hold_end: tuple[str, ...]
    not_answered: tuple[str, ...]
    told_before: tuple[str, ...]
    repeat_request: tuple[str, ...]
    customer_wait: tuple[str, ...]


class AttentionSettings(BaseModel):
    """The whole settings file."""

    model_config = _STRICT

    limits: Limits
    common: dict[str, frozenset[str]]
    cues: dict[str, LanguageCues]


_NAMES: tuple[str, ...] = tuple(LanguageCues.model_fields)


def load_attention(path: Path) -> AttentionSettings:
    """Return the settings of a file.

    Raises:
        ConfigError: The file is no YAML, or a key or language is missing, unknown or out of range.
    """
    content = read_yaml(path)
    try:
        settings = AttentionSettings.model_validate(content.value)
    except ValidationError as err:
        fault = err.errors(include_input=False)[0]
        where = ".".join(map(str, fault["loc"]))
        line = content.line_of(fault["loc"])
        raise ConfigError(f"{path}:{line}: {where}: {fault['msg']}") from err
    for key, given in (("cues", settings.cues), ("common", settings.common)):
        missing = [language for language in LANGUAGES if language not in given]
        if missing:
            raise ConfigError(f"{path}: {key}: {', '.join(missing)} missing; add them for each")
    return settings


@cache
def attention_settings() -> AttentionSettings:
    """Return the shipped settings, read once."""
    return load_attention(shipped_configs() / "attention.yaml")


def cues_in(text: str, language: str) -> frozenset[str]:
    """Return the names of the cues that a text in one of `LANGUAGES` has."""
    return frozenset(_NAMES[number] for number, _, _ in _index(language).find(row_of(text).words))


@cache
def _index(language: str) -> PatternIndex:
    cues = attention_settings().cues[language]
    return PatternIndex(
        (number, pattern)
        for number, name in enumerate(_NAMES)
        for phrase in getattr(cues, name)
        for pattern in patterns_of(phrase)
    )
