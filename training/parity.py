"""Compare the trained network with the graph that ships: same text, same vector, within rounding.

Run as `python -m training.parity`; exits with 1 when the graph strays too far.
"""

import logging
import sys

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from convqa.encoder.session import GraphEncoder
from training.batches import encode_texts
from training.export import calibration_texts
from training.model import VECTOR_SCALE, ConvqaNetwork
from training.served import graph_encoder
from training.settings import Paths, parse_paths
from training.start import trained_network

logger = logging.getLogger(__name__)

# Mean cosine; measured .9993 on 300 texts for a graph whose heads lose nothing.
LEAST_COSINE = 0.998


@torch.no_grad()
def cosines(
    network: ConvqaNetwork, tokenizer: Tokenizer, encoder: GraphEncoder, texts: list[str]
) -> NDArray[np.float64]:
    """Return the cosine between the network's and the graph's vector of each text."""
    exact = encode_texts(network, tokenizer, texts, autocast=False).numpy().astype(np.float64)
    served = encoder.encode(texts).astype(np.float64) / VECTOR_SCALE
    norms = np.linalg.norm(exact, axis=1) * np.linalg.norm(served, axis=1)
    found: NDArray[np.float64] = (exact * served).sum(axis=1) / norms
    return found


def run(paths: Paths) -> bool:
    """Log the agreement on a few hundred training texts and tell whether it is good enough."""
    network, tokenizer = trained_network(paths)
    encoder = graph_encoder(paths.work, max_tokens=paths.load().fine_tune.max_tokens)
    found = cosines(network, tokenizer, encoder, calibration_texts(paths, 300, seed=9))
    logger.info("cosine: mean %.5f, least %.5f", found.mean(), found.min())
    return bool(found.mean() >= LEAST_COSINE)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    sys.exit(0 if run(parse_paths("parity")) else 1)
