"""How well the base does on TyDiP English when it is trained for it and nothing else.

A comparison with the literature, not a part of what ships: the paper (Srinivasan and Choi 2022,
https://aclanthology.org/2022.findings-emnlp.420/) trains and tests on the politest and the rudest
quarter. Its test part is kept for judging others, so a fifth of the training part, by hash, is held
out here. Run as `python -m training.tydip --corpora FOLDER` after `training.align`.
"""

import hashlib
import logging
import random

import torch
from torch.nn import functional

from convqa.agreement.intervals import wilson_interval
from training.batches import encode_texts, shuffled_batches
from training.fine_tune import freeze, rate_factor
from training.public_sets import TYDIP, read_table
from training.settings import Paths, parse_paths
from training.start import start_network

logger = logging.getLogger(__name__)

_EPOCHS = 6
_BATCH = 32
_LEARNING_RATE = 2e-4
_SEED = 5

Request = tuple[str, float]


def requests(paths: Paths) -> tuple[list[Request], list[Request]]:
    """Return training and held-out requests with 1 where they are polite."""
    rows = [
        (str(row["sentence"]), float(float(row["score"]) > 0))
        for row in read_table(paths.public.local(TYDIP, "train.binary.en.csv.gz"))
    ]
    held = [int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % 5 == 0 for text, _ in rows]
    return (
        [row for row, is_held in zip(rows, held, strict=True) if not is_held],
        [row for row, is_held in zip(rows, held, strict=True) if is_held],
    )


def accuracy(paths: Paths, layers: tuple[int, ...] | None) -> tuple[int, int]:
    """Train on the training requests; return how many held-out ones are right, of how many."""
    torch.manual_seed(_SEED)
    rng = random.Random(_SEED)  # noqa: S311
    settings = paths.load().fine_tune
    network, tokenizer = start_network(paths, layers=layers)
    freeze(network, 0)
    train, held = requests(paths)
    head = network.auxiliary["courtesy"]
    parameters = [*network.encoder.parameters(), *head.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=_LEARNING_RATE, weight_decay=0.02)
    steps = _EPOCHS * -(-len(train) // _BATCH)
    step = 0
    network.train()
    for _ in range(_EPOCHS):
        for batch in shuffled_batches(train, _BATCH, rng):
            logits = head(encode_texts(network, tokenizer, [text for text, _ in batch]))[:, 0]
            target = torch.tensor([label for _, label in batch])
            functional.binary_cross_entropy_with_logits(logits, target).backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            for group in optimizer.param_groups:
                group["lr"] = _LEARNING_RATE * rate_factor(step / steps, settings)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            step += 1
    network.eval()
    with torch.no_grad():
        parts = [
            head(encode_texts(network, tokenizer, [text for text, _ in held[start : start + 64]]))
            for start in range(0, len(held), 64)
        ]
    said = torch.cat(parts)[:, 0] > 0
    right = sum(bool(a) == bool(label) for a, (_, label) in zip(said, held, strict=True))
    return right, len(held)


def run(paths: Paths) -> None:
    """Log the accuracy of the six layers that ship and of all twelve."""
    for name, layers in (("six layers", None), ("twelve layers", tuple(range(12)))):
        right, n = accuracy(paths, layers)
        found = wilson_interval(right, n)
        logger.info(
            "%s: %d of %d = %.3f (%.3f–%.3f)", name, right, n, right / n, found.low, found.high
        )


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    run(parse_paths("tydip"))
