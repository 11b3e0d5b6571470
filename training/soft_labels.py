"""What a teacher says of the training data, kept as arrays by the id of the example."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from training.batches import context_parts, encode_texts, role_vectors
from training.corpora import Example
from training.losses import SoftTargets, segment_max, union_log_probabilities
from training.model import SINGLE_LABEL, ConvqaNetwork, round_vectors

SOFT_LABELS = "soft_labels.npz"
_BATCH = 96  # texts of like length; few shapes, for each costs a kernel


@dataclass(frozen=True, slots=True)
class Teaching:
    """Probabilities of each task, `(n, n_labels)`, and the row of each example in them."""

    rows: dict[str, int]
    tasks: dict[tuple[str, str], Tensor]

    @classmethod
    def load(cls, path: Path) -> "Teaching":
        """Read what `write_soft_labels` has written, onto the device in use."""
        with np.load(path, allow_pickle=False) as arrays:
            names = [name for name in arrays.files if name.count(" ")]
            tasks = {tuple(name.split(" ")): torch.tensor(arrays[name]) for name in names}
            rows = {
                str(name): row
                for role in ("agent", "customer")
                for row, name in enumerate(arrays[role])
            }
        return cls(rows, tasks)

    def of(self, role: str, examples: Sequence[Example], *, share: float) -> SoftTargets:
        """Return what the teacher says of examples of one role."""
        rows = torch.tensor([self.rows[example.id] for example in examples])
        own = {task: values[rows] for (owner, task), values in self.tasks.items() if owner == role}
        return SoftTargets(own, share)


@torch.no_grad()
def write_soft_labels(
    network: ConvqaNetwork, tokenizer: Tokenizer, examples: Sequence[Example], path: Path
) -> None:
    """Write the network's probabilities of all tasks for undisturbed examples."""
    network.eval()
    contexts = [context_parts(item, None) for item in examples]
    distinct = {t for e, c in zip(examples, contexts, strict=True) for t in (*e.sentences, *c)}
    texts = sorted(distinct, key=lambda text: (len(text), text))
    rows = {text: row for row, text in enumerate(texts)}
    parts = [
        encode_texts(network, tokenizer, texts[start : start + _BATCH])
        for start in range(0, len(texts), _BATCH)
    ]
    vectors = round_vectors(torch.cat(parts))
    arrays: dict[str, np.ndarray] = {}
    for role, head in network.heads.items():
        members = [row for row, item in enumerate(examples) if item.role == role]
        own = [examples[row] for row in members]
        text, context, owners = role_vectors(own, [contexts[row] for row in members], vectors, rows)
        arrays[role] = np.array([item.id for item in own])
        for task, logits in head(text, context).items():
            if task in SINGLE_LABEL:
                found = union_log_probabilities(logits, owners, len(own), task).exp()
            else:
                found = torch.sigmoid(segment_max(logits, owners, len(own)))
            arrays[f"{role} {task}"] = found.cpu().numpy()
    np.savez(path, **arrays)
