"""Correct a built-in head by people's labels, starting from what it knows.

The hidden layer stays; the outputs of one task are moved by a fit that is drawn to no change, as
strongly as held-out conversations ask for. Labels that the file says nothing about do not move.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import NDArray

from convqa.encoder import Bundle, Encoder
from convqa.encoder.bundle import HEADS
from convqa.encoder.heads import Float, SegmentHead, decide, likeliest, probabilities
from convqa.encoder.manifest import Columns, Head, Output
from convqa.errors import ModelBundleError
from convqa.heads.checks import doubts
from convqa.heads.curve import learning_curve
from convqa.heads.decisions import Rule, with_precision
from convqa.heads.figures import Bool, Figure, f1_of, figures_of, interval_of_gain
from convqa.heads.fit import CrossValidation, Fit, Problem, fit_linear, judge
from convqa.heads.inputs import Scaled, hidden_inputs, row_groups, row_vectors
from convqa.heads.labels import LabelFile
from convqa.heads.results import HeadReport, Refit
from convqa.heads.train import Question, Trained, missed_precision

# Measured on the politeness of held-out segments with 50 rows: at 3, even a file of nothing but the
# head's errors costs 0.007 of macro-F1 on other segments; at 0.1 it costs 0.33.
_STRENGTHS = (inf, 100.0, 30.0, 10.0, 3.0)
# A label of several that may hold is moved only by so many rows with it and so many without.
_LEAST_MOVED = 5
# A sum of whole numbers below this is exact; a hidden value is below 2**20.
_EXACT = 2.0**53
_HIDDEN_MAX = 2.0**20


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task stands: its head, its output, and its columns among all of the head."""

    head: SegmentHead
    output: Output
    columns: slice


def place_of(head: SegmentHead, task: str) -> Place | None:
    """Return where a task stands in a head, None if the head has no such task."""
    start = 0
    for output in head.outputs:
        end = start + len(output.labels)
        if output.task == task:
            return Place(head, output, slice(start, end))
        start = end
    return None


def correct_head(
    labels: LabelFile, question: Question, place: Place, bundle: Bundle, encoder: Encoder
) -> Trained:
    """Fit a correction of a built-in head and judge it beside the head as it is.

    Raises:
        ConfigError: The rows cannot be parted into folds.
    """
    vectors = row_vectors(labels.rows, encoder)
    inputs = hidden_inputs(vectors, place.head)
    output, target = place.output, question.target
    raw = place.head.logits(vectors.text, vectors.context)[:, place.columns]
    problem = Problem(
        features=inputs.features, offsets=raw * np.array(output.scale) + np.array(output.bias),
        target=target, groups=row_groups(labels.rows),
        is_softmax=output.activation == "softmax", strengths=_STRENGTHS, is_correction=True,
        movable=_movable(target),
    )  # fmt: skip
    found, strength = judge(problem)
    rule = _rule(output, found, question)
    report = _report(labels, question, problem, found, strength, rule)
    fit = fit_linear(problem, strength)
    changed = output.model_copy(update={"thresholds": rule.columns.thresholds})
    return Trained(
        report=report,
        heads=tuple(_with_output(head, changed, labels.role) for head in bundle.manifest.heads),
        custom_heads=bundle.manifest.custom_heads,
        tensors=_moved(bundle, labels.role, place, fit, inputs),
    )


def _movable(target: Float) -> Bool:
    """Return which labels there are rows enough for, with and without."""
    held = target.sum(axis=0)
    return np.asarray((held >= _LEAST_MOVED) & (len(target) - held >= _LEAST_MOVED))


def _rule(output: Output, found: CrossValidation, question: Question) -> Rule:
    """Return the present thresholds, or those for a wanted precision where labels have any."""
    if question.precision is None:
        return Rule(output)
    free = [n for n, threshold in enumerate(output.thresholds) if threshold == 0]
    plain = _calibrated(output)
    chosen = with_precision(plain, found.logits, question.target, question.precision, rest=None)
    thresholds = tuple(
        0.0 if n in free else value for n, value in enumerate(chosen.columns.thresholds)
    )
    missed = tuple(m for m in chosen.missed if output.labels.index(m) not in free)
    return Rule(output.model_copy(update={"thresholds": thresholds}), missed)


def _calibrated(output: Columns) -> Columns:
    """Return the columns for logits that are calibrated already."""
    n = len(output.labels)
    return output.model_copy(update={"scale": (1.0,) * n, "bias": (0.0,) * n})


