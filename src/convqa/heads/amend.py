"""How a built-in head is corrected by labels: hidden units near its errors, and nothing else.

**The rule.** A unit stands at each row that the head has wrong. Their weights are fitted to all
rows of the file, those that were right included, so that the corrected texts come out right
together with what is worded nearly the same. Only labels that are wrong at a row are moved by its
unit; of labels that exclude each other, all. How far the units reach is chosen by cross-validation
over conversations: the furthest reach with which held-out F1 is not lower than the present head's,
over all rows and in every language. If there is none, the correction is refused; so it is where
the head has every row right.

A shift of the whole head was tried and left out. With 240 rows of development segments it passed
cross-validation once in 18 files, and lost 0.012 of F1 on conversations of another kind.
"""

from dataclasses import dataclass, replace

import numpy as np

from convqa.encoder.heads import Float, decide, probabilities
from convqa.encoder.manifest import Columns
from convqa.heads.figures import Bool, f1_of
from convqa.heads.fit import CrossValidation, Problem, Rows, fit_linear, five_folds
from convqa.heads.inputs import RowVectors
from convqa.heads.units import Layer, Units

# Weak enough that corrected texts come out right: all of 803 errors in 12 files of 240 rows did.
_LOOSE = 0.01
# More would make the heads slow and the bundle large: a thousand take 3 MB.
_MOST_UNITS = 1000
# Cosines, measured with 240 rows of each of four tasks: at 0.6 one other segment in some 4,000
# comes right or goes wrong, at 0.5 one in 600, at 0.3 one in 60.
_REACHES = (0.6, 0.8)


@dataclass(frozen=True, slots=True)
class Case:
    """The labels of a file for one task: what there is to fit, and when a row is right.

    `columns` read calibrated logits; `problem.offsets` are those of the present head.
    """

    problem: Problem
    vectors: RowVectors
    languages: tuple[str, ...]
    columns: Columns

    def decided(self, logits: Float) -> Bool:
        """Return which labels hold, as scoring decides."""
        return decide(probabilities(logits, self.columns), self.columns)

    def wrong(self, logits: Float) -> Bool:
        """Return the labels that are wrong, shape `(n, n_labels)`."""
        return np.asarray(self.decided(logits) != (self.problem.target > 0))

    def wrong_rows(self, logits: Float) -> Bool:
        """Return the rows with a label that is wrong, shape `(n,)`."""
        return np.asarray(self.wrong(logits).any(axis=1))

    def part(self, rows: Rows) -> "Case":
        """Return the case of some of the rows."""
        languages = tuple(self.languages[row] for row in rows)
        return Case(self.problem.part(rows), self.vectors.part(rows), languages, self.columns)


@dataclass(frozen=True, slots=True)
class Choice:
    """The reach that was taken and its held-out logits; `refusal` says why none should be used."""

    reach: float
    found: CrossValidation
    refusal: str = ""


def choose_reach(case: Case) -> Choice:
    """Try the reaches by cross-validation and choose by the rule above.

    Raises:
        ConfigError: The rows are all of one conversation.
    """
    is_wrong = case.wrong_rows(case.problem.offsets)
    folds = five_folds(is_wrong.astype(np.int64), case.problem.groups)
    worse = ""
    for reach in _REACHES:
        found = _held_out(case, folds, reach)
        worse = _worse(case, found.logits)
        if not worse:
            break
    refusal = ""
    if worse:
        refusal = (
            f"held-out conversations come out worse ({worse}), however near to the corrected texts "
            "the correction stays; look whether labels contradict each other, or label more"
        )
    elif not is_wrong.any():
        refusal = "the present head is right on every row of the file, so there is nothing to learn"
    return Choice(reach, found, refusal)


def amend(case: Case, reach: float) -> Layer:
    """Return units at the rows that the present head has wrong, fitted to all rows."""
    problem, wrong = case.problem, case.wrong(case.problem.offsets)
    rows = np.flatnonzero(wrong.any(axis=1))
    if len(rows) > _MOST_UNITS:
        rows = rows[np.linspace(0, len(rows) - 1, _MOST_UNITS).astype(np.int64)]
    units = Units.at(case.part(rows).vectors, reach)
    moved = np.ones_like(wrong[rows]) if problem.is_softmax else wrong[rows]
    still = np.zeros((1, moved.shape[1]), dtype=np.bool_)
    features, movable = units.values(case.vectors), np.vstack([moved, still])
    fit = fit_linear(replace(problem, features=features, movable=movable), _LOOSE)
    return Layer(units, fit.weights)


def changed_rows(case: Case, before: Float, after: Float) -> tuple[int, int]:
    """Return how many rows came right, and how many went wrong."""
    was, now = case.wrong_rows(before), case.wrong_rows(after)
    return int((was & ~now).sum()), int((now & ~was).sum())


def fold_logits(case: Case, reach: float, rows: Rows, held: Rows) -> Float:
    """Return the logits of held-out rows by a fit to others."""
    rest = case.part(held)
    return rest.problem.offsets + amend(case.part(rows), reach).logits(rest.vectors)


def _held_out(case: Case, folds: Rows, reach: float) -> CrossValidation:
    logits, n_folds = np.zeros_like(case.problem.offsets), int(folds.max()) + 1
    for fold in range(n_folds):
        held = np.flatnonzero(folds == fold)
        logits[held] = fold_logits(case, reach, np.flatnonzero(folds != fold), held)
    return CrossValidation(logits, folds, n_folds)


def _worse(case: Case, logits: Float) -> str:
    """Return the group of rows with a lower F1 than before and both figures, empty if none."""
    spoken = np.array(case.languages)
    before, after = case.decided(case.problem.offsets), case.decided(logits)
    groups = {"all": np.ones(len(spoken), dtype=np.bool_)}
    groups |= {language: spoken == language for language in dict.fromkeys(case.languages)}
    for name, rows in groups.items():
        old, new = (
            f1_of(given[rows], case.problem.target[rows], is_macro=case.problem.is_softmax)
            for given in (before, after)
        )
        if old is not None and (new is None or new < old - 1e-9):
            return f"{name}: F1 {old:.3f} before, {new or 0:.3f} after"
    return ""
