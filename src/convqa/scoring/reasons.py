"""Why an outcome is what it is: an English sentence that can be said in all six languages.

A result stores the English sentence only. `translate_reason` finds the template it was made from,
so that stored results can be shown in any language; what it does not know it leaves as it is.
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from convqa.scoring.reason_texts import TEMPLATES
from convqa.scoring.terms import TERMS

SEPARATOR = " / "
# Of a phrase list, a head or a criterion of one's own; no number, and no sentence of an example.
_ID = re.compile(r"[a-z][a-z0-9_.]*")


class Reason:
    """A template and its values; `text` is the English sentence."""

    __slots__ = ("args", "key")

    def __init__(self, key: str, **args: str | float) -> None:
        self.key = key
        self.args = {name: str(value) for name, value in args.items()}

    @property
    def text(self) -> str:
        """The reason in English."""
        return reason_text(self.key, self.args, "en")


def joined(labels: Iterable[str]) -> str:
    """Return labels as one value of a reason."""
    return SEPARATOR.join(labels)


def reason_text(key: str, args: dict[str, str], language: str) -> str:
    """Return a reason in a language; labels among the values are named in it too.

    Args:
        key: A key of the templates.
        args: Values by name; several labels are parted by `SEPARATOR`.
        language: One of the six; any other gives English.
    """
    return _filled_in(key, tuple(args.items()), language)


@lru_cache(maxsize=10_000)  # most criteria have the same reason in most conversations
def _filled_in(key: str, args: tuple[tuple[str, str], ...], language: str) -> str:
    templates = TEMPLATES.get(language, TEMPLATES["en"])
    named = {name: _named(value, language) for name, value in args}
    return templates[key].format(**named)


def parse_reason(reason: str) -> tuple[str, dict[str, str]] | None:
    """Return the key and values an English reason was made from, None if it is no template's."""
    for key, pattern in _patterns():
        match = pattern.fullmatch(reason)
        if match:
            return key, {name: _ids(value) for name, value in match.groupdict().items()}
    return None


def translate_reason(reason: str, language: str) -> str:
    """Return a stored English reason in a language, unchanged where it is unknown."""
    parsed = parse_reason(reason) if language in TEMPLATES else None
    return reason if parsed is None else reason_text(*parsed, language)


def label_name(label: str, language: str) -> str:
    """Return what a label, measure or resolution is called in a language, else the label."""
    return TERMS.get(label, {}).get(language, label)


def label_words(label: str, language: str) -> str:
    """Return what a label is called in a sentence: an id of one's own with spaces for `_`."""
    name = label_name(label, language)
    return name.replace("_", " ") if _ID.fullmatch(name) else name


@lru_cache(4096)  # labels, and numbers that come again
def _named(value: str, language: str) -> str:
    return SEPARATOR.join(label_words(part, language) for part in value.split(SEPARATOR))


def _ids(value: str) -> str:
    ids = _english()
    return SEPARATOR.join(ids.get(part, part) for part in value.split(SEPARATOR))


@cache
def _english() -> dict[str, str]:
    return {names["en"]: label for label, names in TERMS.items()}


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the English templates as patterns, those with most fixed text first."""
    by_length = sorted(TEMPLATES["en"].items(), key=lambda item: -len(item[1]))
    return tuple((key, re.compile(_pattern(template))) for key, template in by_length)


def _pattern(template: str) -> str:
    parts = re.split(r"\{(\w+)\}", template)
    return "".join(
        re.escape(part) if i % 2 == 0 else f"(?P<{part}>.+?)" for i, part in enumerate(parts)
    )
