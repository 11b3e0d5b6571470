"""What the formats of speech recognisers share: words with times, and turns rebuilt from words."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import fmean

from convqa.ingest.draft import DraftTurn, DraftWord, JsonValue
from convqa.ingest.fields import JsonObject, field_name, get_object, get_str, optional_list
from convqa.ingest.timeline import get_seconds, in_order

# The pause at which Deepgram cuts utterances by default (`utt_split`, vendor documentation).
PAUSE_S = 0.8


@dataclass(frozen=True, slots=True)
class WordFields:
    """The keys of a word; `text` lists them by preference, `per_second` is 1000 for ms."""

    text: tuple[str, ...]
    start: str
    end: str
    per_second: float = 1.0


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """One recognised word with the punctuation behind it; `speaker` also stands for a channel."""

    speaker: str | None
    text: str
    start_s: float
    end_s: float
    confidence: float | None = None


def read_words(value: JsonValue, key: str, fields: WordFields, *, at: str) -> tuple[DraftWord, ...]:
    """Return the words listed under a key; those without times are left out."""
    words = []
    for word_at, word in listed_objects(value, key, at=at):
        if word.get(fields.start) is None or word.get(fields.end) is None:
            continue
        words.append(
            DraftWord(
                _word_text(word, fields, at=word_at),
                get_seconds(word, fields.start, at=word_at, per_second=fields.per_second),
                get_seconds(word, fields.end, at=word_at, per_second=fields.per_second),
            )
        )
    return tuple(words)


def listed_objects(value: JsonValue, key: str, *, at: str) -> Iterator[tuple[str, JsonObject]]:
    """Yield the objects of the list under a key with their names; none where it is missing."""
    for index, item in enumerate(optional_list(value, key, at=at)):
        item_at = field_name(key, index, at=at)
        yield item_at, get_object(item, at=item_at)


def known_confidence(value: float | None) -> float | None:
    """Return a recogniser's confidence; 0, which stands for «unset» in several formats, is None."""
    return value or None


def rebuild_turns(words: Sequence[SpokenWord]) -> tuple[DraftTurn, ...]:
    """Return turns made of the words of a whole call, in any order, with or without speakers.

    A speaker's turn ends where somebody else says a whole word in between, and at a pause of
    `PAUSE_S`. So words spoken over somebody else's do not cut that turn into pieces.
    """
    ordered = sorted(words, key=lambda word: word.start_s)
    by_speaker = sorted(ordered, key=lambda word: (word.speaker is not None, word.speaker or ""))
    turns = []
    for _, group in groupby(by_speaker, key=lambda word: word.speaker):
        own = list(group)
        first = 0
        for index, (before, after) in enumerate(pairwise(own), start=1):
            if after.start_s - before.end_s >= PAUSE_S or _is_answered(before, after, ordered):
                turns.append(_turn(own[first:index]))
                first = index
        turns.append(_turn(own[first:]))
    return in_order(turns)


def _is_answered(before: SpokenWord, after: SpokenWord, ordered: Sequence[SpokenWord]) -> bool:
    position = bisect_left(ordered, before.end_s, key=lambda word: word.start_s)
    while position < len(ordered) and ordered[position].start_s < after.start_s:
        word = ordered[position]
        if word.speaker != before.speaker and word.end_s <= after.start_s:
            return True
        position += 1
    return False


def _turn(words: Sequence[SpokenWord]) -> DraftTurn:
    confidences = [word.confidence for word in words if word.confidence is not None]
    return DraftTurn(
        speaker=words[0].speaker,
        text=" ".join(word.text for word in words),
        start_s=words[0].start_s,
        end_s=max(word.end_s for word in words),
        speaker_id=words[0].speaker,
        confidence=round(fmean(confidences), 4) if confidences else None,
        words=tuple(DraftWord(word.text, word.start_s, word.end_s) for word in words),
    )


def _word_text(word: JsonObject, fields: WordFields, *, at: str) -> str:
    key = next((key for key in fields.text if word.get(key) is not None), fields.text[-1])
    return get_str(word, key, at=at).strip()
