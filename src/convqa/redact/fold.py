"""Text made comparable without moving a character.

Every character becomes exactly one: digits of any script become ASCII, letters lose case and
accents, all spaces and dashes become one kind. Offsets found in folded text are offsets of the
original.
"""

import unicodedata

# Invisible inside numbers copied from web pages: soft hyphen, zero-width characters, direction
# marks (all of category Cf), and the two marks that make a digit an emoji keycap.
_KEYCAP_MARKS = "\ufe0f\u20e3"
_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ı": "i"}


class _FoldTable(dict[int, str]):
    """Maps a code point to its folded character, computed when first met."""

    def __missing__(self, code_point: int) -> str:
        folded = _fold_character(chr(code_point))
        self[code_point] = folded
        return folded


_TABLE = _FoldTable()


def fold(text: str) -> str:
    """Return `text` folded for matching; the result has the same length."""
    return text.translate(_TABLE)


def _fold_character(char: str) -> str:
    category = unicodedata.category(char)
    if char in "\n\r\v\f\u2028\u2029":
        return "\n"
    if category in ("Zs", "Cf") or char == "\t" or char in _KEYCAP_MARKS:
        return " "
    if category == "Pd" or char == "\u2212":
        return "-"
    decimal = unicodedata.decimal(char, None)
    if decimal is not None:
        return str(int(decimal))
    base = unicodedata.normalize("NFKD", char)[:1].lower()
    if len(base) != 1 or base.isdigit():  # superscripts are no part of a number
        return char
    return _LETTERS.get(base, base)
