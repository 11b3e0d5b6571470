"""Tokens and sentences of chat and call text in six languages, with exact character offsets.

Tokens come from spaCy's blank tokenizers. Sentences come from rules of our own: spaCy's sentencizer
knows no abbreviations, ordinals, smileys or line breaks, and chats often begin sentences with small
letters. The word lists are in `configs/segment.yaml`. Lemmas are left to `lemmas.py`, what a
speaker's turns add up to is left to `segment/`.
"""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import spacy
from pydantic import BaseModel, ConfigDict, ValidationError
from spacy.language import Language
from spacy.util import get_lang_class

from convqa.config import read_yaml, shipped_configs
from convqa.errors import ConfigError
from convqa.schema import LANGUAGES

SETTINGS_FILE = "segment.yaml"

# Personal data is stored as `[CARD]`, `[EMAIL]`, …: one word, never cut.
PLACEHOLDER = re.compile(r"\[[A-Z][A-Z0-9_]*\]")

_EMOJI = "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d\u20e3]+"
_SMILEY = r"(?<!\S)(?:[:;=][-'o^]?[()\[\]DPpOo3/|*]+|<3|[xX]D|\^\^)(?!\w)"
_STOP = re.compile(
    r"(?P<marks>[.!?…]+)(?P<closing>[\"'”’»«“)\]]*)"
    rf"|(?P<smile>{_EMOJI}|{_SMILEY})"
    r"|(?P<line>[\n\r\u2028\u2029]+)"
)
_TRAILING_SMILES = re.compile(rf"(?:[^\S\n\r\u2028\u2029]*(?:{_EMOJI}|{_SMILEY}))+")
_SPACE = re.compile(r"\s*")
_LAST_WORDS = re.compile(r"(?:(\S+)\s+)?[\"'”’»«“(\[„-]*(\S*)\Z")
_DOTTED_LETTERS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")
_BULLET = re.compile(r"(?:\d{1,2}|[^\W\d_])\Z")
# How far back the word before a full stop is looked for; longer words are no abbreviations.
_LOOK_BACK = 48


class Abbreviations(BaseModel):
    """Words of one language, in small letters, whose full stop need not end a sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    never_final: frozenset[str]
    before_number: frozenset[str]
    before_lower_case: frozenset[str]
    units: frozenset[str]


class SentenceSettings(BaseModel):
    """The part `sentences` of the settings file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ordinal_languages: frozenset[str]
    abbreviations: dict[str, Abbreviations]


def tokenize(text: str, language: str) -> list[tuple[int, int]]:
    """Return `[start, end)` of each token in order; every character but white space is in one.

    Args:
        text: Any text.
        language: One of `LANGUAGES`.
    """
    tokens = [(t.idx, t.idx + len(t)) for t in _tokenizer(language)(text) if not t.is_space]
    if "[" not in text:
        return tokens
    return _join_overlapping(tokens, [m.span() for m in PLACEHOLDER.finditer(text)])


def sentence_spans(
    text: str, language: str, *, line_ends_sentence: bool = True
) -> list[tuple[int, int]]:
    """Return `[start, end)` of each sentence in order, without the white space around it.

    Every character but white space is in exactly one span. A span holds at least one letter, digit
    or placeholder unless the whole text has none.

    Args:
        text: A message of a chat or a stretch of a call.
        language: One of `LANGUAGES`.
        line_ends_sentence: Whether a line break ends a sentence, as in chats. In files of subtitles
            lines are broken by width; there only an empty line ends a sentence.
    """
    rules = _sentence_settings()
    cuts: list[int] = []
    for match in _STOP.finditer(text):
        cut = _sentence_end(text, match, rules, language, line_ends_sentence)
        if cut is not None:
            cuts.append(cut)
    return _spans_between(text, cuts)


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return spaCy's commonest words of one of `LANGUAGES`, in small letters.

    Single letters are left out: spaCy's Romanian ones are what an English «I'm» leaves behind.
    """
    words = get_lang_class(language).Defaults.stop_words
    return frozenset(word for word in words if len(word) > 1)


def load_settings(path: Path) -> SentenceSettings:
    """Return the part `sentences` of a settings file.

    Raises:
        ConfigError: The file is no YAML, or the part is missing or wrong.
    """
    content = read_yaml(path)
    part = content.value.get("sentences") if isinstance(content.value, dict) else None
    try:
        settings = SentenceSettings.model_validate(part)
    except ValidationError as err:
        where = ("sentences", *err.errors()[0]["loc"])
        raise ConfigError(
            f"{path}:{content.line_of(where)}: {'.'.join(map(str, where))}: "
            f"{err.errors()[0]['msg']}"
        ) from err
    missing = [language for language in LANGUAGES if language not in settings.abbreviations]
    if missing:
        raise ConfigError(f"{path}: sentences.abbreviations: {', '.join(missing)} missing; add it")
    return settings


@cache
def _sentence_settings() -> SentenceSettings:
    return load_settings(shipped_configs() / SETTINGS_FILE)


@cache
def _tokenizer(language: str) -> Callable[[str], spacy.tokens.Doc]:
    if language not in LANGUAGES:
        raise ValueError(f"no tokenizer for {language!r}; known: {', '.join(LANGUAGES)}")
    blank: Language = spacy.blank(language)
    return blank.make_doc


def _join_overlapping(
    tokens: list[tuple[int, int]], placeholders: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Return the tokens with all that touch one placeholder made into one."""
    joined: list[tuple[int, int]] = []
    for start, end in tokens:
        inside = next((p for p in placeholders if p[0] < end and start < p[1]), None)
        if inside and joined and joined[-1][1] > inside[0]:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _reads_on(text: str, position: int, language: str) -> bool:
    """Say whether the word at a position may stand within a sentence, as English «I» may."""
    if language == "en" and text[position] == "I":
        return not text[position + 1 : position + 2].isalnum()
    return text[position].islower()


