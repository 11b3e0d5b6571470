"""How somebody is addressed: formally (De, Ni, Pan/Pani, dumneavoastră) or informally (du, ty, tu).

Nordic formal pronouns are told from «they» and from the plural by their capital inside a sentence;
where speech is written in small letters they are not found. What is quoted is nobody's address.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from convqa.config import read_yaml, shipped_configs
from convqa.detect.phrase_context import Row, is_quoted, row_of
from convqa.detect.phrase_index import PatternIndex
from convqa.detect.phrase_patterns import patterns_of
from convqa.detect.phrases import spans_in
from convqa.errors import ConfigError
from convqa.schema import Finding, SegmentedConversation

_FORMAL, _INFORMAL, _UNLESS = 0, 1, 2
_LABELS = ("formal", "informal")
# Ends a sentence or begins direct speech, so that what follows has a capital anyhow.
_SENTENCE_START = re.compile(r"(?:^|[.!?:;…\n«»„“”\"(\[*•–—])[\s\"'«»„“”(\[*•–—-]*$")
# Shorter words with such an ending are nouns too often («mysz»).
_MIN_ENDING_LETTERS = 4


class AddressForms(BaseModel):
    """The words of one language; the file says of each key what it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    formal: tuple[str, ...] = ()
    informal: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    capitalised: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()


def load_address(path: Path) -> dict[str, AddressForms]:
    """Return the words of a file by language.

    Raises:
        ConfigError: The file is no YAML, or a key is unknown.
    """
    content = read_yaml(path)
    try:
        return TypeAdapter(dict[str, AddressForms]).validate_python(content.value)
    except ValidationError as err:
        fault = err.errors(include_input=False)[0]
        where = ".".join(map(str, fault["loc"]))
        line = content.line_of(fault["loc"])
        raise ConfigError(f"{path}:{line}: {where}: {fault['msg']}") from err


def detect_address(segmented: SegmentedConversation) -> list[Finding]:
    """Return a finding of kind `address` for each form that a segment uses, at its first word.

    The labels are `formal` and `informal`; `detail` says by what it was known.
    """
    findings = []
    for segment in segmented.segments:
        forms = _forms().get(segment.language)
        if forms is None:
            continue
        first: dict[str, tuple[int, int, str]] = {}
        for label, start, end, detail in sorted(
            _found(segment.text, segment.language), key=lambda hit: hit[1]
        ):
            first.setdefault(label, (start, end, detail))
        for label, (start, end, detail) in first.items():
            spans = spans_in(segment, start, end)
            findings.append(Finding("address", label, "rule", spans, segment.index, detail=detail))
    return findings


def _found(text: str, language: str) -> Iterator[tuple[str, int, int, str]]:
    forms, row = _forms()[language], row_of(text)
    matches = list(_index(language).find(row.words))
    excused = {i for rule, a, b in matches if rule == _UNLESS for i in range(a, b)}
    for rule, first, last in matches:
        if rule != _UNLESS and not excused & set(range(first, last)):
            start, end = row.starts[first], row.ends[last - 1]
            if not is_quoted(text, start, end):
                yield _LABELS[rule], start, end, "word"
    for i, word in enumerate(row.words):
        start, end = row.starts[i], row.ends[i]
        written = text[start:end]
        if i in excused or not word or is_quoted(text, start, end):
            continue
        if written in forms.capitalised and _is_inside(row, i):
            yield "formal", start, end, "capital"
        elif (
            forms.endings
            and len(word) >= _MIN_ENDING_LETTERS
            and written.islower()
            and word.endswith(forms.endings)
        ):
            yield "informal", start, end, "ending"


def _is_inside(row: Row, i: int) -> bool:
    """Return whether a capital is a choice: within a sentence, and not part of a name."""
    text, start, end = row.text, row.starts[i], row.ends[i]
    if _SENTENCE_START.search(text[:start]) or text.isupper():
        return False
    following = re.match(r"\s+(\w)", text[end:])
    return following is None or not following[1].isupper()


@cache
def _forms() -> dict[str, AddressForms]:
    return load_address(shipped_configs() / "address.yaml")


@cache
def _index(language: str) -> PatternIndex:
    forms = _forms()[language]
    return PatternIndex(
        (number, pattern)
        for number, phrases in enumerate((forms.formal, forms.informal, forms.unless))
        for phrase in phrases
        for pattern in patterns_of(phrase)
    )
