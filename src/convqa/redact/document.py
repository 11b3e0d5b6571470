"""What detectors read: the folded text of one speaker, its runs of digits, and their context."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from convqa.redact.fold import fold
from convqa.redact.numerals import TOKEN, WORD, Atom, spoken_atoms, written_atoms
from convqa.redact.placeholders import PLACEHOLDER_PATTERN, Kind
from convqa.redact.protected import protected_spans
from convqa.redact.vocabulary import Topic, Vocabulary, vocabulary

# Between two groups of one number as people and systems write it.
_TIGHT_GAP = re.compile(r" {0,3}|[-./+]| - |\)[ -]?| \(")
# Between two groups that are dictated one after the other.
_LOOSE_GAP = re.compile(r"[\s,;.\-/…()]{0,8}")
_CLAUSE_END = re.compile(r"[\n,.;:!?]")
# Not the full stop of "tlf." or "nr.": it ends a word of at least four letters.
_SENTENCE_END = re.compile(r"(?<=[a-z]{4})\.\s|[!?\n]+")
_DECIMAL_COMMA = re.compile(r",")
# "fire fem eh ja seks": more words than this between two numbers say something of their own.
_MAX_FILLERS = 3
# Spoken atoms count only in company: "to" and "one" are everyday words.
_MIN_SPOKEN = 3
# How far a word may stand from a number and still say what it is, in words. Measured on the
# digit-bearing turns of 288 conversations in six languages: longer windows reach the next subject.
_WORDS_BEFORE = 6
_WORDS_AFTER = 4
# No question and no six words are longer; keeps long turns linear.
_MAX_CHARS = 300


@dataclass(frozen=True, slots=True)
class Match:
    """Personal data at `[start, end)` of a document."""

    kind: Kind
    start: int
    end: int


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


@dataclass(frozen=True, slots=True)
class Document:
    """Turns of one speaker that may hold parts of one number, folded and joined by line breaks.

    `turn_starts[i]` is the offset of turn i and `questions[i]` the folded text that the other party
    said just before it.
    """

    text: str
    turn_starts: tuple[int, ...]
    questions: tuple[str, ...]
    runs: tuple[Run, ...]
    words: Vocabulary

    def topics(self, start: int, end: int) -> frozenset[Topic]:
        """Return what the words around `[start, end)` say that the number is.

        The nearest word before it in the same sentence decides, then the nearest after it in the
        same clause, then the nearest in an earlier sentence of the turn, then all words of the
        other party's question. A reference speaks only of numbers in its own sentence.
        """
        turn = bisect_right(self.turn_starts, start) - 1
        before = _last_words(self.text[max(self.turn_starts[turn], start - _MAX_CHARS) : start])
        sentence = _SENTENCE_END.split(before)[-1]
        topic = self._topic(sentence, is_last=True)
        if topic is None:
            topic = self._topic(_first_words(self.text[end : end + _MAX_CHARS]), is_last=False)
        if topic is None:
            earlier = self._topic(before, is_last=True)
            topic = earlier if earlier != "reference" else None
        if topic is not None:
            return frozenset([topic])
        question = self.questions[turn]
        return frozenset(t for t, pattern in self.words.topics.items() if pattern.search(question))

    def atoms_in(self, start: int, end: int) -> list[Atom]:
        """Return the atoms that lie within `[start, end)`, in order."""
        return [
            atom
            for run in self.runs
            for atom in run.atoms
            if start <= atom.start and atom.end <= end
        ]

    def _topic(self, text: str, *, is_last: bool) -> Topic | None:
        hits = [
            (match.start(), topic)
            for topic, pattern in self.words.topics.items()
            for match in pattern.finditer(text)
        ]
        if not hits:
            return None
        return max(hits)[1] if is_last else min(hits)[1]


def read_document(
    texts: Sequence[str], questions: Sequence[str], language: str | None
) -> Document | None:
    """Return the document of consecutive turns, or None where none can hold personal data.

    Args:
        texts: The turns of one speaker.
        questions: For each turn, what the other party said before it.
        language: Of the conversation, None if unknown; number words of all languages are read.
    """
    words = vocabulary()
    text = mask_placeholders(fold("\n".join(texts)))
    if not is_suspicious(text, words):
        return None
    starts, position = [], 0
    for turn in texts:
        starts.append(position)
        position += len(turn) + 1
    return Document(
        text=text,
        turn_starts=tuple(starts),
        questions=tuple(fold(question[-_MAX_CHARS:]) for question in questions),
        runs=tuple(_read_runs(text, words, language)),
        words=words,
    )


def mask_placeholders(folded: str) -> str:
    """Return the text with placeholders blanked, so that «[CARD]» does not speak of a card."""
    if "[" not in folded:
        return folded
    return _FOLDED_PLACEHOLDER.sub(lambda match: "\0" * len(match.group()), folded)


_FOLDED_PLACEHOLDER = re.compile(PLACEHOLDER_PATTERN.pattern, re.IGNORECASE)
_SIGNS = re.compile(r"[0-9@]|[(\[]at[)\]]")


def is_suspicious(folded: str, words: Vocabulary) -> bool:
    """Return whether a text has a digit, an @, an e-mail word or three number words in a row."""
    if _SIGNS.search(folded):
        return True
    tokens = TOKEN.findall(folded)
    return not words.email_words.isdisjoint(tokens) or _has_spoken(tokens, words)


def _has_spoken(tokens: Sequence[str], words: Vocabulary) -> bool:
    """Return whether there are three number words or single digits in a row."""
    number_words, fillers = words.number_words, words.fillers
    streak = 0
    for token in tokens:
        if token in number_words or (len(token) == 1 and token.isdigit()):
            streak += 1
            if streak == _MIN_SPOKEN:
                return True
        elif token not in fillers:
            streak = 0
    return False


def _read_runs(text: str, words: Vocabulary, language: str | None) -> list[Run]:
    protected = protected_spans(text, words)
    runs = _join(text, written_atoms(text), words)
    if _has_spoken(TOKEN.findall(text), words):
        runs = [
            run
            for mixed in _join(text, spoken_atoms(text, words, language), words)
            for run in _company(text, mixed, words)
        ]
    return [part for run in runs for part in _without(run, protected)]


def _company(text: str, run: Run, words: Vocabulary) -> list[Run]:
    """Return the run, or its written parts where too few of its numbers are dictated."""
    if sum(atom.is_dictated for atom in run.atoms) >= _MIN_SPOKEN:
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


def _without(run: Run, protected: Sequence[tuple[int, int]]) -> list[Run]:
    """Return the parts of a run whose atoms lie outside dates, times, amounts and addresses."""
    parts, first = [], 0
    for index in range(len(run.atoms) + 1):
        is_edge = index == len(run.atoms) or any(
            start < run.atoms[index].end and run.atoms[index].start < end
            for start, end in protected
        )
        if is_edge:
            if index > first:
                parts.append(run.part(first, index))
            first = index + 1
    return parts


def _last_words(text: str) -> str:
    words = list(WORD.finditer(text))[-_WORDS_BEFORE:]
    return text[words[0].start() :] if words else ""


def _first_words(text: str) -> str:
    """Return the next words of the same clause: what follows a comma is about something else."""
    clause = _CLAUSE_END.split(text, maxsplit=1)[0]
    words = list(WORD.finditer(clause))[:_WORDS_AFTER]
    return clause[: words[-1].end()] if words else ""
