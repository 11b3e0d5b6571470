"""From a text to the text with placeholders, with a map of the offsets."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from convqa.redact.cards import detect_cards
from convqa.redact.codes import detect_codes
from convqa.redact.document import Document, Match, read_document
from convqa.redact.emails import detect_emails
from convqa.redact.ibans import detect_ibans
from convqa.redact.identity import detect_identity_numbers
from convqa.redact.numbers import detect_numbers
from convqa.redact.numerals import Atom
from convqa.redact.papers import detect_papers
from convqa.redact.phones import detect_phones
from convqa.redact.placeholders import PLACEHOLDERS, Kind

# Where two overlap, the earlier detector wins: strongest evidence first.
_DETECTORS: tuple[Callable[[Document], list[Match]], ...] = (
    detect_emails,
    detect_ibans,
    detect_cards,
    detect_identity_numbers,
    detect_papers,
    detect_codes,
    detect_phones,
    detect_numbers,
)


@dataclass(frozen=True, slots=True)
class Replacement:
    """`[char_start, char_end)` of the original became `[new_start, new_end)`, a placeholder."""

    kind: Kind
    char_start: int
    char_end: int
    new_start: int
    new_end: int


@dataclass(frozen=True, slots=True)
class RedactedText:
    """A text with placeholders; `replacements` are in order and do not overlap."""

    text: str
    replacements: tuple[Replacement, ...] = ()

    def new_span(self, char_start: int, char_end: int) -> tuple[int, int]:
        """Return where characters `[char_start, char_end)` of the original are in `text`.

        What begins or ends inside a replacement begins or ends with its placeholder.
        """
        return self._new_offset(char_start, is_end=False), self._new_offset(char_end, is_end=True)

    def _new_offset(self, offset: int, *, is_end: bool) -> int:
        starts_at = attrgetter("char_start")
        index = bisect_right(self.replacements, offset - is_end, key=starts_at) - 1
        if index < 0:
            return offset
        item = self.replacements[index]
        if offset - is_end < item.char_end:
            return item.new_end if is_end else item.new_start
        return offset - item.char_end + item.new_end


def redact_text(text: str, language: str | None = None, *, question: str = "") -> RedactedText:
    """Return `text` with placeholders for personal data.

    Args:
        text: Any text.
        language: BCP 47 code, None if unknown. It only settles which language a spoken number is
            in where two are equally likely; all national rules apply in every language.
        question: What the other party said just before; says what a bare number is.
    """
    redacted = RedactedText(text)
    while True:
        (step,) = redact_once([redacted.text], [question], language)
        if not step.replacements:
            return redacted
        redacted = compose(redacted, step)


def redact_once(
    texts: Sequence[str], questions: Sequence[str], language: str | None
) -> list[RedactedText]:
    """Return each turn of one speaker with placeholders; numbers may be cut over the turns.

    What is left can read differently beside a placeholder, so this is repeated until nothing is
    found: redacting twice then changes nothing.
    """
    document = read_document(texts, questions, language)
    if document is None:
        return [RedactedText(text) for text in texts]
    matches = _by_turn(_find_matches(document), document.turn_starts)
    return [
        _replace(document, text, start, matches.get(number, ()))
        for number, (text, start) in enumerate(zip(texts, document.turn_starts, strict=True))
    ]


def compose(first: RedactedText, second: RedactedText) -> RedactedText:
    """Return both steps as one; `second` was made from `first.text` and leaves its placeholders."""
    spans = [(item.char_start, item.char_end, item.kind) for item in first.replacements]
    for item in second.replacements:
        shift = sum(
            old.char_end - old.char_start - (old.new_end - old.new_start)
            for old in first.replacements
            if old.new_end <= item.char_start
        )
        spans.append((item.char_start + shift, item.char_end + shift, item.kind))
    return RedactedText(second.text, _with_new_offsets(sorted(spans)))


def _by_turn(matches: Sequence[Match], turn_starts: Sequence[int]) -> dict[int, list[Match]]:
    """Return number of the turn → the matches that may touch it, in order."""
    touching: dict[int, list[Match]] = {}
    for match in matches:
        first = bisect_right(turn_starts, match.start) - 1
        last = bisect_right(turn_starts, match.end - 1) - 1
        for number in range(first, last + 1):
            touching.setdefault(number, []).append(match)
    return touching


def _find_matches(document: Document) -> list[Match]:
    found: list[Match] = []
    taken = bytearray(len(document.text))  # 1 where a character is in a match
    for detect in _DETECTORS:
        for match in sorted(detect(document), key=lambda item: (item.start, -item.end)):
            if not _overlaps(match, taken):
                parts = [match]
            else:
                parts = _left_over(document, match, taken) if match.kind == "NUMBER" else []
            for part in parts:
                taken[part.start : part.end] = b"\1" * (part.end - part.start)
            found += parts
    return sorted(found, key=lambda item: item.start)


def _overlaps(item: Match | Atom, taken: bytearray) -> bool:
    return taken.find(1, item.start, item.end) >= 0


def _left_over(document: Document, match: Match, taken: bytearray) -> list[Match]:
    """Return the parts of a dictated run beside the card or telephone number found in it."""
    parts: list[Match] = []
    is_joined = False
    for atom in document.atoms_in(match.start, match.end):
        if _overlaps(atom, taken):
            is_joined = False
        elif is_joined:
            parts[-1] = Match(match.kind, parts[-1].start, atom.end)
        else:
            parts.append(Match(match.kind, atom.start, atom.end))
            is_joined = True
    return parts


def _replace(document: Document, text: str, offset: int, matches: Sequence[Match]) -> RedactedText:
    """Return the turn that begins at `offset` of the document, with the matches that touch it."""
    spans = [
        (start - offset, end - offset, match.kind)
        for match in matches
        for start, end in _part_in_turn(document, match, offset, offset + len(text))
    ]
    pieces, position = [], 0
    for start, end, kind in spans:
        pieces += [text[position:start], PLACEHOLDERS[kind]]
        position = end
    return RedactedText("".join([*pieces, text[position:]]), _with_new_offsets(spans))


def _part_in_turn(
    document: Document, match: Match, turn_start: int, turn_end: int
) -> list[tuple[int, int]]:
    """Return the part of a match in one turn, from its first to its last number if it is cut."""
    if turn_start <= match.start and match.end <= turn_end:
        return [(match.start, match.end)]
    start, end = max(match.start, turn_start), min(match.end, turn_end)
    atoms = document.atoms_in(start, end) if start < end else []
    if not atoms:
        return []
    return [
        (
            start if start == match.start else atoms[0].start,
            end if end == match.end else atoms[-1].end,
        )
    ]


def _with_new_offsets(spans: Sequence[tuple[int, int, Kind]]) -> tuple[Replacement, ...]:
    replacements, shift = [], 0
    for start, end, kind in spans:
        new_start = start + shift
        new_end = new_start + len(PLACEHOLDERS[kind])
        replacements.append(Replacement(kind, start, end, new_start, new_end))
        shift = new_end - end
    return tuple(replacements)
