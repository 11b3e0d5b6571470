"""Quick development figures during training; `training.evaluate` has the full ones."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from sklearn.metrics import f1_score
from tokenizers import Tokenizer
from torch import Tensor

from training.batches import context_parts, encode_texts, role_vectors
from training.corpora import Example
from training.losses import multi_hot, segment_max, union_log_probabilities
from training.model import OUTPUTS, SINGLE_LABEL, ConvqaNetwork, round_vectors


@torch.no_grad()
def dev_figures(
    network: ConvqaNetwork, tokenizer: Tokenizer, dev: Sequence[Example]
) -> dict[str, float]:
    """Return the figure of each task on development data, in [0, 1], higher is better."""
    network.eval()
    contexts = [context_parts(example, None) for example in dev]
    texts = sorted({t for e, c in zip(dev, contexts, strict=True) for t in (*e.sentences, *c)},
                   key=len)  # fmt: skip
    rows = {text: row for row, text in enumerate(texts)}
    vectors = torch.cat(
        [encode_texts(network, tokenizer, texts[k : k + 64]) for k in range(0, len(texts), 64)]
    )
    vectors = round_vectors(vectors)
    figures: dict[str, float] = {}
    for role, head in network.heads.items():
        members = [row for row, example in enumerate(dev) if example.role == role]
        chosen = [dev[row] for row in members]
        text, context, owners = role_vectors(chosen, [contexts[k] for k in members], vectors, rows)
        figures |= task_figures(role, chosen, owners, head(text, context))
    network.train()
    return figures


def task_figures(
    role: str, examples: Sequence[Example], owners: Tensor, logits: Mapping[str, Tensor]
) -> dict[str, float]:
    """Return macro-F1 of single-label tasks and micro-F1 at 0.5 of the others, by task."""
    figures = {}
    for task, own in logits.items():
        labels = OUTPUTS[role][task]
        if task in SINGLE_LABEL:
            predicted = union_log_probabilities(own, owners, len(examples), task).argmax(-1)
            pairs = [(labels.index(getattr(e, task)), int(p))
                     for e, p in zip(examples, predicted, strict=True)
                     if getattr(e, task) is not None]  # fmt: skip
            value = f1_score(*zip(*pairs, strict=True), average="macro")
        else:
            target = multi_hot(examples, task, labels).cpu().numpy()
            guess = segment_max(own, owners, len(examples)).cpu().numpy() > 0
            known = target >= 0
            value = f1_score(target[known], guess[known].astype(np.float32), average="binary")
        figures[f"{role} {task}"] = float(value)
    return figures
