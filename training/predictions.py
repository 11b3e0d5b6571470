"""Run the heads of a bundle on labelled examples, the way that scoring does."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from convqa.encoder.heads import SegmentHead, decide, likeliest
from convqa.encoder.manifest import Output
from training.corpora import Example
from training.labels import EMOTION_PRIORITY, EMPATHY_PRIORITY, POLITENESS_PRIORITY
from training.served import HeadInputs

PRIORITY = {
    "politeness": POLITENESS_PRIORITY, "empathy": EMPATHY_PRIORITY, "emotion": EMOTION_PRIORITY,
}  # fmt: skip


def turn_probabilities(head: SegmentHead, inputs: HeadInputs) -> dict[str, NDArray[np.float64]]:
    """Return the largest probability of each label over the sentences of each example."""
    found = head.predict(inputs.text, inputs.context, inputs.past)
    n = len(inputs.examples)
    return {task: _largest(values, inputs.owners, n) for task, values in found.items()}


def turn_labels(
    head: SegmentHead, inputs: HeadInputs, *, is_careful: bool
) -> dict[str, NDArray[np.bool_]]:
    """Return the labels of each example, by union over its sentences, as the codebook says.

    Args:
        head: The head of the examples' role.
        inputs: What it reads.
        is_careful: Ask single labels to reach their thresholds, as findings must; else take the
            likeliest, as `classify` does.
    """
    found = head.predict(inputs.text, inputs.context, inputs.past)
    n = len(inputs.examples)
    labels = {}
    for output in head.outputs:
        values = found[output.task]
        is_free = output.activation == "softmax" and not is_careful
        present = likeliest(values) if is_free else decide(values, output)
        union = _largest(present, inputs.owners, n)
        labels[output.task] = _first_by_priority(union, output)
    return labels


def _first_by_priority(union: NDArray[np.bool_], output: Output) -> NDArray[np.bool_]:
    if output.activation == "sigmoid":
        return union
    kept = np.zeros_like(union)
    is_open = np.ones(len(union), dtype=bool)
    for label in PRIORITY[output.task]:
        column = output.labels.index(label)
        kept[:, column] = union[:, column] & is_open
        is_open &= ~kept[:, column]
    return kept


def _largest(values: NDArray, owners: NDArray[np.int64], n: int) -> NDArray:
    found = np.zeros((n, values.shape[1]), dtype=values.dtype)
    np.maximum.at(found, owners, values)
    return found


def targets(examples: Sequence[Example], output: Output) -> NDArray[np.int64]:
    """Return the true labels, `(n, n_labels)`: 1, 0, or -1 where nobody looked."""
    rows = np.zeros((len(examples), len(output.labels)), dtype=np.int64)
    for row, example in enumerate(examples):
        given = given_labels(example, output.task)
        for column, label in enumerate(output.labels):
            if given is None or (output.task == "acts" and label in example.unknown_acts):
                rows[row, column] = -1
            else:
                rows[row, column] = label in given
    return rows


def given_labels(example: Example, task: str) -> frozenset[str] | None:
    """Return the labels that a person gave, None where the task was not labelled."""
    one: Mapping[str, str | None] = {
        "politeness": example.politeness, "empathy": example.empathy, "emotion": example.emotion,
    }  # fmt: skip
    if task in one:
        label = one[task]
        return None if label is None else frozenset([label])
    return example.acts if task == "acts" else example.forbidden
