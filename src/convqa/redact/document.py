"""What detectors read: the folded text of one speaker, its runs of digits, and their context."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from convqa.redact.fold import fold
from convqa.redact.numerals import TOKEN, WORD, Atom
from convqa.redact.placeholders import PLACEHOLDER_PATTERN, Kind
from convqa.redact.runs import Run, has_spoken_number, read_runs
from convqa.redact.vocabulary import Topic, Vocabulary, vocabulary

_CLAUSE_END = re.compile(r"[\n,.;:!?]")
# Not the full stop of "tlf." or "nr.": it ends a word of at least four letters.
_SENTENCE_END = re.compile(r"(?<=[a-z]{4})\.\s|[!?\n]+")
# How far a word may stand from a number and still say what it is, in words: one clause. Chosen
# while reading the digit-bearing turns of 288 conversations in six languages.
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
class Document:
    """Turns of one speaker that may hold parts of one number, folded and joined by line breaks.

    `turn_starts[i]` is the offset of turn i and `questions[i]` the folded text that the other party
    said just before it. `atoms` are those of all runs, in order.
    """

    text: str
    turn_starts: tuple[int, ...]
    questions: tuple[str, ...]
    runs: tuple[Run, ...]
    atoms: tuple[Atom, ...]
    words: Vocabulary

    def topics(self, start: int, end: int) -> frozenset[Topic]:
        """Return what the words around `[start, end)` say that the number is.

        The nearest word before it in the same sentence decides, then the nearest after it in the
        same clause, then the nearest in an earlier sentence of the turn, then all words of the
        other party's question that are no part of longer ones («series» in «series and number»). A
        reference speaks only of numbers in its own sentence.
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
        hits = self._hits(self.questions[turn])
        return frozenset(
            topic
            for start, end, topic in hits
            if not any(s <= start and end <= e and e - s > end - start for s, e, _ in hits)
        )

    def atoms_in(self, start: int, end: int) -> list[Atom]:
        """Return the atoms that lie within `[start, end)`, in order."""
        first = bisect_left(self.atoms, start, key=attrgetter("start"))
        last = bisect_right(self.atoms, end, key=attrgetter("end"))
        return list(self.atoms[first:last])

    def _topic(self, text: str, *, is_last: bool) -> Topic | None:
        hits = self._hits(text)
        if not hits:
            return None
        # Of two that end together the longer says more: "bank account" is no customer's account.
        nearest = (
            max(hits, key=lambda hit: (hit[1], -hit[0]))
            if is_last
            else min(hits, key=lambda hit: (hit[0], -hit[1]))
        )
        return nearest[2]

    def _hits(self, text: str) -> list[tuple[int, int, Topic]]:
        return [
            (match.start(), match.end(), topic)
            for topic, pattern in self.words.topics.items()
            for match in pattern.finditer(text)
        ]


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
    runs = tuple(read_runs(text, words, language))
    return Document(
        text=text,
        turn_starts=tuple(starts),
        questions=tuple(mask_placeholders(fold(item))[-_MAX_CHARS:] for item in questions),
        runs=runs,
        atoms=tuple(atom for run in runs for atom in run.atoms),
        words=words,
    )


def mask_placeholders(folded: str) -> str:
    """Return the text with placeholders blanked, so that «[CARD]» does not speak of a card."""
    if "[" not in folded:
        return folded
    return _FOLDED_PLACEHOLDER.sub(lambda match: "\0" * len(match.group()), folded)


_FOLDED_PLACEHOLDER = re.compile(PLACEHOLDER_PATTERN.pattern, re.IGNORECASE)
_SIGNS = re.compile(r"[0-9@]|[(\[][a-z-]{1,12}[)\]] ?\w|[._][\w-]+ at \w")


def is_suspicious(folded: str, words: Vocabulary) -> bool:
    """Return whether a text has a digit, a mark of an address or three number words in a row."""
    if _SIGNS.search(folded) or words.spoken_address.search(folded):
        return True
    return has_spoken_number(TOKEN.findall(folded), words)


def _last_words(text: str) -> str:
    words = list(WORD.finditer(text))[-_WORDS_BEFORE:]
    return text[words[0].start() :] if words else ""


def _first_words(text: str) -> str:
    """Return the next words of the same clause: what follows a comma is about something else."""
    clause = _CLAUSE_END.split(text, maxsplit=1)[0]
    words = list(WORD.finditer(clause))[:_WORDS_AFTER]
    return clause[: words[-1].end()] if words else ""
