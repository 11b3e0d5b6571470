"""What the encoder reaches on a public set of politeness when trained for it: TyDiP, English.

Run as `python -m training.tydip`; `--layers 12` takes the whole base encoder instead of every
second layer. The encoder learns from the scores of all requests but a fifth, and is asked whether
requests of the outer quarters of that fifth are polite, as Srinivasan & Choi 2022 do
(https://aclanthology.org/2022.findings-emnlp.420/). Nothing of it ships.
"""

import argparse
import logging
import random
from collections.abc import Sequence

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional

from training.batches import encode_texts
from training.model import ConvqaNetwork
from training.public_sets import read_courtesy
from training.settings import ROOT, Paths
from training.start import start_network

logger = logging.getLogger(__name__)

_FOLDS = 5
_EPOCHS = 6
_BATCH = 32
_RATE = 1e-4
_HEAD_RATE = 1e-3

Rows = Sequence[tuple[str, float]]


def learn(network: ConvqaNetwork, tokenizer: Tokenizer, rows: Rows, rng: random.Random) -> None:
    """Fit encoder and courtesy head to the scores, each as the probability of being polite."""
    head = network.auxiliary["courtesy"]
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in network.encoder.parameters() if p.requires_grad], "lr": _RATE},
            {"params": head.parameters(), "lr": _HEAD_RATE},
        ],
        weight_decay=0.02,
    )
    n_steps = _EPOCHS * (len(rows) // _BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [_RATE, _HEAD_RATE], total_steps=n_steps + 1
    )
    network.train()
    for epoch in range(_EPOCHS):
        order = rng.sample(list(rows), len(rows))
        for start in range(0, len(order) - _BATCH + 1, _BATCH):
            batch = order[start : start + _BATCH]
            logits = head(encode_texts(network, tokenizer, [text for text, _ in batch]))[:, 0]
            target = torch.sigmoid(2 * torch.tensor([score for _, score in batch]))
            loss = functional.binary_cross_entropy_with_logits(logits, target)
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
        logger.info("epoch %d: loss %.3f", epoch + 1, loss.item())


@torch.no_grad()
def judged_right(network: ConvqaNetwork, tokenizer: Tokenizer, rows: Rows) -> int:
    """Return of how many requests the side was found."""
    network.eval()
    right = 0
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        vectors = encode_texts(network, tokenizer, [text for text, _ in batch])
        logits = network.auxiliary["courtesy"](vectors)[:, 0]
        right += sum((logit > 0) == (score > 0)
                     for logit, (_, score) in zip(logits.tolist(), batch, strict=True))  # fmt: skip
    return right


def main() -> None:
    """Train and test once, or on each fifth in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", default=ROOT / "data")
    parser.add_argument("--base", default=ROOT / "work" / "base")
    parser.add_argument("--work", default=ROOT / "work" / "train")
    parser.add_argument("--layers", type=int, choices=(6, 12), default=6)
    parser.add_argument("--folds", type=int, default=_FOLDS, help="how many of the fifths")
    args = parser.parse_args()
    paths = Paths(corpora=args.corpora, base=args.base, work=args.work,
                  settings=ROOT / "configs" / "training.yaml")  # fmt: skip
    rows = read_courtesy(paths.public)
    low, high = np.quantile([score for _, score in rows], (0.25, 0.75))
    right = n = 0
    for fold in range(args.folds):
        torch.manual_seed(fold)
        network, tokenizer = start_network(
            paths, layers=tuple(range(12)) if args.layers == 12 else None
        )
        learn(network, tokenizer, [row for k, row in enumerate(rows) if k % _FOLDS != fold],
              random.Random(fold))  # noqa: S311  # fmt: skip
        held_out = [row for row in rows[fold::_FOLDS] if not low < row[1] < high]
        right += judged_right(network, tokenizer, held_out)
        n += len(held_out)
        logger.info("%d layers: %d of %d right, %.3f", args.layers, right, n, right / n)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    main()
