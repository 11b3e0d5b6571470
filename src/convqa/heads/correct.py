"""Correct a built-in head by people's labels, starting from what it knows.

What a correction is and when it is taken stands in `convqa.heads.amend`. Other tasks of the head do
not change by a bit. Where label rows have the conversation `before`, as those of the review desk
do, the head reads it as in scoring; where they do not, it is judged by text and context alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convqa.encoder import Bundle, Encoder
from convqa.encoder.bundle import HEADS
from convqa.encoder.heads import Float, SegmentHead
from convqa.encoder.manifest import Columns, Head, Output
from convqa.heads.amend import Case, Choice, amend, changed_rows, choose_reach, fold_logits
from convqa.heads.checks import doubts
from convqa.heads.curve import learning_curve
from convqa.heads.decisions import Rule, with_precision
from convqa.heads.figures import Figure, f1_of, figures_of
from convqa.heads.fit import Problem
from convqa.heads.inputs import RowVectors, row_groups, row_vectors
from convqa.heads.labels import LabelFile
from convqa.heads.results import HeadReport, Refit
from convqa.heads.train import Question, Trained, missed_precision
from convqa.heads.units import HeadTensors


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
        ModelBundleError: The bundle was corrected too often to be corrected once more.
    """
    vectors = row_vectors(labels.rows, encoder, with_past=place.head.reads_past)
    output, target = place.output, question.target
    problem = Problem(
        features=np.zeros((len(target), 0)), offsets=_calibrated_logits(place.head, place, vectors),
        target=target, groups=row_groups(labels.rows),
        is_softmax=output.activation == "softmax", strengths=(), is_correction=True,
        movable=np.ones(target.shape[1], dtype=np.bool_),
    )  # fmt: skip
    rule = _rule(output, problem.offsets, question)
    case = Case(
        problem, vectors, tuple(row.language for row in labels.rows), _calibrated(rule.columns)
    )
    choice = choose_reach(case)
    writing = HeadTensors.of(labels.role, place.head, place.columns, np.array(output.scale))
    writing.join(amend(case, choice.reach))
    tensors = writing.tensors(bundle)
    changed = output.model_copy(update={"thresholds": rule.columns.thresholds})
    heads = tuple(_with_output(head, changed, labels.role) for head in bundle.manifest.heads)
    after = _as_written(tensors, heads, labels.role, place, case)
    return Trained(
        report=_report(labels, question, case, choice, rule, after),
        heads=heads,
        custom_heads=bundle.manifest.custom_heads,
        tensors=tensors,
    )


def _calibrated_logits(head: SegmentHead, place: Place, vectors: RowVectors) -> Float:
    raw = head.logits(vectors.text, vectors.context, vectors.past)[:, place.columns]
    return np.asarray(raw * np.array(place.output.scale) + np.array(place.output.bias))


def _as_written(
    tensors: dict[str, NDArray[np.generic]],
    heads: tuple[Head, ...],
    role: str,
    place: Place,
    case: Case,
) -> Float:
    """Return the logits of all rows by the whole numbers that the new bundle will hold."""
    old, prefix = place.head, f"{role}."
    scales = {
        prefix + "hidden.scales": old.hidden_scales,
        prefix + "hidden.steps": np.array([old.hidden_steps]),
        prefix + "output.scale": np.array([old.output_scale]),
    }
    (head,) = (head for head in heads if head.name == role)
    new = SegmentHead.from_tensors(
        head, {**scales, **tensors}, width=case.vectors.text.shape[1], where=HEADS
    )
    return _calibrated_logits(new, place, case.vectors)


def _rule(output: Output, logits: Float, question: Question) -> Rule:
    """Return the present thresholds, or those for a wanted precision where labels have any.

    The latter come from the logits of the present head, which no row of the file has moved.
    """
    if question.precision is None:
        return Rule(output)
    free = [n for n, threshold in enumerate(output.thresholds) if threshold == 0]
    plain = _calibrated(output)
    chosen = with_precision(plain, logits, question.target, question.precision, rest=None)
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
    labels: LabelFile, question: Question, case: Case, choice: Choice, rule: Rule, after: Float
) -> HeadReport:
    problem, found = case.problem, choice.found
    target, wrong = problem.target, case.wrong_rows(problem.offsets)
    before, held_out = (
        figures_of(
            case.decided(logits), target, problem.groups, question.labels, case.languages,
            is_softmax=problem.is_softmax,
        )
        for logits in (problem.offsets, found.logits)
    )  # fmt: skip
    gained, lost = changed_rows(case, problem.offsets, found.logits)
    n_wrong, n_learnt = int(wrong.sum()), changed_rows(case, problem.offsets, after)[0]
    return HeadReport(
        name=question.name, role=labels.role, kind=labels.kind, n_rows=len(target),
        n_conversations=labels.n_conversations, n_folds=found.n_folds, counts=question.counts,
        thresholds=question.thresholds(rule), precision=question.precision,
        log_loss=found.loss(problem), figures=held_out,
        refit=Refit(
            before=before, n_wrong=n_wrong, n_learnt=n_learnt, n_gained=gained, n_lost=lost,
            refusal=choice.refusal or _unlearnt(n_wrong, n_learnt),
        ),
        curve=learning_curve(
            problem, found, lambda rows, held: fold_logits(case, choice.reach, rows, held),
            lambda logits: f1_of(case.decided(logits), target, is_macro=problem.is_softmax),
        ),
        warnings=(
            *doubts(labels, question.labels, target), *_losses(before, held_out, question),
            *_only_errors(n_wrong, len(wrong)), *missed_precision(rule, question),
        ),
    )  # fmt: skip


def _unlearnt(n_wrong: int, n_learnt: int) -> str:
    """Return why a correction that does not teach the corrected texts should not be used."""
    if 2 * n_learnt > n_wrong:
        return ""
    return (
        f"only {n_learnt} of {n_wrong} corrected segments come out right; look whether segments "
        "with nearly the same words have different labels"
    )


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


def _only_errors(n_wrong: int, n: int) -> Iterator[str]:
    # The shipped heads are right far more often than not on any fair sample.
    if 2 * n_wrong > n:
        yield (
            f"the present head is wrong on {n_wrong} of {n} rows: these look like its errors "
            "only, so what a correction breaks cannot be seen; add as many segments that it had "
            "right"
        )


def _with_output(head: Head, changed: Output, role: str) -> Head:
    if head.name != role:
        return head
    outputs = tuple(changed if o.task == changed.task else o for o in head.outputs)
    return head.model_copy(update={"outputs": outputs})
