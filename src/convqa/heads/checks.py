"""What label files must hold, and what makes their figures doubtful."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import get_args

import numpy as np

from convqa.config import suggest
from convqa.encoder import Bundle
from convqa.encoder.heads import Float
from convqa.encoder.manifest import NAME_PATTERN, Output, Task
from convqa.errors import ConfigError
from convqa.heads.labels import LabelFile
from convqa.schema import FindingKind

# Fifty reviewed examples are the least that a head is meant to be trained from.
LEAST_ROWS = 50
# With 10 rows the 95 % interval of a recall is already as wide as 0.24–0.76.
LEAST_OF_LABEL = 10
# Under 20 conversations a fold holds four: one odd caller moves every figure.
LEAST_CONVERSATIONS = 20
_LEAST_TO_FIT = 2


def check_name(name: str, bundle: Bundle, labels: LabelFile, output: Output | None) -> None:
    """Refuse a name that is taken, or no name.

    Raises:
        ConfigError: Says which names can be had.
    """
    if not re.fullmatch(NAME_PATTERN, name) or len(name) > 60:
        raise ConfigError(f"--name {name!r}: must be small letters, digits and _, a letter first")
    if any(own.head.name == name for own in bundle.custom):
        raise ConfigError(
            f"--name {name}: {bundle.path} has such a head already; train it anew with all its "
            "labels from the parent bundle, or take another name"
        )
    if output is None and name in {*get_args(Task), *get_args(FindingKind)}:
        head = bundle.agent if labels.role == "agent" else bundle.customer
        known = ", ".join(o.task for o in head.outputs)
        raise ConfigError(
            f"--name {name}: is no built-in head of {labels.role}s that could be corrected "
            f"({known}), and it is no free name"
        )


def label_order(labels: LabelFile, name: str, output: Output | None) -> tuple[str, ...]:
    """Return the labels in the order of the head's columns.

    Raises:
        ConfigError: The labels do not suit the built-in head: file, line, field and remedy.
    """
    if output is None:
        if labels.kind == "yes_no":
            return (name,)
        return tuple(sorted({label for row in labels.rows for label in row.labels}))
    wanted = "one_of" if output.activation == "softmax" else "any_of"
    first = labels.rows[0].line
    if labels.kind != wanted:
        remedy = "one label" if wanted == "one_of" else "the list of all labels that hold"
        raise ConfigError(
            f"{labels.path}:{first}: label: must be {remedy}, of {', '.join(output.labels)}"
        )
    for row in labels.rows:
        for label in row.labels:
            if label not in output.labels:
                known = list(output.labels)
                remedy = suggest(label, known) or f"; known: {', '.join(known)}"
                raise ConfigError(f"{labels.path}:{row.line}: label: is none of {name}{remedy}")
    return output.labels


def check_labels(
    labels: LabelFile, order: tuple[str, ...], target: Float, *, is_correction: bool
) -> None:
    """Refuse what no head can be fitted to.

    Args:
        labels: The file.
        order: The labels of the columns of `target`.
        target: 0 or 1, shape `(n, n_labels)`.
        is_correction: Whether it is enough that some of the labels can be fitted.

    Raises:
        ConfigError: Says what is missing.
    """
    if not order:
        raise ConfigError(f"{labels.path}: label: every list is empty; give labels that hold")
    conversations = np.array([row.conversation_id for row in labels.rows])
    if len(set(conversations.tolist())) < _LEAST_TO_FIT:
        raise ConfigError(
            f"{labels.path}: conversation_id: all labels are of one conversation; label segments "
            "of many, some twenty or more"
        )
    faults = []
    for place, label in enumerate(order):
        for has, what in ((1, f"with {label}"), (0, f"without {label}")):
            rows = target[:, place] == has
            if rows.sum() < _LEAST_TO_FIT or len(set(conversations[rows])) < _LEAST_TO_FIT:
                faults.append(
                    f"{int(rows.sum())} of {len(target)} rows {what}; give at least "
                    f"{LEAST_OF_LABEL}, from several conversations"
                )
    if faults and not (is_correction and target.sum() and len(faults) < len(order)):
        raise ConfigError(f"{labels.path}: label: {faults[0]}")


def doubts(labels: LabelFile, order: tuple[str, ...], target: Float) -> Iterator[str]:
    """Yield what makes the figures of a file doubtful, the gravest first."""
    n = len(target)
    conversations = labels.n_conversations
    if n < LEAST_ROWS:
        yield f"only {n} labels; with fewer than {LEAST_ROWS} figures are little more than chance"
    if conversations < LEAST_CONVERSATIONS:
        yield f"only {conversations} conversations; label some from {LEAST_CONVERSATIONS} or more"
    for label, column in zip(order, target.T, strict=True):
        held = int(column.sum())
        if held < LEAST_OF_LABEL:
            yield f"only {held} rows with {label}; give at least {LEAST_OF_LABEL}"
        if n - held < LEAST_OF_LABEL:
            yield f"only {n - held} rows without {label}; give at least {LEAST_OF_LABEL}"
    if lines := _contradictions(labels):
        yield (
            f"lines {', '.join(map(str, lines[:10]))}: the same text in the same context has "
            "different labels; decide for one"
        )


def _contradictions(labels: LabelFile) -> list[int]:
    """Return the lines whose text and context were labelled otherwise elsewhere."""
    rows = defaultdict(list)
    for row in labels.rows:
        rows[row.text.strip(), row.context.strip()].append(row)
    return sorted(
        row.line for same in rows.values() if len({row.labels for row in same}) > 1 for row in same
    )
