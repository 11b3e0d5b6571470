"""Train a head of one's own, on the vectors of a frozen encoder."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from convqa.encoder import Bundle, Encoder
from convqa.encoder.custom import custom_tensors
from convqa.encoder.heads import N_BLOCKS, Float
from convqa.encoder.manifest import CustomHead, Head
from convqa.heads.checks import doubts
from convqa.heads.curve import learning_curve
from convqa.heads.decisions import Rule, held_out_decisions, own_rule
from convqa.heads.figures import Bool, f1_of, figures_of
from convqa.heads.fit import CrossValidation, Problem, fit_linear, judge
from convqa.heads.inputs import pair_inputs, row_groups, row_vectors
from convqa.heads.labels import LabelFile
from convqa.heads.results import HeadReport

# From a fit that hardly moves to one that follows every label; the loss on held-out folds chooses.
_STRENGTHS = (3.0, 1.0, 0.3, 0.1, 0.03, 0.01)


@dataclass(frozen=True, slots=True)
class Trained:
    """A fitted head: its report, and what a bundle with it has otherwise than its parent."""

    report: HeadReport
    heads: tuple[Head, ...]
    custom_heads: tuple[CustomHead, ...]
    tensors: Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the head's name, the labels of its columns and what people answered.

    `target` is 0 or 1, shape `(n, n_labels)`. `precision` is the wanted one, if any.
    """

    name: str
    labels: tuple[str, ...]
    target: Float
    precision: float | None

    def thresholds(self, rule: Rule) -> dict[str, float]:
        """Return the thresholds of a rule by label."""
        return dict(zip(self.labels, rule.columns.thresholds, strict=True))

    @property
    def counts(self) -> dict[str, int]:
        """How many rows each label holds for."""
        return dict(zip(self.labels, self.target.sum(axis=0).astype(int).tolist(), strict=True))


def train_own_head(
    labels: LabelFile, question: Question, bundle: Bundle, encoder: Encoder
) -> Trained:
    """Fit a new head and judge it by cross-validation over conversations.

    Raises:
        ConfigError: The rows cannot be parted into folds.
    """
    is_softmax = labels.kind == "one_of"
    inputs = pair_inputs(row_vectors(labels.rows, encoder))
    problem = Problem(
        features=inputs.features, offsets=np.zeros_like(question.target), target=question.target,
        groups=row_groups(labels.rows), is_softmax=is_softmax, strengths=_STRENGTHS,
        is_correction=False, movable=np.ones(len(question.labels), dtype=np.bool_),
    )  # fmt: skip
    found, strength = judge(problem)
    fit = fit_linear(problem, strength)
    rule = own_rule(
        found.logits, question.target, question.labels, is_softmax=is_softmax,
        precision=question.precision,
    )  # fmt: skip
    head = CustomHead(name=question.name, role=labels.role, **rule.columns.model_dump())
    weights = np.split(fit.weights * inputs.factors[:, np.newaxis], N_BLOCKS)
    return Trained(
        report=_report(labels, question, problem, found, strength, rule),
        heads=bundle.manifest.heads,
        custom_heads=(*bundle.manifest.custom_heads, head),
        tensors=custom_tensors(question.name, weights, fit.bias),
    )


def _report(
    labels: LabelFile,
    question: Question,
    problem: Problem,
    found: CrossValidation,
    strength: float,
    rule: Rule,
) -> HeadReport:
    is_softmax, target = problem.is_softmax, problem.target

    def decided(logits: Float) -> Bool:
        return held_out_decisions(
            replace(found, logits=logits), target, question.labels, is_softmax=is_softmax,
            precision=question.precision,
        )  # fmt: skip

    return HeadReport(
        name=question.name, role=labels.role, kind=labels.kind, n_rows=len(target),
        n_conversations=labels.n_conversations, n_folds=found.n_folds, counts=question.counts,
        thresholds=question.thresholds(rule), precision=question.precision,
        log_loss=found.loss(problem), refit=None,
        figures=figures_of(
            decided(found.logits), target, problem.groups, question.labels,
            [row.language for row in labels.rows], is_softmax=is_softmax,
        ),
        curve=learning_curve(
            problem, found,
            lambda rows, held: fit_linear(problem.part(rows), strength).logits(problem.part(held)),
            lambda logits: f1_of(decided(logits), target, is_macro=is_softmax),
        ),
        warnings=(*doubts(labels, question.labels, target), *missed_precision(rule, question)),
    )  # fmt: skip


def missed_precision(rule: Rule, question: Question) -> list[str]:
    """Return a warning where a wanted precision was not reached."""
    if not rule.missed:
        return []
    return [
        f"a precision of {question.precision:g} was not reached for {', '.join(rule.missed)}; the "
        "threshold is that of the best there is"
    ]
