"""Teach the shallow encoder the vectors of the deep one, and translations the same vector.

Each sentence of a translation pair learns the mean of the deep encoder's vectors of both (after
Reimers and Gurevych 2020, https://arxiv.org/abs/2004.09813). Run as `python -m training.align`.
"""

import logging
import random
import time

import torch

from training.batches import encode_texts
from training.corpora import read_conversations, read_segments
from training.model import normalise
from training.public_sets import read_translations
from training.settings import Paths, run_step
from training.start import start_network

logger = logging.getLogger(__name__)

_BATCH_PAIRS = 48
_LEARNING_RATE = 3e-4


def pairs_to_learn(paths: Paths) -> list[tuple[str, str]]:
    """Return translation pairs, and training sentences paired with themselves."""
    pairs = read_translations(paths.public)
    own = [text for item in read_segments(paths.corpora) if item.split == "train"
           for text in (*item.sentences, item.context) if text]  # fmt: skip
    own += [text for talk in read_conversations(paths.corpora) if talk.split == "train"
            for turn in talk.turns for text in turn.sentences]  # fmt: skip
    return pairs + [(text, text) for text in sorted(set(own))]


def align(paths: Paths, *, seed: int = 1) -> None:
    """Train one pass over the pairs and write `aligned.pt`."""
    torch.manual_seed(seed)
    rng = random.Random(seed)  # noqa: S311
    (paths.work / "aligned.pt").unlink(missing_ok=True)
    student, tokenizer = start_network(paths)
    teacher, _ = start_network(paths, layers=tuple(range(12)))
    teacher.eval()
    student.train()
    pairs = pairs_to_learn(paths)
    rng.shuffle(pairs)
    pairs = pairs[: paths.load().base.align_pairs]
    steps = -(-len(pairs) // _BATCH_PAIRS)
    parameters = list(student.encoder.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=_LEARNING_RATE, weight_decay=0.01)
    started = time.monotonic()
    for step in range(steps):
        batch = pairs[step * _BATCH_PAIRS : (step + 1) * _BATCH_PAIRS]
        texts = sorted({text for pair in batch for text in pair})
        row = {text: number for number, text in enumerate(texts)}
        left = torch.tensor([row[source] for source, _ in batch])
        right = torch.tensor([row[target] for _, target in batch])
        with torch.no_grad():
            deep = encode_texts(teacher, tokenizer, texts)
            target = normalise(deep[left] + deep[right])
        shallow = encode_texts(student, tokenizer, texts)
        loss = (
            (shallow[left] - target).square().mean() + (shallow[right] - target).square().mean()
        ) / 2
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        for group in optimizer.param_groups:
            group["lr"] = _LEARNING_RATE * min((step + 1) / 50, 1 - step / steps)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if step % 50 == 0:
            logger.info(
                "step %d of %d: loss %.3f, %.0f s",
                step,
                steps,
                loss.item(),
                time.monotonic() - started,
            )
    torch.save(student.encoder.bert.state_dict(), paths.work / "aligned.pt")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    run_step("align", align)
