"""The words of `configs/redact.yaml`, read once and folded."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from convqa.config import read_yaml, shipped_configs
from convqa.errors import ConfigError
from convqa.redact.fold import fold

Topic = Literal[
    "phone", "identity", "papers", "birth", "card", "code", "password", "account", "reference"
]  # fmt: skip
_Words = Annotated[list[str], Field(min_length=1)]  # no words would match everywhere
_Ten = Annotated[list[str], Field(min_length=10, max_length=10)]
_Nine = Annotated[list[str], Field(min_length=9, max_length=9)]
_Eight = Annotated[list[str], Field(min_length=8, max_length=8)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _ContextWords(_Strict):
    phone: _Words
    identity: _Words
    papers: _Words
    birth: _Words
    card: _Words
    code: _Words
    password: _Words
    account: _Words
    reference: _Words

    def stems(self) -> dict[Topic, list[str]]:
        return {
            "phone": self.phone,
            "identity": self.identity,
            "papers": self.papers,
            "birth": self.birth,
            "card": self.card,
            "code": self.code,
            "password": self.password,
            "account": self.account,
            "reference": self.reference,
        }


class _EmailWords(_Strict):
    at: _Words
    prepositions: _Words
    at_certain: _Words
    dot: _Words
    dot_certain: _Words
    joiners: _Words
    spelled: _Words
    endings: _Words


class _NumeralWords(_Strict):
    units: _Ten
    teens: _Ten
    tens: _Eight
    hundreds: _Nine | None = None
    hundred: str = ""
    and_word: str = Field(default="", alias="and")
    double: str = ""
    triple: str = ""
    compounds: list[Literal["tens unit", "unit og tens"]] = []


class _RedactWords(_Strict):
    context: _ContextWords
    fillers: _Words
    email: _EmailWords
    units: _Words
    numerals: dict[str, _NumeralWords]


@dataclass(frozen=True, slots=True)
class Numerals:
    """The number words of one language, folded.

    `two_digits` holds 10–19 and compounds such as `femogfyrre`; `tens` holds 20, 30, … 90;
    `hundreds` single words such as `trzysta`; `hundred` words that follow a unit. `is_reversed`
    says that `fem og fyrre` is 45, and not that a 5 is followed by 40.
    """

    units: Mapping[str, int]
    two_digits: Mapping[str, int]
    tens: Mapping[str, int]
    hundreds: Mapping[str, int]
    hundred: frozenset[str]
    and_words: frozenset[str]
    repeats: Mapping[str, int]
    is_reversed: bool


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Everything that detectors look words up in. Patterns apply to folded text.

    Compared by identity, so that patterns built from it can be cached.
    """

    topics: Mapping[Topic, re.Pattern[str]]
    fillers: frozenset[str]
    email_at: frozenset[str]
    email_prepositions: frozenset[str]
    email_at_certain: frozenset[str]
    email_dots: frozenset[str]
    email_joiners: frozenset[str]
    email_spelled: frozenset[str]
    email_endings: frozenset[str]
    spoken_address: re.Pattern[str]
    units: frozenset[str]
    numerals: Mapping[str, Numerals]
    number_words: frozenset[str]
    number_joiners: frozenset[str]
    hundreds: tuple[str, ...]


@cache
def vocabulary() -> Vocabulary:
    """Return the words of the shipped file.

    Raises:
        ConfigError: `configs/redact.yaml` is missing or not of its form.
    """
    return load_vocabulary(shipped_configs() / "redact.yaml")


def load_vocabulary(path: Path) -> Vocabulary:
    """Read a vocabulary.

    Raises:
        ConfigError: The file is missing or not of its form.
    """
    file = read_yaml(path)
    try:
        words = _RedactWords.model_validate(file.value)
    except ValidationError as err:
        first = err.errors()[0]
        where = first["loc"]
        key = ".".join(str(part) for part in where)
        raise ConfigError(f"{path}:{file.line_of(where)}: {key}: {first['msg']}") from err
    numerals = {language: _numerals(item) for language, item in words.numerals.items()}
    return Vocabulary(
        topics={topic: _stems(stems) for topic, stems in words.context.stems().items()},
        fillers=_folded(words.fillers),
        email_at=_folded(words.email.at),
        email_prepositions=_folded(words.email.prepositions),
        email_at_certain=_folded(words.email.at_certain),
        email_dots=_folded(words.email.dot + words.email.dot_certain),
        email_joiners=_folded(words.email.joiners),
        email_spelled=_folded(words.email.spelled),
        email_endings=_folded(words.email.endings),
        spoken_address=_spoken_address(words.email),
        units=_folded(words.units),
        numerals=numerals,
        number_words=frozenset(word for item in numerals.values() for word in _all_words(item)),
        hundreds=_distinct(item.hundred for item in numerals.values()),
        number_joiners=frozenset(_distinct(item.and_words for item in numerals.values())),
    )


def any_of(words: frozenset[str]) -> str:
    """Return a pattern for one of the words, longer ones first."""
    return f"(?:{'|'.join(sorted(map(re.escape, words), key=lambda word: (-len(word), word)))})"


def _spoken_address(words: _EmailWords) -> re.Pattern[str]:
    """Return what every spoken address has: an ending after a dot, or a certain word for @."""
    dot, ending = any_of(_folded(words.dot + words.dot_certain)), any_of(_folded(words.endings))
    return re.compile(rf"(?: {dot} |\.){ending}\b| {any_of(_folded(words.at_certain))} ")


def _folded(words: list[str]) -> frozenset[str]:
    return frozenset(fold(word) for word in words)


def _stems(stems: list[str]) -> re.Pattern[str]:
    parts = [
        re.escape(fold(stem).removesuffix(".")) + (r"\b" if stem.endswith(".") else "")
        for stem in stems
    ]
    return re.compile(rf"\b(?:{'|'.join(parts)})")


def _variants(entry: str) -> list[str]:
    return [fold(word) for word in entry.split("/") if word]


def _values(entries: list[str], values: range) -> dict[str, int]:
    return {
        word: value
        for entry, value in zip(entries, values, strict=True)
        for word in _variants(entry)
    }


def _numerals(words: _NumeralWords) -> Numerals:
    units = _values(words.units, range(10))
    tens = _values(words.tens, range(20, 100, 10))
    two_digits = _values(words.teens, range(10, 20))
    pairs = [
        (unit, ten, units[unit] + tens[ten]) for unit in units for ten in tens if units[unit] > 0
    ]
    if "tens unit" in words.compounds:
        two_digits |= {ten + unit: value for unit, ten, value in pairs}
    if "unit og tens" in words.compounds:
        two_digits |= {f"{unit}og{ten}": value for unit, ten, value in pairs}
    return Numerals(
        units=units,
        two_digits=two_digits,
        tens=tens,
        hundreds=_values(words.hundreds, range(100, 1000, 100)) if words.hundreds else {},
        hundred=frozenset(_variants(words.hundred)),
        and_words=frozenset(_variants(words.and_word)),
        repeats=dict.fromkeys(_variants(words.double), 2)
        | dict.fromkeys(_variants(words.triple), 3),
        is_reversed="unit og tens" in words.compounds,
    )


def _distinct(sets: Iterable[frozenset[str]]) -> tuple[str, ...]:
    return tuple(sorted(frozenset[str]().union(*sets)))


def _all_words(numerals: Numerals) -> Iterator[str]:
    for words in (numerals.units, numerals.two_digits, numerals.tens, numerals.hundreds):
        yield from words
    yield from numerals.hundred
    yield from numerals.repeats
