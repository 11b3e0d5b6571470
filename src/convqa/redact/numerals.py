"""Numbers in a text, written or spoken, as atoms: the digits and the characters they stand on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from convqa.redact.vocabulary import Numerals, Vocabulary

# "tohundre": no shorter word says hundreds.
MIN_JOINED = 8
WORD = re.compile(r"[^\W\d_]+")
TOKEN = re.compile(r"[0-9]+|[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Atom:
    """A written group of digits, or one number said in words, at `[start, end)`."""

    digits: str
    start: int
    end: int
    is_spoken: bool

    @property
    def is_dictated(self) -> bool:
        """Whether it was said in words or stands as a single digit."""
        return self.is_spoken or len(self.digits) == 1


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int


def written_atoms(text: str) -> list[Atom]:
    """Return the groups of digits in a folded text."""
    return [Atom(m.group(), m.start(), m.end(), False) for m in re.finditer(r"[0-9]+", text)]


def spoken_atoms(text: str, words: Vocabulary, language: str | None) -> list[Atom]:
    """Return written groups and spoken numbers of the language that accounts for most digits.

    Speakers keep to one language inside a number, and the same word differs between languages
    ("sex", "fire", "to"), so languages are never mixed. `language` wins a tie.
    """
    tokens = [_Token(m.group(), m.start(), m.end()) for m in TOKEN.finditer(text)]
    best: list[Atom] = []
    best_rank = (-1, False)
    for code, numerals in words.numerals.items():
        atoms = _read_atoms(text, tokens, numerals, words)
        rank = (sum(len(atom.digits) for atom in atoms), code == language)
        if rank > best_rank:
            best, best_rank = atoms, rank
    return best


def says_hundreds(word: str, words: Vocabulary) -> bool:
    """Return whether a folded word may say hundreds and more: `sjuhundratjugotre`."""
    return any(hundred in word for hundred in words.hundreds)


def _read_atoms(
    text: str, tokens: Sequence[_Token], numerals: Numerals, words: Vocabulary
) -> list[Atom]:
    atoms = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.text[0].isascii() and token.text[0].isdigit():
            atoms.append(Atom(token.text, token.start, token.end, False))
            index += 1
            continue
        if token.text not in words.number_words and (
            len(token.text) < MIN_JOINED or not says_hundreds(token.text, words)
        ):
            index += 1
            continue
        digits, used = _read_number(_phrase(text, tokens, index), numerals)
        if used:
            last = tokens[index + used - 1]
            atoms.append(Atom(digits, token.start, last.end, True))
        index += max(used, 1)
    return atoms


# The longest number is "two hundred and forty five": five words.
_MAX_NUMBER_WORDS = 5


def _phrase(text: str, tokens: Sequence[_Token], index: int) -> list[str]:
    """Return the words from `index` on that only blanks or hyphens separate."""
    words = [tokens[index].text]
    for left, right in pairwise(tokens[index : index + _MAX_NUMBER_WORDS]):
        if text[left.end : right.start].strip(" -'"):
            break
        words.append(right.text)
    return words


def _read_number(words: Sequence[str], numerals: Numerals) -> tuple[str, int]:
    """Return the digits that the first words say, and how many words say them: 0 if none do."""
    first = words[0]
    second = words[1] if len(words) > 1 else ""
    if first in numerals.repeats and second in numerals.units:
        return str(numerals.units[second]) * numerals.repeats[first], 2
    if first in numerals.hundreds:
        rest, used = _read_below_hundred(words[1:], numerals)
        return str(numerals.hundreds[first] + rest), 1 + used if rest else 1
    if numerals.units.get(first, 0) > 0 and second in numerals.hundred:
        skip = 3 if len(words) > 2 and words[2] in numerals.and_words else 2
        rest, used = _read_below_hundred(words[skip:], numerals)
        return str(numerals.units[first] * 100 + rest), skip + used if rest else 2
    value, used = _read_below_hundred(words, numerals)
    if not used and (value := _joined_hundreds(first, numerals)):
        used = 1
    return (str(value), used) if used else ("", 0)


def _joined_hundreds(word: str, numerals: Numerals) -> int:
    """Return what a word such as `sjuhundratjugotre` says, 0 if nothing."""
    for hundred in numerals.hundred:
        head, found, tail = word.partition(hundred)
        if not found:
            continue
        count = numerals.units.get(head, 0) or numerals.two_digits.get(head, 0)
        for joiner in ("", *numerals.and_words):
            rest, used = _read_below_hundred([tail.removeprefix(joiner)], numerals)
            if count and (used or not tail):
                return 100 * count + rest
    return 0


def _read_below_hundred(words: Sequence[str], numerals: Numerals) -> tuple[int, int]:
    if not words:
        return 0, 0
    first = words[0]
    second = words[1] if len(words) > 1 else ""
    third = words[2] if len(words) > 2 else ""
    if first in numerals.two_digits:
        return numerals.two_digits[first], 1
    if first in numerals.tens:
        if numerals.units.get(second, 0) > 0:
            return numerals.tens[first] + numerals.units[second], 2
        if not numerals.is_reversed and second in numerals.and_words and third in numerals.units:
            return numerals.tens[first] + numerals.units[third], 3
        return numerals.tens[first], 1
    if first in numerals.units:
        if numerals.is_reversed and second in numerals.and_words and third in numerals.tens:
            return numerals.units[first] + numerals.tens[third], 3
        return numerals.units[first], 1
    return 0, 0
