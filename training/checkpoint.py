"""Checkpoints of a fine-tuning: tensors and numbers only, so no pickled object is ever loaded."""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from training.corpora import Example
from training.settings import Settings


def run_digest(settings: Settings, train: Sequence[Example]) -> str:
    """Return what a checkpoint must have been made with to go on from it."""
    start = settings.base.digest() + settings.fine_tune.model_dump_json()
    digest = hashlib.sha256(start.encode())
    for item in train:
        labels = [item.politeness, item.empathy, item.emotion]
        several = [sorted(item.acts or ()), sorted(item.forbidden or ())]
        digest.update(json.dumps([item.id, item.sentences, item.context, labels, several]).encode())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a run keeps its state, and what identifies the run."""

    path: Path
    digest: str

    def save(
        self,
        network: nn.Module,
        optimizer: torch.optim.Optimizer,
        average: dict[str, Tensor],
        step: int,
        seconds: float,
    ) -> None:
        """Write the state beside the old one, then put it in its place."""
        state = {
            "digest": self.digest, "step": step, "seconds": seconds, "average": average,
            "network": network.state_dict(), "optimizer": optimizer.state_dict(),
        }  # fmt: skip
        written = self.path.with_suffix(".part")
        torch.save(state, written)
        written.replace(self.path)

    def resume(
        self, network: nn.Module, optimizer: torch.optim.Optimizer, average: dict[str, Tensor]
    ) -> tuple[int, float]:
        """Put back the state of this very run if there is one.

        Returns:
            The number of steps done and the seconds they took; zeros for a fresh start.
        """
        if not self.path.exists():
            return 0, 0.0
        state = torch.load(self.path, weights_only=True, map_location=torch.get_default_device())
        if state["digest"] != self.digest:
            return 0, 0.0
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        average.update(state["average"])
        return state["step"], state["seconds"]


@dataclass(frozen=True, slots=True)
class Best:
    """The weights with the highest development figure of a run so far, kept in a file."""

    path: Path
    digest: str

    def offer(self, weights: dict[str, Tensor], figure: float) -> None:
        """Keep the weights if no earlier ones of this run reached the figure."""
        if figure > self._figure():
            torch.save({"digest": self.digest, "figure": figure, "weights": weights}, self.path)

    def weights(self) -> dict[str, Tensor]:
        """Return the weights that were kept.

        Raises:
            ValueError: None of this run were.
        """
        state = self._state()
        if state is None:
            raise ValueError(f"{self.path}: holds no weights of this run")
        return state["weights"]

    def _figure(self) -> float:
        state = self._state()
        return -math.inf if state is None else state["figure"]

    def _state(self) -> dict | None:
        if not self.path.exists():
            return None
        state = torch.load(self.path, weights_only=True, map_location="cpu")
        return state if state["digest"] == self.digest else None
