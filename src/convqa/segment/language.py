"""Which of the six languages a conversation is in, and a turn where it clearly differs.

Decided on the whole conversation: single turns of Bokmål are taken for Danish half of the time.
Neighbours of the six are told apart too, so that a German chat is seen as not supported instead of
being scored as Danish. Most turns show by their commonest words that they are in the language of
their conversation; the others are asked lingua about.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache

from lingua import IsoCode639_1, Language, LanguageDetector, LanguageDetectorBuilder

from convqa.schema import LANGUAGES, Conversation
from convqa.segment.settings import segment_settings
from convqa.text import PLACEHOLDER, stop_words

# BCP 47 codes that name no language.
_UNSPECIFIED = frozenset({"", "und", "mul", "mis", "zxx"})
_NORWEGIAN = "no"
_DECIMALS = 6
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


def conversation_language(conversation: Conversation) -> tuple[str | None, float]:
    """Return the language of a conversation, None where it is none of the six, and how sure it is.

    A language that the file states is believed (confidence 1.0), supported or not. Otherwise the
    words of agent, customer and unknown speakers decide; bots and notes may be in another language.

    Returns:
        One of `LANGUAGES` or None, and a confidence in [0, 1] that this is so; 0.0 where the text
        says nothing, as when it is made of numbers.
    """
    stated = (conversation.language or "").replace("_", "-").partition("-")[0].lower()
    if stated not in _UNSPECIFIED:
        stated = segment_settings().language.scored_as.get(stated, stated)
        stated = "nb" if stated == _NORWEGIAN else stated
        return (stated if stated in LANGUAGES else None), 1.0
    text = "\n".join(turn.text for turn in conversation.turns if turn.role != "other")
    return detect_language(text)


def detect_language(text: str) -> tuple[str | None, float]:
    """Return the likeliest of the six languages, or None and how sure that is.

    Short texts, of which the detector is less sure, get the benefit of the doubt: a language that
    is not scored must leave the six little, or the likeliest of them is taken.
    """
    settings = segment_settings().language
    words = PLACEHOLDER.sub(" ", text)
    confidences = _confidences(words, _all_codes())
    if not confidences:
        return None, 0.0
    best = max(confidences, key=confidences.__getitem__)
    if best in LANGUAGES:
        is_sure = confidences[best] >= settings.min_confidence
        return (best if is_sure else None), confidences[best]
    scored = max(LANGUAGES, key=lambda language: confidences.get(language, 0.0))
    if confidences.get(scored, 0.0) >= settings.min_scored_confidence:
        return scored, confidences[scored]
    return None, confidences[best]


def turn_language(text: str, language: str) -> str:
    """Return the language of a turn of a conversation in `language`.

    It differs only where the turn is long and the detector is as good as certain of another of the
    six; a turn in any other language keeps that of the conversation.
    """
    settings = segment_settings().language
    if len(text.split()) < settings.turn_min_words:
        return language
    words = PLACEHOLDER.sub(" ", text)
    if _is_plainly(language, words) or _may_be(
        language, words, beyond=1 - settings.turn_min_confidence
    ):
        return language
    confidences = _confidences(words, _all_codes())
    for other in LANGUAGES:
        if other != language and confidences.get(other, 0.0) >= settings.turn_min_confidence:
            return other
    return language


def _is_plainly(language: str, text: str) -> bool:
    """Say whether a text has clearly more stop words of a language than of any other of the six.

    That takes a fifth of the time of asking the detector about few languages.
    """
    words = _WORD.findall(text.lower().replace("’", "'"))
    languages_of = _languages_of_stop_words()
    n_of = Counter(code for word in words for code in languages_of.get(word, ()))
    n_other = max(n_of[code] for code in LANGUAGES if code != language)
    return n_of[language] - n_other >= segment_settings().language.turn_more_stop_words[language]


@cache
def _languages_of_stop_words() -> Mapping[str, Sequence[str]]:
    languages_of: dict[str, list[str]] = defaultdict(list)
    for code in LANGUAGES:
        for word in stop_words(code):
            languages_of[word].append(code)
    return dict(languages_of)


def _may_be(language: str, words: str, *, beyond: float) -> bool:
    """Say whether the six leave a language so much that none of the others can be certain.

    Further languages to choose from only lower the confidence in each; asking few of them takes a
    seventh of the time of asking all.
    """
    return _confidences(words, _scored_codes()).get(language, 0.0) > beyond


def _confidences(text: str, codes: tuple[str, ...]) -> Mapping[str, float]:
    """Return language → confidence, those that are scored as one language added up."""
    scored_as = segment_settings().language.scored_as
    confidences: dict[str, float] = defaultdict(float)
    for found in _detector(codes).compute_language_confidence_values(text):
        code = found.language.iso_code_639_1.name.lower()
        confidences[scored_as.get(code, code)] += found.value
    # A text without a letter of any language gets 0 for each of them.
    if not any(confidences.values()):
        return {}
    # The last digits of the detector differ from process to process (0.9999999999999999 and 1.0).
    return {code: round(value, _DECIMALS) for code, value in confidences.items()}


def _scored_codes() -> tuple[str, ...]:
    return (*LANGUAGES, *segment_settings().language.scored_as)


def _all_codes() -> tuple[str, ...]:
    return (*_scored_codes(), *segment_settings().language.other_languages)


@cache
def _detector(codes: tuple[str, ...]) -> LanguageDetector:
    languages = [Language.from_iso_code_639_1(IsoCode639_1.from_str(code)) for code in codes]
    builder = LanguageDetectorBuilder.from_languages(*languages)
    return builder.with_low_accuracy_mode().build()
