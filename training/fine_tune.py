"""Fine-tune the encoder and the heads on all tasks at once.

Run as `python -m training.fine_tune`; writes `network.pt` (tensors only) to the working folder and
logs development figures after each epoch. A run that was cut short goes on from its checkpoint. A
GPU is used where there is one.
"""

import logging
import math
import random
import time
from collections.abc import Mapping, Sequence
from statistics import fmean

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from training.auxiliary import AuxiliaryData, auxiliary_loss
from training.batches import (
    augmented,
    context_parts,
    encode_texts,
    role_vectors,
    shuffled_batches,
    sometimes_whole,
)
from training.checkpoint import Best, Checkpoint, run_digest
from training.corpora import Example, part_of, read_conversations, read_segments
from training.dev_metrics import dev_figures
from training.losses import role_loss
from training.model import ConvqaNetwork, round_vectors
from training.settings import FineTuneSettings, Paths, Settings, run_step
from training.start import start_network

logger = logging.getLogger(__name__)

_AVERAGE_EVERY = 4  # steps
_CHECKPOINT = "fine_tune.checkpoint"
_BEST = "fine_tune.best"
_SAVE_EVERY = 200  # steps, two and a half minutes on two cores
# The fused attention of PyTorch spends a quarter of a step going backwards through sentences of 15
# tokens: a step took .99 s with it and .77 s without.
_CPU_ATTENTION = "eager"


def train_examples(paths: Paths) -> tuple[list[Example], list[Example]]:
    """Return the training and the development examples."""
    examples = read_segments(paths.corpora)
    examples += [turn for talk in read_conversations(paths.corpora) for turn in talk.turns]
    train, dev = (part_of(examples, split, paths.corpora) for split in ("train", "dev"))
    return train, dev


def epoch_examples(
    train: Sequence[Example], settings: FineTuneSettings, rng: random.Random
) -> list[Example]:
    """Return what an epoch reads: all that is new, and a share of what the start has learnt."""
    known = [example for example in train if example.file not in settings.new_files]
    new = [example for example in train if example.file in settings.new_files]
    return new + rng.sample(known, round(settings.known_share * len(known)))


def parameter_groups(network: ConvqaNetwork, settings: FineTuneSettings) -> list[dict]:
    """Return optimiser groups: lower layers learn slower by `layer_decay` a layer."""
    n_layers = network.encoder.bert.config.num_hidden_layers
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        if not name.startswith("encoder."):
            rate = settings.head_learning_rate
        elif ".layer." in name:
            depth = int(name.split(".layer.")[1].split(".")[0])
            rate = settings.learning_rate * settings.layer_decay ** (n_layers - 1 - depth)
        else:
            rate = settings.learning_rate * settings.layer_decay**n_layers
        decay = 0.0 if parameter.ndim == 1 else settings.weight_decay
        groups.setdefault((rate, decay), []).append(parameter)
    return [
        {"params": parameters, "lr": rate, "weight_decay": decay}
        for (rate, decay), parameters in groups.items()
    ]


def batch_loss(
    network: ConvqaNetwork,
    tokenizer: Tokenizer,
    batch: Sequence[Example],
    settings: FineTuneSettings,
    rng: random.Random,
) -> Tensor:
    """Return the loss of a batch; every distinct text is encoded once."""
    read = [sometimes_whole(example, settings.whole_turn_share, rng) for example in batch]
    disturbed = [augmented(example, settings.augment_share, rng) for example in read]
    contexts = [context_parts(example, rng) for example in disturbed]
    texts: dict[str, int] = {}
    own = dict.fromkeys(text for example in disturbed for text in example.sentences)
    for text in (*own, *(part for parts in contexts for part in parts)):
        texts.setdefault(text, len(texts))
    vectors = batch_vectors(network, tokenizer, list(texts), learnt=len(own))
    vectors = vectors + settings.vector_noise * torch.randn_like(vectors)
    vectors = round_vectors(vectors)
    total = torch.zeros(())
    for role, head in network.heads.items():
        members = [row for row, example in enumerate(disturbed) if example.role == role]
        if not members:
            continue
        chosen = [disturbed[row] for row in members]
        text, context, owners = role_vectors(
            chosen, [contexts[row] for row in members], vectors, texts
        )
        loss = role_loss(head(text, context), owners, chosen, smoothing=settings.label_smoothing)
        total = total + loss * len(chosen) / len(disturbed)
    return total


def batch_vectors(
    network: ConvqaNetwork, tokenizer: Tokenizer, texts: Sequence[str], *, learnt: int
) -> Tensor:
    """Return vectors of texts; the gradient reaches the first `learnt`, not the mere contexts.

    Contexts are the other party's texts, and those are learnt from in their own right; leaving them
    out of the backward pass saves a third of the time.
    """
    vectors = encode_texts(network, tokenizer, texts[:learnt])
    if learnt == len(texts):
        return vectors
    with torch.no_grad():
        contexts = encode_texts(network, tokenizer, texts[learnt:])
    return torch.cat([vectors, contexts])


