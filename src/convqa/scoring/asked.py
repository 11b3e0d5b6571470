"""What scoring with some standards never looks at, so that it need not be read from a run."""

from collections.abc import Iterable, Iterator, Mapping
from typing import get_args

from convqa.scoring.hold import QUESTION
from convqa.scoring.judge import ANNOUNCED, COUNTED_BY, TELLING
from convqa.scoring.view import Pair
from convqa.standard.criteria import (
    Criterion,
    HoldCriterion,
    ResolutionCriterion,
    TimingCriterion,
)
from convqa.standard.model import Standard, targets_of
from convqa.standard.terms import LABELS, SINGLE_LABEL_KINDS, Measure


def unasked_labels(standards: Iterable[Standard]) -> Mapping[str, tuple[str, ...]]:
    """Return by kind the labels and timing measures on which no outcome depends.

    Findings of unknown speakers count even so: they tell which turns a model has read.
    """
    asked = {pair for s in standards for c in s.criteria for pair in _asked_by(c)}
    unasked = {}
    for kind, labels in {**LABELS, "timing": get_args(Measure)}.items():
        wanted = [i for i, label in enumerate(labels) if (kind, label) in asked]
        # Of a turn's labels the first counts, so that one before a wanted label can hide it.
        first = max(wanted, default=-1) + 1 if kind in SINGLE_LABEL_KINDS else 0
        rest = tuple(x for i, x in enumerate(labels) if i >= first and i not in wanted)
        if rest:
            unasked[kind] = rest
    return unasked


def _asked_by(criterion: Criterion) -> Iterator[Pair]:
    """Yield the labels that a criterion names, and those that its kind looks at unnamed."""
    targets = [target for _, target in targets_of(criterion)]
    match criterion:
        case ResolutionCriterion():
            targets += TELLING.values()
        case HoldCriterion():
            targets.append(QUESTION)
            yield "timing", "silence_s"
        case TimingCriterion():
            targets.append(ANNOUNCED)
            yield "timing", criterion.measure
            if criterion.measure in COUNTED_BY:
                yield "timing", COUNTED_BY[criterion.measure]
    for target in targets:
        for labels in filter(None, (target, target.also, target.without)):
            yield from labels.pairs()
