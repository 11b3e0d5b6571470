"""Compare the trained network with the graphs: same text, same vector, same probabilities.

Run as `python -m training.parity`; writes `parity.json`, which the model card shows, and exits with
1 when the graph strays too far. Two things are measured on the test data: whether torch and a
float32 graph agree, and what the 8-bit integers of the graph that ships cost.
"""

import logging
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from pydantic import BaseModel
from tokenizers import Tokenizer

from convqa.encoder.session import GraphEncoder
from training.batches import encode_texts
from training.corpora import Example, part_of
from training.dev_metrics import task_figures
from training.export import calibration_texts, encoder_shape
from training.fit_heads import labelled_examples, role_table
from training.graph import build_encoder
from training.kept_vectors import KeptVectors
from training.model import OUTPUTS, SINGLE_LABEL, VECTOR_SCALE, ConvqaNetwork, RoleHead
from training.served import HeadInputs, TextEncoder, VectorTable, head_inputs, texts_of
from training.settings import Paths, needed, run_step
from training.start import trained_network

logger = logging.getLogger(__name__)

# The largest difference of a probability that counts as agreement.
CLOSE = 0.01
# What is asked: nearly all probabilities of torch and graph agree, and the integers cost next to
# nothing in the mean over the tasks. The cosine only explains: new heads make up for .9964.
LEAST_AGREEING = 0.999
MOST_LOST = 0.005


class Parity(BaseModel):
    """How far the graphs are from the trained network.

    Attributes:
        cosine: Mean cosine of the 8-bit graph's vectors to the network's, training texts.
        agreeing: Share of the test probabilities in which torch and the float32 graph agree
            within `CLOSE`.
        n_probabilities: How many were compared.
        figures: By task, dev figure style F1 on the test data: the network as trained, and the
            8-bit graph with its heads fitted again.
    """

    cosine: float
    agreeing: float
    n_probabilities: int
    figures: dict[str, tuple[float, float]]


@torch.no_grad()
def cosines(
    network: ConvqaNetwork, tokenizer: Tokenizer, encoder: TextEncoder, texts: list[str]
) -> NDArray[np.float64]:
    """Return the cosine between the network's and the graph's vector of each text."""
    exact = encode_texts(network, tokenizer, texts, autocast=False).numpy().astype(np.float64)
    served = encoder.encode(texts).astype(np.float64) / VECTOR_SCALE
    norms = np.linalg.norm(exact, axis=1) * np.linalg.norm(served, axis=1)
    found: NDArray[np.float64] = (exact * served).sum(axis=1) / norms
    return found


class TorchEncoder:
    """The network as an encoder of texts, in float32, for a `VectorTable`."""

    def __init__(self, network: ConvqaNetwork, tokenizer: Tokenizer) -> None:
        """Keep the network and its tokenizer."""
        self._network, self._tokenizer = network, tokenizer

    @torch.no_grad()
    def encode(self, texts: list[str]) -> NDArray[np.int8]:
        """Return the rounded vectors of texts, `(len(texts), width)`."""
        parts = [
            encode_texts(self._network, self._tokenizer, texts[start : start + 64], autocast=False)
            for start in range(0, len(texts), 64)
        ]
        steps = torch.round(torch.cat(parts) * VECTOR_SCALE)
        return torch.clamp(steps, -127, 127).to(torch.int8).numpy()


def float_encoder(network: ConvqaNetwork, work: Path, *, max_tokens: int) -> GraphEncoder:
    """Return the encoder as a float32 graph, written to the working folder."""
    weights = {k: v.float().numpy() for k, v in network.encoder.bert.state_dict().items()}
    path = work / "encoder.float.onnx"
    onnx.save(build_encoder(weights, None, encoder_shape(network, max_tokens)), path)
    return GraphEncoder(path, work / "tokenizer.json", max_tokens=max_tokens, threads=2)


