"""The network that is trained: the encoder, its int8 vectors, and the heads that read them.

The heads see a text only through its int8 vector, exactly as in serving, so training rounds the
vectors too and lets the gradient pass (straight-through estimator, Bengio et al. 2013,
https://arxiv.org/abs/1308.3432).
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from transformers import BertModel

from convqa.encoder.heads import N_PAST_BLOCKS
from training.labels import (
    AGENT_ACTS,
    CUSTOMER_ACTS,
    EMOTION,
    EMPATHY,
    FORBIDDEN,
    POLITENESS,
)

# Steps of the int8 vector for one unit of a vector whose root mean square is 1: the range is then
# ±7.9; measured on the base encoder the largest component of 46,000 sentences is 6.1.
VECTOR_SCALE = 16.0

OUTPUTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "agent": {
        "politeness": POLITENESS,
        "empathy": EMPATHY,
        "acts": AGENT_ACTS,
        "forbidden": FORBIDDEN,
    },
    "customer": {"politeness": POLITENESS, "emotion": EMOTION, "acts": CUSTOMER_ACTS},
}
SINGLE_LABEL = ("politeness", "empathy", "emotion")


class SentenceEncoder(nn.Module):
    """Token ids → vectors of root mean square 1, before rounding."""

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return the normalised mean over the tokens, shape `(n, width)`."""
        hidden = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weights = attention_mask.to(torch.float32).unsqueeze(-1)
        pooled = (hidden.float() * weights).sum(dim=1)
        return normalise(pooled)


def normalise(vectors: Tensor) -> Tensor:
    """Scale rows to a root mean square of 1."""
    return vectors * torch.rsqrt(vectors.square().mean(dim=-1, keepdim=True) + 1e-12)


def round_vectors(vectors: Tensor) -> Tensor:
    """Round to the grid of the int8 vectors; the gradient passes as if nothing happened."""
    rounded = torch.clamp(torch.round(vectors * VECTOR_SCALE), -127, 127) / VECTOR_SCALE
    return vectors + (rounded - vectors).detach()


def pair_features(text: Tensor, context: Tensor) -> Tensor:
    """Return what the heads read: `convqa.encoder.heads.pair_features` for tensors."""
    return torch.cat([text, context, text * context, (text - context).abs()], dim=-1)


class RoleHead(nn.Module):
    """The labels of one role: a hidden layer over the pair of vectors and one output for all.

    What was said before the pair is read by `past`, which fine-tuning leaves alone: its batches are
    turns torn out of their conversations. `training.fit_heads` teaches it.
    """

    def __init__(self, role: str, width: int, *, hidden: int, dropout: float) -> None:
        super().__init__()
        self.outputs = OUTPUTS[role]
        n_labels = sum(len(labels) for labels in self.outputs.values())
        self.hidden = nn.Linear(4 * width, hidden)
        self.past = nn.Linear(N_PAST_BLOCKS * width, hidden, bias=False)
        nn.init.zeros_(self.past.weight)
        self.output = nn.Linear(hidden, n_labels)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, text: Tensor, context: Tensor, past: Tensor | None = None
    ) -> dict[str, Tensor]:
        """Return the logits of each output, shape `(n, n_labels)`.

        Args:
            text: Vectors of the sentences, shape `(n, width)`.
            context: Those of what the other party said before.
            past: What sums up the conversation before that, shape `(n, N_PAST_BLOCKS, width)`.
        """
        hidden = self.hidden(self.dropout(pair_features(text, context)))
        if past is not None:
            hidden = hidden + self.past(self.dropout(past.flatten(1)))
        logits = self.output(self.dropout(torch.relu(hidden)))
        sizes = [len(labels) for labels in self.outputs.values()]
        return dict(zip(self.outputs, torch.split(logits, sizes, dim=-1), strict=True))


class ConvqaNetwork(nn.Module):
    """The encoder, one head for each role, and auxiliary heads that only training uses."""

    def __init__(self, bert: BertModel, *, hidden: int, dropout: float) -> None:
        super().__init__()
        width = bert.config.hidden_size
        self.encoder = SentenceEncoder(bert)
        self.heads = nn.ModuleDict(
            {role: RoleHead(role, width, hidden=hidden, dropout=dropout) for role in OUTPUTS}
        )
        self.auxiliary = nn.ModuleDict(
            {
                "polarity": nn.Linear(width, len(EMOTION)),
                "courtesy": nn.Linear(width, 1),
                "abuse": nn.Linear(width, 1),
            }
        )
