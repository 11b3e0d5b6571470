"""Turn examples into token batches and encode each distinct text of a batch once."""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

import torch
from tokenizers import Tokenizer
from torch import Tensor

from training.augment import augment
from training.corpora import Example
from training.model import ConvqaNetwork, round_vectors
from training.sentences import split_sentences

_GROUPS = 3  # texts of a batch are encoded in as many groups of like length, to save padding
_PAD_ID = 1  # of the XLM-R vocabulary
_SHAPE_STEP = 8
_TIMED_WIDTH = 384
_TIMED_PRODUCTS = 10


def augmented(example: Example, share: float, rng: random.Random) -> Example:
    """Return the example, in `share` of the calls with its texts disturbed."""
    if rng.random() >= share:
        return example
    language, channel = example.language, example.channel
    return replace(
        example,
        sentences=tuple(augment(text, language, channel, rng) for text in example.sentences),
        context=augment(example.context, language, channel, rng),
    )


def sometimes_whole(example: Example, share: float, rng: random.Random) -> Example:
    """Return the example, in `share` of the calls with its turn in one piece."""
    if len(example.sentences) == 1 or rng.random() >= share:
        return example
    return replace(example, sentences=(" ".join(example.sentences),))


def context_parts(example: Example, rng: random.Random | None) -> tuple[str, ...]:
    """Return the texts whose mean vector is the context: the turn whole, or its sentences.

    Scoring has sentences, `classify` has the text whole, so training sees both.
    """
    if not example.context:
        return ()
    if rng is not None and rng.random() < 0.5:
        return (example.context,)
    return split_sentences(example.context)


def shuffled_batches(
    examples: Sequence[Example], size: int, rng: random.Random
) -> Iterator[list[Example]]:
    """Yield batches of examples in random order; the last one may be smaller."""
    order = list(examples)
    rng.shuffle(order)
    for start in range(0, len(order), size):
        yield order[start : start + size]


def _rounded(n: int) -> int:
    """Round up to the step of shapes: oneDNN builds a kernel for each shape that it meets."""
    return -(-n // _SHAPE_STEP) * _SHAPE_STEP


@cache
def bfloat16_is_faster(device: str) -> bool:
    """Tell whether products in bfloat16 take less time than in float32; a CPU may emulate them."""
    return _product_seconds(torch.bfloat16, device) < _product_seconds(torch.float32, device)


def _product_seconds(dtype: torch.dtype, device: str) -> float:
    matrix = torch.ones(_TIMED_WIDTH, _TIMED_WIDTH, dtype=dtype, device=device)
    seconds = []
    for _ in range(_TIMED_PRODUCTS):
        started = time.perf_counter()
        (matrix @ matrix).sum().item()  # waits for a GPU too
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def encode_texts(
    network: ConvqaNetwork, tokenizer: Tokenizer, texts: Sequence[str], *, autocast: bool = True
) -> Tensor:
    """Return normalised, unrounded vectors of texts, in order.

    With `autocast`, products are taken in bfloat16 where that is faster.
    """
    encodings = [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
    order = sorted(range(len(texts)), key=lambda row: len(encodings[row]))
    size = max(1, -(-len(order) // _GROUPS))
    parts = []
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        longest = _rounded(max(len(encodings[row]) for row in rows))
        ids = torch.full((_rounded(len(rows)), longest), _PAD_ID)
        mask = torch.zeros_like(ids)
        mask[len(rows) :, 0] = 1  # rows that only round up the shape
        for line, row in enumerate(rows):
            ids[line, : len(encodings[row])] = torch.tensor(encodings[row])
            mask[line, : len(encodings[row])] = 1
        half = autocast and bfloat16_is_faster(ids.device.type)
        with torch.autocast(ids.device.type, dtype=torch.bfloat16, enabled=half):
            parts.append(network.encoder(ids, mask).float()[: len(rows)])
    places = torch.empty(len(order), dtype=torch.long)
    places[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(parts)[places]


def role_vectors(
    examples: Sequence[Example],
    contexts: Sequence[tuple[str, ...]],
    vectors: Tensor,
    rows: dict[str, int],
) -> tuple[Tensor, Tensor, Tensor]:
    """Return text vectors and context vectors of all sentences, and the example of each.

    The vector of a context is the rounded mean of its parts' rounded vectors, zeros without one.
    """
    owners = [row for row, example in enumerate(examples) for _ in example.sentences]
    text_rows = [rows[text] for example in examples for text in example.sentences]
    zero = torch.zeros(vectors.shape[1])
    means = torch.stack(
        [
            round_vectors(vectors[[rows[part] for part in parts]].mean(dim=0)) if parts else zero
            for parts in contexts
        ]
    )
    owner_index = torch.tensor(owners)
    return vectors[text_rows], means[owner_index], owner_index
