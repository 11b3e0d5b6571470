"""Train a teacher with all twelve layers of the base, and keep what it says of the training data.

It is too slow to ship. What it says softens the labels of the network that ships (Hinton et al.
2015, https://arxiv.org/abs/1503.02531), and stands in where nobody looked for a label. Run as
`python -m training.teacher`; writes `teacher.pt` and `soft_labels.npz`.
"""

import logging

import torch

from training.checkpoint import load_tensors
from training.fine_tune import best_device, train_examples, train_network
from training.settings import Paths, parse_paths
from training.soft_labels import SOFT_LABELS, write_soft_labels
from training.start import start_network

_ALL_LAYERS = tuple(range(12))


def teach(paths: Paths) -> None:
    """Train the teacher and write its soft labels."""
    settings = paths.load().teacher
    with torch.device(best_device()):
        network, tokenizer = start_network(paths, layers=_ALL_LAYERS)
        train_network(paths, settings, network, tokenizer, "teacher.pt")
        network.load_state_dict(load_tensors(paths.work / "teacher.pt"))
        train, _ = train_examples(paths)
        write_soft_labels(network, tokenizer, train, paths.work / SOFT_LABELS)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    teach(parse_paths("teacher"))
