"""Where a bundle errs: which labels it takes for which, and its worst errors, by record id.

The card names records of `data/authored` by their ids and shows none of their words.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel
from sklearn.metrics import confusion_matrix

from convqa.encoder.manifest import Output
from training.corpora import Example

_WORST = 10  # of each task

NONE = "none of them"


class WorstError(BaseModel):
    """A record that the bundle got wrong, and how sure it was.

    Attributes:
        record: Id of the segment, or of the conversation with the number of the turn.
        language: Its language.
        true: The label that a person gave; for labels of which several may hold, `not LABEL`
            where it was wrongly found.
        found: What the bundle said instead.
        probability: That of what it said.
    """

    record: str
    language: str
    true: str
    found: str
    probability: float


class Confusion(BaseModel):
    """Counts of true labels (rows) against found ones (columns)."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: list[list[int]]


def confusion(output: Output, truth: NDArray[np.int64], guess: NDArray[np.bool_]) -> Confusion:
    """Return the confusion table of a task.

    Where several labels may hold, a row counts what was found wrongly in the texts in which its
    label was missed (or nothing wrong, `NONE`); the last row counts what was found wrongly where
    nothing was missed. The diagonal then counts what was found rightly.
    """
    labels = output.labels
    known = (truth >= 0).any(axis=1)
    truth, guess = truth[known], guess[known]
    if output.activation == "softmax":
        table = confusion_matrix(
            truth.argmax(axis=1), guess.argmax(axis=1), labels=range(len(labels))
        )
        return Confusion(rows=labels, columns=labels, counts=table.tolist())
    n = len(labels)
    counts = np.zeros((n + 1, n + 1), dtype=np.int64)
    for true, said in zip(truth, guess, strict=True):
        missed = np.flatnonzero((true == 1) & ~said)
        wrong = np.flatnonzero((true == 0) & said)
        counts[np.flatnonzero((true == 1) & said), np.flatnonzero((true == 1) & said)] += 1
        for row in missed if len(missed) else [n]:
            for column in wrong if len(wrong) else ([n] if len(missed) else []):
                counts[row, column] += 1
    return Confusion(rows=(*labels, NONE), columns=(*labels, NONE), counts=counts.tolist())


def largest_confusions(table: Confusion, n: int) -> list[tuple[str, str, int]]:
    """Return the `n` largest counts off the diagonal: true label, found label, count."""
    pairs = Counter(
        {
            (row, column): count
            for row, line in zip(table.rows, table.counts, strict=True)
            for column, count in zip(table.columns, line, strict=True)
            if row != column and count
        }
    )
    return [(row, column, count) for (row, column), count in pairs.most_common(n)]


def worst_errors(
    output: Output,
    examples: Sequence[Example],
    truth: NDArray[np.int64],
    values: NDArray[np.float64],
    guess: NDArray[np.bool_],
) -> list[WorstError]:
    """Return the errors that the bundle was surest of."""
    found = []
    for row, example in enumerate(examples):
        for column, label in enumerate(output.labels):
            if truth[row, column] < 0 or (truth[row, column] == 1) == guess[row, column]:
                continue
            if output.activation == "softmax":
                if truth[row, column] == 1:
                    said = int(guess[row].argmax())
                    found.append((values[row, said], example, label, output.labels[said]))
            elif truth[row, column] == 1:
                found.append((1 - values[row, column], example, label, f"not {label}"))
            else:
                found.append((values[row, column], example, f"not {label}", label))
    found.sort(key=lambda item: -item[0])
    return [
        WorstError(
            record=example.id, language=example.language, true=true, found=said,
            probability=round(float(value), 3),
        )
        for value, example, true, said in found[:_WORST]
    ]  # fmt: skip