def _report(
    labels: LabelFile,
    question: Question,
    problem: Problem,
    found: CrossValidation,
    strength: float,
    rule: Rule,
) -> HeadReport:
    as_it_is = replace(found, logits=problem.offsets)
    target, decided = problem.target, _decider(rule, is_softmax=problem.is_softmax)
    before, after = (
        figures_of(
            decided(logits), target, problem.groups, question.labels,
            [row.language for row in labels.rows], is_softmax=problem.is_softmax,
        )
        for logits in (problem.offsets, found.logits)
    )  # fmt: skip
    gains = as_it_is.losses(problem) - found.losses(problem)
    wrong = (decided(problem.offsets) != (target > 0)).any(axis=1)
    return HeadReport(
        name=question.name, role=labels.role, kind=labels.kind, n_rows=len(target),
        n_conversations=labels.n_conversations, n_folds=found.n_folds, counts=question.counts,
        thresholds=question.thresholds(rule), precision=question.precision, strength=strength,
        log_loss=found.loss(problem), figures=after,
        refit=Refit(before, as_it_is.loss(problem), interval_of_gain(gains, problem.groups)),
        curve=learning_curve(
            problem, found, strength,
            lambda logits: f1_of(decided(logits), target, is_macro=problem.is_softmax),
        ),
        warnings=(
            *doubts(labels, question.labels, target), *_losses(before, after, question),
            *_unmoved(problem, question), *_only_errors(int(wrong.sum()), len(wrong)),
            *missed_precision(rule, question),
        ),
    )  # fmt: skip


def _decider(rule: Rule, *, is_softmax: bool) -> Callable[[Float], Bool]:
    """Return what decides on calibrated logits as the model card does: the likeliest of several."""
    plain = _calibrated(rule.columns)

    def decided(logits: Float) -> Bool:
        values = probabilities(logits, plain)
        return likeliest(values) if is_softmax else decide(values, rule.columns)

    return decided


def _losses(
    before: tuple[Figure, ...], after: tuple[Figure, ...], question: Question
) -> Iterator[str]:
    """Yield the labels that are found worse than before."""
    for old, new in zip(before, after, strict=True):
        if old.group not in question.labels or old.f1.value is None or new.f1.value is None:
            continue
        if new.f1.value < old.f1.value:
            yield (
                f"{old.group} is found worse: F1 {old.f1.value:.2f} before, "
                f"{new.f1.value:.2f} after"
            )


def _unmoved(problem: Problem, question: Question) -> Iterator[str]:
    still = [label for label, moves in zip(question.labels, problem.movable, strict=True)
             if not moves]  # fmt: skip
    if still:
        yield (
            f"too few rows to correct {', '.join(still)}; what is asked of them stays, and whether "
            "they are found as before cannot be seen here"
        )


def _only_errors(n_wrong: int, n: int) -> Iterator[str]:
    # The shipped heads are right far more often than not on any fair sample.
    if 2 * n_wrong > n:
        yield (
            f"the present head is wrong on {n_wrong} of {n} rows: these look like its errors "
            "only, on which any change looks good; add as many segments that it had right"
        )


def _with_output(head: Head, changed: Output, role: str) -> Head:
    if head.name != role:
        return head
    outputs = tuple(changed if o.task == changed.task else o for o in head.outputs)
    return head.model_copy(update={"outputs": outputs})


def _moved(
    bundle: Bundle, role: str, place: Place, fit: Fit, inputs: Scaled
) -> dict[str, NDArray[np.generic]]:
    """Return the tensors of the outputs with one task's columns moved and all others as they are.

    Raises:
        ModelBundleError: A weight would grow beyond what is added exactly.
    """
    head, columns = place.head, place.columns
    scale = np.array(place.output.scale)
    steps = fit.weights * inputs.factors[:, np.newaxis] / scale / head.output_scale
    weight, bias = head.output_weight.copy(), head.output_bias.copy()
    weight[:, columns] = np.rint(weight[:, columns] + steps)
    bias[columns] += fit.bias / scale
    if np.abs(weight).sum(axis=0).max() * _HIDDEN_MAX >= _EXACT:
        raise ModelBundleError(
            f"{bundle.path / HEADS}: the correction does not fit its whole numbers; start from a "
            "bundle that was corrected less often"
        )
    return {
        f"{role}.output.weight": weight.astype(np.int32),
        f"{role}.output.bias": bias,
    }