def _sentence_end(
    text: str,
    match: re.Match[str],
    rules: SentenceSettings,
    language: str,
    line_ends_sentence: bool,
) -> int | None:
    """Return where the sentence that a stop, smiley or line break may end does end, or None."""
    if match["line"]:
        breaks = match["line"].replace("\r\n", "\n")
        return match.start() if line_ends_sentence or len(breaks) > 1 else None
    smiles = _TRAILING_SMILES.match(text, match.end())
    end = smiles.end() if smiles else match.end()
    spaces = _SPACE.match(text, end)
    after = spaces.end() if spaces else end
    if after == len(text):
        return None
    if match["smile"]:
        return end if after > end and text[after].isupper() else None
    if after == end and not smiles:
        return end if _is_glued(text, match) else None
    marks, closing = match["marks"], match["closing"]
    if "!" in marks or "?" in marks:
        return None if closing and text[after].islower() else end
    if len(marks) > 1 or marks == "…":
        return None if _reads_on(text, after, language) else end
    if closing:
        return None if text[after].islower() else end
    return end if smiles or _dot_ends(text, match.start(), after, rules, language) else None


def _is_glued(text: str, match: re.Match[str]) -> bool:
    """Say whether a sentence begins right after a stop, as in «late.Can you» and «ok?thanks»."""
    if match["closing"]:
        return False
    before = _LAST_WORDS.search(text[max(0, match.start() - _LOOK_BACK) : match.start()])
    word = before[2] if before else ""
    if any(mark in word for mark in (":/", "www.", "@", "/", "=")) or len(word) < 2:
        return False
    following = text[match.end() : match.end() + 2]
    if "." in match["marks"]:
        begins = following[:1].isupper() and following[1:].strip().islower()
        return begins and word[-2:].isalpha() and word[-1].islower() and "." not in word
    return following[:1].isalpha()


def _dot_ends(text: str, dot: int, after: int, rules: SentenceSettings, language: str) -> bool:
    """Say whether a single full stop ends a sentence, from the words on both sides of it."""
    found = _LAST_WORDS.search(text[max(0, dot - _LOOK_BACK) : dot])
    previous, word = (found[1] or "", found[2]) if found else ("", "")
    begins_line = dot - len(word) == 0 or text[dot - len(word) - 1] in "\n\r"
    if begins_line and _BULLET.match(word):
        return False
    lower = text[after].islower()
    is_number = text[after].isdigit() or PLACEHOLDER.match(text, after) is not None
    known = rules.abbreviations[language]
    key = word.lower()
    if key in known.never_final:
        return False
    if key in known.before_number and is_number:
        return False
    if key in known.before_lower_case or _DOTTED_LETTERS.fullmatch(key):
        return not lower and not is_number
    if lower and key.lstrip("0123456789.,") in known.units:
        return not (any(c.isdigit() for c in previous) or key[0].isdigit())
    return not _is_letter_or_ordinal(word, lower, language in rules.ordinal_languages)


def _is_letter_or_ordinal(word: str, lower: bool, has_ordinals: bool) -> bool:
    """Say whether a word before a full stop is an initial («J. Hansen») or «3.» in «3. mai»."""
    if len(word) == 1 and word.isalpha():
        # «I» is a whole word in English (I) and Danish (you).
        return lower or (word.isupper() and word != "I")
    return lower and has_ordinals and len(word) <= 2 and word.isdigit()


def _spans_between(text: str, cuts: list[int]) -> list[tuple[int, int]]:
    """Return the trimmed stretches between cuts; one of bare marks goes to its neighbour."""
    spans: list[tuple[int, int]] = []
    is_bare = False
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        piece = text[start:end]
        content = piece.strip()
        if not content:
            continue
        first = start + len(piece) - len(piece.lstrip())
        last = first + len(content)
        has_words = any(c.isalnum() for c in content)
        if spans and (is_bare or not has_words):
            spans[-1] = (spans[-1][0], last)
            is_bare = is_bare and not has_words
        else:
            spans.append((first, last))
            is_bare = not has_words
    return spans
