"""The words of the desk in six languages.

`languages/<part>.<language>.yaml` holds the words of one part; `queue.title` is the text `title` of
the part `queue`. Labels, numbers and dates are those of the report. A text that depends on a number
has one form for each plural category, as there.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import yaml

from convqa.report.wording import Wording, load_wording
from convqa.schema import LANGUAGES

LANGUAGE_FILES = Path(__file__).parent / "languages"
# Named by themselves, so that everyone finds the own one.
LANGUAGE_NAMES: Mapping[str, str] = {
    "en": "English", "nb": "Norsk bokmål", "da": "Dansk", "sv": "Svenska", "pl": "Polski",
    "ro": "Română",
}  # fmt: skip
_ALIASES = {"no": "nb", "nn": "nb", "mo": "ro"}


@cache
def load_words(language: str) -> Wording:
    """Return all words of the desk in one of the six languages."""
    text: dict[str, str | Mapping[str, str]] = {}
    for path in sorted(LANGUAGE_FILES.glob(f"*.{language}.yaml")):
        part = path.name.split(".")[0]
        words: Mapping[str, str | Mapping[str, str]] = yaml.safe_load(
            path.read_text(encoding="utf-8")
        )
        text.update({f"{part}.{key}": value for key, value in words.items()})
    return replace(load_wording(language), text=text)


def negotiate(chosen: str | None, accepted: str) -> str:
    """Return the language to speak: as chosen, else the best of `Accept-Language`, else English."""
    if chosen in LANGUAGES:
        return str(chosen)
    offers = []
    for place, offer in enumerate(accepted.split(",")):
        tag, _, quality = offer.partition(";")
        primary = tag.strip().lower().split("-")[0]
        language = _ALIASES.get(primary, primary)
        if language in LANGUAGES:
            offers.append((-_quality(quality), place, language))
    return min(offers)[2] if offers and min(offers)[0] < 0 else "en"


def _quality(parameter: str) -> float:
    """Return the weight in `q=0.8`, 1 without, 0 where it is no number."""
    name, _, value = parameter.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0
