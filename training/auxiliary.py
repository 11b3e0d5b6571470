"""Public data that shapes the encoder through heads of its own, which are thrown away.

Polarity (XED), courtesy (TyDiP, Stanford politeness) and abuse (Romanian and Danish comments) are
near the tasks but not the codebook, so their labels never reach the heads that ship.
"""

import csv
import gzip
import random
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from training.augment import augment
from training.batches import encode_texts
from training.corpora import read_emotions
from training.labels import EMOTION
from training.model import ConvqaNetwork

_BATCH = 16


@dataclass(frozen=True, slots=True)
class AuxiliaryData:
    """Texts with the target of one auxiliary head each; `sets` is empty without public data."""

    sets: dict[str, list[tuple[str, float]]]

    @classmethod
    def read(cls, corpora: Path, rng: random.Random) -> "AuxiliaryData":
        """Read what there is under `corpora`, shuffled."""
        found = {
            "polarity": [
                (text, float(EMOTION.index(label))) for text, label in read_emotions(corpora)
            ],
            "courtesy": _courtesy(corpora),
            "abuse": _abuse(corpora),
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


def _courtesy(corpora: Path) -> list[tuple[str, float]]:
    """Requests with a soft target from their z-score: TyDiP (CC BY 4.0), its English train part."""
    path = corpora / "politeness_tydip" / "train.all.en.csv.gz"
    if not path.exists():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [
            (row["sentence"], float(torch.sigmoid(torch.tensor(2 * float(row["score"])))))
            for row in csv.DictReader(file)
        ]


def _abuse(corpora: Path) -> list[tuple[str, float]]:
    """Comments with insults or not: RO-Offense (Apache-2.0), DKHate (CC BY 4.0)."""
    rows = []
    for folder in ("offense_ro_gsp", "offense_ro_facebook"):
        path = corpora / folder / "train.csv.gz"
        if path.exists():
            with gzip.open(path, "rt", encoding="utf-8") as file:
                rows += [(r["text"], float(r["label"] != "OTHER")) for r in csv.DictReader(file)]
    path = corpora / "offense_da_dkhate" / "train.offenseval-da-training-v1.tsv.gz"
    if path.exists():
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                parts = line.rstrip("\n").split("\t")
                if len(parts) == 3 and parts[2] in ("OFF", "NOT"):
                    rows.append((parts[1], float(parts[2] == "OFF")))
    return [row for row in rows if 3 < len(row[0]) < 300]
