"""A fine-tuning that was cut short goes on from the state that was kept.

Random numbers are seeded afresh at each step here. In training those after a checkpoint are others
than in an unbroken run: the state of their generators is not kept.
"""

from pathlib import Path
from random import Random

import pytest

pytest.importorskip("torch", reason="training needs torch, which the product does not")
pytest.importorskip("datasets", reason="training reads public sets with datasets")

import torch
from torch import nn
from training.checkpoint import Best, Checkpoint, run_digest
from training.corpora import Example
from training.fine_tune import epoch_examples, mixed
from training.settings import FineTuneSettings, Paths, Settings
from training.tiny_bundle import write_tiny_bundle

from convqa.errors import ConfigError

SETTINGS = Path(__file__).parents[2] / "configs" / "training.yaml"


def a_step(network: nn.Module, optimizer: torch.optim.Optimizer, average: dict, step: int) -> None:
    torch.manual_seed(step)
    network(torch.randn(4, 3)).square().mean().backward()
    optimizer.step()
    optimizer.zero_grad()
    for name, value in network.state_dict().items():
        average[name].lerp_(value, 0.5)


def fresh() -> tuple[nn.Module, torch.optim.Optimizer, dict]:
    torch.manual_seed(0)
    network = nn.Linear(3, 2)
    average = {name: value.clone() for name, value in network.state_dict().items()}
    return network, torch.optim.AdamW(network.parameters(), lr=0.1), average


def test_resumed_training_ends_with_the_same_weights(tmp_path):
    whole = fresh()
    for step in range(6):
        a_step(*whole, step)
    checkpoint = Checkpoint(tmp_path / "state", "digest")
    first = fresh()
    for step in range(3):
        a_step(*first, step)
    checkpoint.save(*first, 3, 12.5)
    second = fresh()
    assert checkpoint.resume(*second) == (3, 12.5)
    for step in range(3, 6):
        a_step(*second, step)
    for name, value in whole[2].items():
        assert torch.equal(value, second[2][name])


def test_checkpoint_of_another_run_is_left_alone(tmp_path):
    first = fresh()
    a_step(*first, 0)
    Checkpoint(tmp_path / "state", "one").save(*first, 1, 1.0)
    other = fresh()
    assert Checkpoint(tmp_path / "state", "other").resume(*other) == (0, 0.0)
    assert torch.equal(other[0].weight, fresh()[0].weight)


def test_best_weights_of_this_run_are_kept(tmp_path):
    best = Best(tmp_path / "best", "digest")
    for value, figure in ((1.0, 0.7), (2.0, 0.8), (3.0, 0.75)):
        best.offer({"weight": torch.tensor(value)}, figure)
    assert best.weights()["weight"] == 2.0
    other = Best(tmp_path / "best", "other")
    with pytest.raises(ValueError, match="holds no weights of this run"):
        other.weights()
    other.offer({"weight": torch.tensor(4.0)}, 0.1)
    assert other.weights()["weight"] == 4.0


@pytest.fixture
def everything() -> Settings:
    return Paths(corpora=Path(), base=Path(), work=Path(), settings=SETTINGS).load()


@pytest.fixture
def settings(everything) -> FineTuneSettings:
    return everything.fine_tune


def example(name: str, *, file: str = "segments.1") -> Example:
    return Example(
        id=name, language="en", role="agent", channel="chat", sentences=("Hi",), context="",
        split="train", source="segments", file=file, politeness="polite",
        acts=frozenset({"greeting"}),
    )  # fmt: skip


def test_run_is_known_by_its_settings_and_labels(everything, settings):
    one = example("a")
    digest = run_digest(everything, [one])
    assert digest == run_digest(everything, [one])
    assert digest != run_digest(everything, [])
    other = everything.model_copy(update={"fine_tune": settings.model_copy(update={"seed": 8})})
    assert digest != run_digest(other, [one])


def test_run_is_known_by_the_bundle_it_goes_on_from(everything, tmp_path):
    bundle = tmp_path / "bundle"
    base = everything.base.model_copy(update={"bundle": bundle})
    chosen = everything.model_copy(update={"base": base})
    with pytest.raises(ConfigError, match="no bundle to go on from"):
        run_digest(chosen, [])
    digests = {run_digest(everything, [])}
    for seed in (5, 9):
        write_tiny_bundle(bundle, seed=seed)
        digests.add(run_digest(chosen, []))
    assert len(digests) == 3


def test_an_epoch_reads_all_that_is_new_and_a_share_of_the_rest(settings):
    train = [example(str(n), file="segments.8" if n < 4 else "segments.1") for n in range(24)]
    chosen = settings.model_copy(update={"new_files": ("segments.8",), "known_share": 0.25})
    read = [item.id for item in epoch_examples(train, chosen, Random(1))]
    assert {"0", "1", "2", "3"} < set(read)
    assert len(set(read)) == 4 + 5
    assert len(epoch_examples(train, settings, Random(1))) == 24


def test_a_share_of_the_start_stays_in_the_weights():
    new, start = {"weight": torch.tensor([1.0, 3.0])}, {"weight": torch.tensor([5.0, 3.0])}
    assert mixed(new, start, 0.25)["weight"].tolist() == [2.0, 3.0]
