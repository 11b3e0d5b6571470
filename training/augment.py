"""Imitate what speech recognisers and hurried typists do to a text; labels stay as they are."""

import random
import re
import unicodedata

_FILLERS = {
    "en": ("um", "uh", "er", "you know", "well", "so"),
    "nb": ("eh", "øh", "altså", "liksom", "ja", "sant"),
    "da": ("øh", "øhm", "altså", "jo", "ja", "ligesom"),
    "sv": ("eh", "öh", "alltså", "liksom", "ja", "typ"),
    "pl": ("yyy", "eee", "no", "znaczy", "wie pan", "tak"),
    "ro": ("ăă", "îî", "deci", "păi", "adică", "na"),
}
_PUNCTUATION = re.compile(r"[.,!?;:…\"„”«»()–—]+")
_FOLD = str.maketrans("łŁøØæÆđĐ", "lLoOaAdD")


def as_speech(text: str, language: str, rng: random.Random) -> str:
    """Return the text as a recogniser writes it: lower case, no punctuation, fillers, repeats."""
    words = _PUNCTUATION.sub(" ", text.lower()).split()
    spoken: list[str] = []
    for word in words:
        chance = rng.random()
        if chance < 0.04:
            spoken.append(rng.choice(_FILLERS[language]))
        elif chance < 0.06:
            spoken.append(word)
        elif chance < 0.075 and len(words) > 6:
            continue
        spoken.append(word)
    return " ".join(spoken)


def as_typed(text: str, language: str, rng: random.Random) -> str:
    """Return the text as typed in a hurry: lower case, no diacritics, slips of the finger."""
    if rng.random() < 0.5:
        text = text.lower()
    if rng.random() < 0.6 and language != "en":
        text = without_diacritics(text)
    if rng.random() < 0.3:
        text = _PUNCTUATION.sub("", text)
    letters = list(text)
    for _ in range(rng.randint(0, 1 + len(letters) // 40)):
        place = rng.randrange(max(1, len(letters) - 1))
        slip = rng.random()
        if slip < 0.4 and place + 1 < len(letters):
            letters[place], letters[place + 1] = letters[place + 1], letters[place]
        elif slip < 0.7 and len(letters) > 4:
            del letters[place]
        elif letters:
            letters.insert(place, letters[place])
    return "".join(letters)


def without_diacritics(text: str) -> str:
    """Return the text with plain letters: ł→l, ø→o, ă→a."""
    decomposed = unicodedata.normalize("NFD", text.translate(_FOLD))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def augment(text: str, language: str, channel: str, rng: random.Random) -> str:
    """Return a variant of the text that fits the channel."""
    if not text:
        return text
    spoken_share = 0.8 if channel == "call" else 0.3
    if rng.random() < spoken_share:
        return as_speech(text, language, rng)
    return as_typed(text, language, rng)
