"""The network before fine-tuning: the base encoder cut to size and fresh heads, or a bundle."""

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import BertModel

from training.base_weights import load_base
from training.from_bundle import bundle_encoder, bundle_heads
from training.model import ConvqaNetwork
from training.settings import FineTuneSettings, Paths, needed


def start_network(
    paths: Paths, *, layers: tuple[int, ...] | None = None
) -> tuple[ConvqaNetwork, Tokenizer]:
    """Return the network and the cut tokenizer that truncates as serving does.

    The encoder is the aligned one where `training.align` has run and no `layers` are asked for.
    Where the settings name a bundle, encoder and heads are those of the bundle.
    """
    settings = paths.load()
    tokenizer = Tokenizer.from_file(str(needed(paths.work / "tokenizer.json", after="vocabulary")))
    tokenizer.enable_truncation(settings.fine_tune.max_tokens)
    if (bundle := settings.base.bundle) is not None:
        network = _network(bundle_encoder(bundle), settings.fine_tune)
        network.heads.load_state_dict(bundle_heads(bundle, hidden=settings.fine_tune.hidden))
        return network, tokenizer
    bert = load_base(
        needed(paths.base / settings.base.weights, after="fetch_base"),
        layers=layers or settings.base.layers,
        kept_ids=np.load(needed(paths.work / "kept_ids.npy", after="vocabulary")),
    )
    aligned = paths.work / "aligned.pt"
    if layers is None and aligned.exists():
        bert.load_state_dict(torch.load(aligned, weights_only=True))
    return _network(bert, settings.fine_tune), tokenizer


def _network(bert: BertModel, settings: FineTuneSettings) -> ConvqaNetwork:
    return ConvqaNetwork(bert, hidden=settings.hidden, dropout=settings.dropout)


def trained_network(paths: Paths) -> tuple[ConvqaNetwork, Tokenizer]:
    """Return the fine-tuned network, ready to predict."""
    network, tokenizer = start_network(paths)
    state = torch.load(needed(paths.work / "network.pt", after="fine_tune"), weights_only=True)
    network.load_state_dict(state)
    network.eval()
    return network, tokenizer