def fine_tune(paths: Paths) -> None:
    """Train, keeping a moving average of the weights, which is what is judged after each epoch.

    The average of the epoch with the best mean of the development figures is saved: on two cores
    they were highest after two thirds of the time and lost a point in the rest. Where the encoder
    of a bundle is kept, the network is saved as the bundle has it.
    """
    if paths.load().base.keeps_encoder:
        network, _ = start_network(paths)
        torch.save(network.state_dict(), paths.work / "network.pt")
        return
    everything = paths.load()
    settings = everything.fine_tune
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    with device:
        best = _best_weights(paths, everything)
    weights = best.weights()
    if settings.start_share:
        torch.manual_seed(settings.seed)  # widened heads start as they did above
        with device:
            start, _ = start_network(paths)
        weights = mixed(weights, start.cpu().state_dict(), settings.start_share)
    torch.save(weights, paths.work / "network.pt")
    for name in (_CHECKPOINT, _BEST):
        (paths.work / name).unlink(missing_ok=True)


def _best_weights(paths: Paths, everything: Settings) -> Best:
    settings = everything.fine_tune
    torch.manual_seed(settings.seed)
    network, tokenizer = start_network(paths)
    if torch.get_default_device().type == "cpu":
        network.encoder.bert.set_attn_implementation(_CPU_ATTENTION)
    freeze(network, settings.frozen_layers)
    train, dev = train_examples(paths)
    auxiliary = AuxiliaryData.read(paths.public, random.Random(settings.seed))  # noqa: S311
    optimizer = torch.optim.AdamW(parameter_groups(network, settings), betas=(0.9, 0.98))
    rates = [group["lr"] for group in optimizer.param_groups]
    average = {name: value.clone() for name, value in network.state_dict().items()}
    digest = run_digest(everything, train)
    checkpoint = Checkpoint(paths.work / _CHECKPOINT, digest)
    best = Best(paths.work / _BEST, digest)
    step, seconds_before = checkpoint.resume(network, optimizer, average)
    n_read = len(epoch_examples(train, settings, random.Random(0)))  # noqa: S311
    steps_an_epoch = math.ceil(n_read / settings.batch_examples)
    began = time.monotonic() - seconds_before
    progress = step / (settings.epochs * steps_an_epoch)
    while progress < 1:
        epoch = step // steps_an_epoch
        rng = random.Random(f"{settings.seed} {epoch}")  # noqa: S311
        examples = epoch_examples(train, settings, rng)
        batches = list(shuffled_batches(examples, settings.batch_examples, rng))
        network.train()
        losses = []
        for batch in batches[step % steps_an_epoch :]:
            loss = batch_loss(network, tokenizer, batch, settings, rng)
            if rng.random() < settings.auxiliary_share:
                loss = loss + auxiliary_loss(network, tokenizer, auxiliary, rng)
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            minutes = (time.monotonic() - began) / 60
            progress = max(
                step / (settings.epochs * steps_an_epoch), minutes / settings.max_minutes
            )
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * rate_factor(progress, settings)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            step += 1
            if step % _AVERAGE_EVERY == 0:
                update_average(average, network, settings.average_decay)
            losses.append(loss.item())
            if step % _SAVE_EVERY == 0:
                logger.info("step %d: loss %.3f", step, sum(losses[-50:]) / len(losses[-50:]))
                checkpoint.save(network, optimizer, average, step, 60 * minutes)
            if progress >= 1:
                break
        own = {name: value.clone() for name, value in network.state_dict().items()}
        network.load_state_dict(average)
        figures = dev_figures(network, tokenizer, dev)
        best.offer(average, fmean(figures.values()))
        report = ", ".join(f"{task} {value:.3f}" for task, value in figures.items())
        mean = sum(losses) / len(losses)
        logger.info("epoch %d: %.1f min, loss %.3f, dev %s", epoch + 1, minutes, mean, report)
        network.load_state_dict(own)
    return best


def mixed(
    weights: Mapping[str, Tensor], start: Mapping[str, Tensor], share: float
) -> dict[str, Tensor]:
    """Return the mean of two networks' weights, `share` of it of the start.

    Such a mean knows what is new nearly as well as the weights, and has forgotten less.
    """
    return {name: value.lerp(start[name], share) for name, value in weights.items()}


def freeze(network: ConvqaNetwork, n_layers: int) -> None:
    """Keep the embeddings and the lowest layers as they are.

    The words of six languages then stay where the base model has them, seen in training or not.
    """
    bert = network.encoder.bert
    for part in (bert.embeddings, *bert.encoder.layer[:n_layers]):
        part.requires_grad_(False)


@torch.no_grad()
def update_average(average: dict[str, Tensor], network: nn.Module, decay: float) -> None:
    """Move the average of the weights a step towards the network's."""
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            average[name].lerp_(parameter, 1 - decay)


def rate_factor(progress: float, settings: FineTuneSettings) -> float:
    """Return the share of the learning rate: it rises, stays, and falls to nothing at the end."""
    rise = progress / settings.warmup_share
    fall = (1 - progress) / settings.decay_share
    return max(0.0, min(1.0, rise, fall))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    run_step("fine_tune", fine_tune)
