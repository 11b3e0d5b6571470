"""Atoms that follow one another: everything that could be one number, in any part of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from convqa.redact.numerals import (
    MIN_JOINED,
    TOKEN,
    WORD,
    Atom,
    says_hundreds,
    spoken_atoms,
    written_atoms,
)
from convqa.redact.protected import protected_spans
from convqa.redact.vocabulary import Vocabulary

# Between two groups of one number as people and systems write it.
_TIGHT_GAP = re.compile(r" {0,3}|[-./+]| - |\)[ -]?| \(")
# Between two groups that are dictated one after the other.
_LOOSE_GAP = re.compile(r"[\s,;.\-/…()]{0,8}")
_DECIMAL_COMMA = re.compile(r",")
# "fire fem eh ja seks": more words than this between two numbers say something of their own.
_MAX_FILLERS = 3
# Spoken atoms count only in company: "to" and "one" are everyday words. "Forty eight twenty one" is
# company enough.
_MIN_SPOKEN = 3
_MIN_SPOKEN_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive atoms that could be one number.

    `is_tight[i]` says that atoms i and i+1 stand as groups of one written number.
    """

    atoms: tuple[Atom, ...]
    is_tight: tuple[bool, ...]

    @property
    def digits(self) -> str:
        """All digits in order."""
        return "".join(atom.digits for atom in self.atoms)

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of digits in each atom."""
        return tuple(len(atom.digits) for atom in self.atoms)

    @property
    def start(self) -> int:
        """Offset of the first digit."""
        return self.atoms[0].start

    @property
    def end(self) -> int:
        """Offset after the last digit."""
        return self.atoms[-1].end

    @property
    def is_dictated(self) -> bool:
        """Whether at least half of the digits are spoken or stand alone."""
        dictated = sum(len(atom.digits) for atom in self.atoms if atom.is_dictated)
        return 2 * dictated >= len(self.digits)

    def part(self, first: int, last: int) -> "Run":
        """Return atoms `[first, last)` as a run."""
        return Run(self.atoms[first:last], self.is_tight[first : last - 1])

    def tight_parts(self) -> list["Run"]:
        """Return the run cut where its atoms do not stand as groups of one written number."""
        cuts = [i + 1 for i, is_tight in enumerate(self.is_tight) if not is_tight]
        edges = [0, *cuts, len(self.atoms)]
        return [self.part(first, last) for first, last in pairwise(edges)]

    def windows(self, min_digits: int, max_digits: int) -> list["Run"]:
        """Return the parts of whole atoms with that many digits, leftmost first, longest first."""
        found = []
        for first in range(len(self.atoms)):
            n_digits, lasts = 0, []
            for last in range(first, len(self.atoms)):
                n_digits += len(self.atoms[last].digits)
                if n_digits > max_digits:
                    break
                if n_digits >= min_digits:
                    lasts.append(last + 1)
            found += [self.part(first, last) for last in reversed(lasts)]
        return found


def has_spoken_number(tokens: Sequence[str], words: Vocabulary) -> bool:
    """Return whether there may be a spoken number: two number words in a row, or single digits."""
    number_words, fillers = words.number_words, words.fillers
    streak = 0
    for token in tokens:
        if (
            token in number_words
            or (len(token) == 1 and token.isdigit())
            or (len(token) >= MIN_JOINED and says_hundreds(token, words))
        ):
            streak += 1
            if streak == 2:
                return True
        elif token not in fillers:
            streak = 0
    return False


def read_runs(text: str, words: Vocabulary, language: str | None) -> list[Run]:
    protected = bytearray(len(text))  # 1 where a character is in a protected span
    for start, end in protected_spans(text, words):
        protected[start:end] = b"\1" * (end - start)
    runs = _join(text, written_atoms(text), words)
    if has_spoken_number(TOKEN.findall(text), words):
        runs = [
            run
            for mixed in _join(text, spoken_atoms(text, words, language), words)
            for run in _company(text, mixed, words)
        ]
    return [part for run in runs for part in _without(run, protected)]


def _company(text: str, run: Run, words: Vocabulary) -> list[Run]:
    """Return the run, or its written parts where too few of its numbers are dictated."""
    dictated = [atom for atom in run.atoms if atom.is_dictated]
    n_digits = sum(len(atom.digits) for atom in dictated)
    if len(dictated) >= _MIN_SPOKEN or (len(dictated) > 1 and n_digits >= _MIN_SPOKEN_DIGITS):
        return [run]
    return _join(text, [atom for atom in run.atoms if not atom.is_spoken], words)


def _join(text: str, atoms: Sequence[Atom], words: Vocabulary) -> list[Run]:
    runs = []
    first = 0
    is_tight: list[bool] = []
    for index in range(1, len(atoms) + 1):
        follows = index < len(atoms) and _follows(text, atoms[index - 1], atoms[index], words)
        if follows:
            is_tight.append(_is_tight(text, atoms[index - 1], atoms[index]))
        elif atoms:
            runs.append(Run(tuple(atoms[first:index]), tuple(is_tight)))
            first, is_tight = index, []
    return runs


def _is_tight(text: str, left: Atom, right: Atom) -> bool:
    return _TIGHT_GAP.fullmatch(text, left.end, right.start) is not None


def _follows(text: str, left: Atom, right: Atom, words: Vocabulary) -> bool:
    gap = text[left.end : right.start]
    if _TIGHT_GAP.fullmatch(gap):
        return True
    if _DECIMAL_COMMA.fullmatch(gap):
        return left.is_dictated and right.is_dictated
    if _LOOSE_GAP.fullmatch(gap):
        return True
    if not (left.is_dictated or right.is_dictated or "\n" in gap):
        return False
    between = WORD.findall(gap)
    return (
        0 < len(between) <= _MAX_FILLERS
        and words.fillers.issuperset(between)
        and _LOOSE_GAP.fullmatch(WORD.sub("", gap)) is not None
    )


def _without(run: Run, protected: bytearray) -> list[Run]:
    """Return the parts of a run whose atoms lie outside dates, times, amounts and addresses."""
    parts, first = [], 0
    for index in range(len(run.atoms) + 1):
        is_edge = (
            index == len(run.atoms)
            or protected.find(1, run.atoms[index].start, run.atoms[index].end) >= 0
        )
        if is_edge:
            if index > first:
                parts.append(run.part(first, index))
            first = index + 1
    return parts
