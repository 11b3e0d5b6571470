"""Public data that shapes the encoder through heads of its own, which are thrown away.

Polarity (XED), courtesy (TyDiP, Stanford politeness) and abuse (Romanian and Danish comments) are
near the tasks but not the codebook, so their labels never reach the heads that ship.
"""

import math
import random
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from training.augment import augment
from training.batches import encode_texts
from training.labels import EMOTION
from training.model import ConvqaNetwork
from training.public_sets import Corpora, read_abuse, read_courtesy, read_emotions

_BATCH = 16


@dataclass(frozen=True, slots=True)
class AuxiliaryData:
    """Texts with the target of one auxiliary head each; `sets` is empty without public data."""

    sets: dict[str, list[tuple[str, float]]]

    @classmethod
    def read(cls, corpora: Corpora, rng: random.Random) -> "AuxiliaryData":
        """Read the public sets that there are, shuffled."""
        found = {
            "polarity": [
                (text, float(EMOTION.index(label))) for text, label in read_emotions(corpora)
            ],
            "courtesy": [(text, _soft(score)) for text, score in read_courtesy(corpora)],
            "abuse": read_abuse(corpora),
        }
        for rows in found.values():
            rng.shuffle(rows)
        return cls({name: rows for name, rows in found.items() if rows})


def auxiliary_loss(
    network: ConvqaNetwork, tokenizer: Tokenizer, data: AuxiliaryData, rng: random.Random
) -> Tensor:
    """Return the loss of a batch of one auxiliary task."""
    if not data.sets:
        return torch.zeros(())
    name = rng.choice(sorted(data.sets))
    rows = rng.sample(data.sets[name], _BATCH)
    texts = [augment(text, "en", "chat", rng) if rng.random() < 0.3 else text for text, _ in rows]
    outputs = network.auxiliary[name](encode_texts(network, tokenizer, texts))
    target = torch.tensor([value for _, value in rows])
    if name == "polarity":
        return 0.5 * functional.cross_entropy(outputs, target.long())
    return 0.5 * functional.binary_cross_entropy_with_logits(outputs[:, 0], target)


def _soft(score: float) -> float:
    """Return the target of a politeness score: 0 impolite, 1 polite."""
    return 1 / (1 + math.exp(-2 * score))
