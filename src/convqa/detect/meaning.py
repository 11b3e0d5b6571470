"""Paraphrases of examples, found by the vectors of the segments: `meaning:` of a phrase rule.

A segment is meant where its vector is as near to an example's as the standard asks, and nearer than
to any counter-example (`unlike`). No model runs here: the vectors of segments are those of the run,
the vectors of the examples are given.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convqa.schema import Finding, Segment, SegmentedConversation
from convqa.standard import PhraseList, PhraseRule, Standard


@dataclass(frozen=True, slots=True)
class _Meant:
    """One rule: `examples` has a row of length 1 for each text, counter-examples last."""

    phrase_list: PhraseList
    rule: PhraseRule
    threshold: float
    examples: NDArray[np.float32]

    @property
    def label(self) -> str:
        return f"{self.phrase_list.id}.{self.rule.id}"


@dataclass(frozen=True, slots=True)
class CompiledMeanings:
    """The rules with examples, by language."""

    languages: Mapping[str, tuple[_Meant, ...]]


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near a conversation comes to a rule: the likeness of its nearest segment, in [0, 1].

    `threshold` is the likeness that it takes; `is_unlike` says that a counter-example is nearer
    still, so that the segment does not count.
    """

    label: str
    segment: Segment
    likeness: float
    threshold: float
    is_unlike: bool


def meaning_texts(standard: Standard) -> list[str]:
    """Return all examples and counter-examples of a standard, each once, in order."""
    return list(
        dict.fromkeys(
            text
            for phrase_list in standard.all_phrase_lists
            for rule in phrase_list.phrases
            for text in (*rule.meaning, *rule.unlike)
        )
    )


def compile_meanings(standard: Standard, vectors: Mapping[str, bytes]) -> CompiledMeanings:
    """Return the rules with examples, ready to match.

    Args:
        standard: The standard.
        vectors: The quantised vector of each example, one signed byte a dimension. Rules without
            vectors are left out: nothing can be said about them.
    """
    languages: dict[str, list[_Meant]] = defaultdict(list)
    for phrase_list in standard.all_phrase_lists:
        for rule in phrase_list.phrases:
            texts = (*rule.meaning, *rule.unlike)
            if rule.meaning and all(text in vectors for text in texts):
                rows = np.stack([np.frombuffer(vectors[text], dtype=np.int8) for text in texts])
                own = rule.threshold
                threshold = standard.confidence.meaning if own is None else own
                meant = _Meant(phrase_list, rule, threshold, _unit(rows))
                languages[phrase_list.language].append(meant)
    return CompiledMeanings({x: tuple(rules) for x, rules in languages.items()})


def detect_meanings(
    segmented: SegmentedConversation, vectors: Sequence[bytes], meanings: CompiledMeanings
) -> Iterator[Finding]:
    """Yield a finding for each rule that a segment means, by segment, then in the order of rules.

    Args:
        segmented: The conversation.
        vectors: The quantised vector of each segment; none where the models did not run.
        meanings: The rules.

    `detail` tells list, rule, likeness in [0, 1] and the nearest example.
    """
    for meant, segment, likeness in _compared(segmented, vectors, meanings):
        yield from _found(meant, segment, likeness)


def nearest_meanings(
    segmented: SegmentedConversation, vectors: Sequence[bytes], meanings: CompiledMeanings
) -> list[Nearness]:
    """Return how near a conversation comes to each rule, found or not; as `detect_meanings`."""
    nearest: dict[str, Nearness] = {}
    for meant, segment, likeness in _compared(segmented, vectors, meanings):
        label, n = meant.label, len(meant.rule.meaning)
        best = float(likeness[:n].max())
        if label not in nearest or best > nearest[label].likeness:
            is_unlike = bool((likeness[n:] > best).any())
            nearest[label] = Nearness(label, segment, best, meant.threshold, is_unlike)
    return list(nearest.values())


def _compared(
    segmented: SegmentedConversation, vectors: Sequence[bytes], meanings: CompiledMeanings
) -> Iterator[tuple[_Meant, Segment, NDArray[np.float32]]]:
    """Yield the likeness of each segment to the examples of each rule that is for it."""
    if not meanings.languages or not vectors or len(vectors) != len(segmented.segments):
        return
    rows = _unit(np.stack([np.frombuffer(v, dtype=np.int8) for v in vectors]))
    for segment, row in zip(segmented.segments, rows, strict=True):
        for meant in meanings.languages.get(segment.language, ()):
            if _is_for(meant.phrase_list.role, segment):
                yield meant, segment, meant.examples @ row


def _found(meant: _Meant, segment: Segment, likeness: NDArray[np.float32]) -> Iterator[Finding]:
    best = int(likeness.argmax())
    if best >= len(meant.rule.meaning) or likeness[best] < meant.threshold:
        return
    forbidden, name = meant.phrase_list.forbidden, meant.label
    example = meant.rule.meaning[best]
    yield Finding(
        kind="phrase" if forbidden is None else "forbidden",
        label=forbidden or name,
        source="phrase",
        spans=segment.spans,
        segment=segment.index,
        detail=f"{name}: meaning {likeness[best]:.2f} «{example}»",
    )


def _is_for(wanted: str, segment: Segment) -> bool:
    return wanted != "other" and segment.role in (wanted, "unknown")


def _unit(rows: NDArray[np.int8]) -> NDArray[np.float32]:
    """Return rows of length 1; a row of zeros stays one."""
    wide = rows.astype(np.float32)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    unit: NDArray[np.float32] = wide / np.maximum(lengths, np.float32(1e-9))
    return unit