@torch.no_grad()
def head_logits(head: RoleHead, inputs: HeadInputs) -> dict[str, torch.Tensor]:
    """Return the logits of a head on what is in a table.

    The past is left out: only the heads that are fitted last have learnt to read it, and what they
    gain by it must not hide what the integers cost.
    """
    table = role_table(inputs)
    return head(table.text, table.context)


def task_probabilities(logits: Mapping[str, torch.Tensor]) -> NDArray[np.float32]:
    """Return the probabilities of all tasks, one row a sentence."""
    return torch.cat(
        [
            torch.softmax(own, dim=-1) if task in SINGLE_LABEL else torch.sigmoid(own)
            for task, own in logits.items()
        ],
        dim=-1,
    ).numpy()


def refitted_heads(paths: Paths, network: ConvqaNetwork) -> dict[str, RoleHead]:
    """Return the heads that were fitted on the 8-bit graph's vectors."""
    settings = paths.load().heads
    state = torch.load(needed(paths.work / "heads.pt", after="fit_heads"), weights_only=True)
    heads = {}
    for role in OUTPUTS:
        width = network.encoder.bert.config.hidden_size
        head = RoleHead(role, width, hidden=settings.n_hidden, dropout=0.0).eval()
        head.load_state_dict(
            {k.removeprefix(f"{role}."): v for k, v in state.items() if k.startswith(f"{role}.")}
        )
        heads[role] = head
    return heads


def compare(paths: Paths, examples: list[Example]) -> Parity:
    """Measure the agreement on training texts (vectors) and on `examples` (probabilities, F1)."""
    network, tokenizer = trained_network(paths)
    max_tokens = paths.load().fine_tune.max_tokens
    served = KeptVectors(paths.work, max_tokens=max_tokens)
    refitted = refitted_heads(paths, network)
    cosine = cosines(network, tokenizer, served, calibration_texts(paths, 300, seed=9)).mean()
    texts = texts_of(examples)
    exact = VectorTable(TorchEncoder(network, tokenizer), texts)
    floats = VectorTable(float_encoder(network, paths.work, max_tokens=max_tokens), texts)
    integers = VectorTable(served, texts)
    close, figures = [], {}
    for role, head in network.heads.items():
        own = [item for item in examples if item.role == role]
        by_table = [head_inputs(own, table, is_split=True) for table in (exact, floats, integers)]
        logits = head_logits(head, by_table[0])
        same = task_probabilities(head_logits(head, by_table[1]))
        close.append(np.abs(task_probabilities(logits) - same).ravel() <= CLOSE)
        owners = torch.from_numpy(by_table[0].owners)
        before = task_figures(role, own, owners, logits)
        after = task_figures(role, own, owners, head_logits(refitted[role], by_table[2]))
        figures |= {task: (before[task], after[task]) for task in before}
    agree = np.concatenate(close)
    return Parity(
        cosine=float(cosine), agreeing=float(agree.mean()), n_probabilities=len(agree),
        figures=figures,
    )  # fmt: skip


def run(paths: Paths) -> None:
    """Write `parity.json`; the program ends here when the vectors do not agree well enough."""
    test = part_of(labelled_examples(paths), "test", paths.corpora)
    found = compare(paths, test)
    (paths.work / "parity.json").write_text(found.model_dump_json(indent=1), encoding="utf-8")
    logger.info(
        "cosine %.5f; torch and float32 graph agree on %.3f %%",
        found.cosine,
        100 * found.agreeing,
    )
    lost = float(np.mean([before - after for before, after in found.figures.values()]))
    if found.agreeing < LEAST_AGREEING or lost > MOST_LOST:
        sys.exit(
            f"torch and graph agree on {found.agreeing:.4f} (asked: {LEAST_AGREEING}), "
            f"the integers cost {lost:.4f} of F1 in the mean (at most {MOST_LOST})"
        )


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    run_step("parity", run)
