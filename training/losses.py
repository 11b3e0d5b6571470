"""The loss of a turn whose labels hold for the union of its sentences."""

from collections import Counter
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from training.corpora import Example
from training.labels import (
    AGENT_ACTS,
    CUSTOMER_ACTS,
    EMOTION,
    EMOTION_PRIORITY,
    EMPATHY,
    EMPATHY_PRIORITY,
    FORBIDDEN,
    POLITENESS,
    POLITENESS_PRIORITY,
)

_SINGLE = {
    "politeness": (POLITENESS, POLITENESS_PRIORITY),
    "empathy": (EMPATHY, EMPATHY_PRIORITY),
    "emotion": (EMOTION, EMOTION_PRIORITY),
}
_SMALLEST = 1e-6  # keeps the logarithm of a probability finite


def union_log_probabilities(logits: Tensor, owners: Tensor, n: int, task: str) -> Tensor:
    """Return log probabilities of a single-label task for turns, shape `(n, 3)`.

    Args:
        logits: One row a sentence.
        owners: The turn of each sentence.
        n: Number of turns.
        task: Its first label by priority has the probability of its likeliest sentence, the second
            that of its likeliest sentence among what is left, the third the rest.
    """
    labels, priority = _SINGLE[task]
    order = [labels.index(label) for label in priority]
    probabilities = torch.softmax(logits, dim=-1)
    highest = segment_max(probabilities, owners, n)
    first = highest[:, order[0]]
    second = (1 - first) * torch.minimum(
        highest[:, order[1]] / (1 - first).clamp_min(_SMALLEST), torch.ones_like(first)
    )
    columns = [first, second, 1 - first - second]
    stacked = torch.stack([columns[order.index(k)] for k in range(len(labels))], dim=-1)
    return stacked.clamp_min(_SMALLEST).log()


def segment_max(values: Tensor, owners: Tensor, n: int) -> Tensor:
    """Return the column-wise maximum over the rows of each owner, shape `(n, columns)`."""
    start = values.new_full((n, values.shape[1]), -torch.inf)
    index = owners.unsqueeze(-1).expand_as(values)
    return start.scatter_reduce(0, index, values, reduce="amax")


def multi_hot(examples: Sequence[Example], task: str, labels: tuple[str, ...]) -> Tensor:
    """Return the labels of a multi-label task, 1, 0, or -1 where a label was not looked for."""
    rows = torch.zeros(len(examples), len(labels))
    for row, example in enumerate(examples):
        given = example.acts if task == "acts" else example.forbidden
        for column, label in enumerate(labels):
            if given is None or (task == "acts" and label in example.unknown_acts):
                rows[row, column] = -1
            elif label in given:
                rows[row, column] = 1
    return rows


def label_weights(examples: Sequence[Example], power: float) -> dict[str, Tensor]:
    """Return the weight of each label of the single-label tasks, (mean count / count) ** power.

    Without a power rare labels weigh as often as they occur; with 1 all labels weigh the same.
    """
    weights = {}
    for task, (labels, _) in _SINGLE.items():
        counts = Counter(getattr(example, task) for example in examples)
        n = torch.tensor([float(max(counts[label], 1)) for label in labels])
        weights[task] = (n.mean() / n) ** power
    return weights


def role_loss(
    outputs: dict[str, Tensor],
    owners: Tensor,
    examples: Sequence[Example],
    *,
    smoothing: float,
    weights: Mapping[str, Tensor] | None = None,
) -> Tensor:
    """Return the summed loss of all tasks of one role, mean over the turns.

    Args:
        outputs: The logits of each task, one row a sentence.
        owners: The turn of each sentence.
        examples: The turns.
        smoothing: Share of each label's probability that is spread over all.
        weights: Those of the labels of single-label tasks; without them all weigh the same.
    """
    total = torch.zeros(())
    for task, logits in outputs.items():
        if task in _SINGLE:
            weight = torch.ones(len(_SINGLE[task][0])) if weights is None else weights[task]
            total = total + _single_label_loss(logits, owners, examples, task, smoothing, weight)
        else:
            labels = _labels_of(task, examples[0].role)
            target = multi_hot(examples, task, labels)
            highest = segment_max(logits, owners, len(examples))
            smooth = target * (1 - smoothing) + (1 - target) * smoothing / 4
            losses = functional.binary_cross_entropy_with_logits(highest, smooth, reduction="none")
            total = total + (losses * (target >= 0)).sum(dim=1).mean()
    return total


def _labels_of(task: str, role: str) -> tuple[str, ...]:
    if task == "forbidden":
        return FORBIDDEN
    return AGENT_ACTS if role == "agent" else CUSTOMER_ACTS


def _single_label_loss(
    logits: Tensor,
    owners: Tensor,
    examples: Sequence[Example],
    task: str,
    smoothing: float,
    weights: Tensor,
) -> Tensor:
    labels = _SINGLE[task][0]
    rows = [row for row, example in enumerate(examples) if getattr(example, task) is not None]
    if not rows:
        return torch.zeros(())
    target = torch.tensor([labels.index(getattr(examples[row], task)) for row in rows])
    log_p = union_log_probabilities(logits, owners, len(examples), task)[rows]
    picked = functional.nll_loss(log_p, target, reduction="none")
    losses = (1 - smoothing) * picked - smoothing * log_p.mean(dim=-1)
    return (weights[target] * losses).sum() / weights[target].sum()
