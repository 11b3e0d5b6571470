"""Fit the heads that ship, on the vectors that the exported graph gives.

Those of fine-tuning have learnt from vectors that changed under them and were not yet quantised.
Run as `python -m training.fit_heads`; writes `heads.pt`, then `training.assemble` makes a bundle of
it.
"""

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from convqa.encoder.heads import N_BLOCKS
from training.batches import augmented, bfloat16_is_faster
from training.corpora import Example, part_of, read_conversations, read_segments
from training.kept_vectors import KeptVectors
from training.losses import label_weights, role_loss
from training.model import OUTPUTS, VECTOR_SCALE, RoleHead
from training.served import HeadInputs, VectorTable, head_inputs, texts_of
from training.settings import HeadSettings, Paths, run_step

logger = logging.getLogger(__name__)

_BATCH = 128
# Of the first share of the examples nothing is known of the conversation before; of the second it
# is that of another example of the batch, so that the words decide where the course misleads.
# Single sentences have none, and are two in three examples of agents and two in five of customers.
_PAST_UNKNOWN = 0.2
_PAST_STRANGE = 0.2


@dataclass(frozen=True, slots=True)
class RoleTable:
    """Examples of one role as the heads read them: of sentences and of what was before them.

    `owners` ascend.
    """

    examples: tuple[Example, ...]
    text: Tensor
    context: Tensor
    past: Tensor
    owners: Tensor

    def part(self, rows: Sequence[int]) -> "RoleTable":
        """Return some of the examples, in the order of `rows`."""
        wanted = torch.tensor(rows)
        first = torch.searchsorted(self.owners, wanted)
        after = torch.searchsorted(self.owners, wanted, right=True)
        kept = torch.cat([torch.arange(*own) for own in zip(first, after, strict=True)])
        owners = torch.repeat_interleave(torch.arange(len(rows)), after - first)
        examples = tuple(self.examples[row] for row in rows)
        return RoleTable(examples, self.text[kept], self.context[kept], self.past[kept], owners)


def role_table(inputs: HeadInputs) -> RoleTable:
    """Return what heads read, as tensors in the units of training."""
    return RoleTable(
        inputs.examples,
        torch.from_numpy(inputs.text).float() / VECTOR_SCALE,
        torch.from_numpy(inputs.context).float() / VECTOR_SCALE,
        torch.from_numpy(inputs.past).float() / VECTOR_SCALE,
        torch.from_numpy(inputs.owners),
    )


def both_readings(examples: Sequence[Example], table: VectorTable, role: str) -> list[RoleTable]:
    """Return the examples of a role in sentences, as conversations are, and whole."""
    own = [item for item in examples if item.role == role]
    return [role_table(head_inputs(own, table, is_split=split)) for split in (True, False)]


def labelled_examples(paths: Paths) -> list[Example]:
    """Return all segments and turns of the project's own data."""
    turns = [turn for talk in read_conversations(paths.corpora) for turn in talk.turns]
    return read_segments(paths.corpora) + turns


@torch.no_grad()
def table_loss(head: RoleHead, tables: Sequence[RoleTable]) -> float:
    """Return the mean loss of a head over some tables."""
    head.eval()
    losses = [
        role_loss(head(t.text, t.context, t.past), t.owners, t.examples, smoothing=0.0)
        for t in tables
    ]
    return float(torch.stack(losses).mean())


def fit_head(
    role: str, train: Sequence[RoleTable], dev: Sequence[RoleTable], settings: HeadSettings
) -> RoleHead:
    """Train a head on fixed vectors and return it as it was at its best on development data."""
    width = train[0].text.shape[1]
    head = RoleHead(role, width, hidden=settings.hidden, dropout=settings.dropout)
    uses_bfloat16 = bfloat16_is_faster("cpu")
    logger.info("%s: products in %s", role, "bfloat16" if uses_bfloat16 else "float32")
    optimizer = torch.optim.AdamW(
        head.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
    )
    weights = label_weights(train[0].examples, settings.label_weight_power)
    rng = random.Random(torch.initial_seed())  # noqa: S311  # repeatable, nothing secret
    best, best_state = table_loss(head, dev), _copy(head)
    for epoch in range(settings.epochs):
        head.train()
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * (1 - epoch / settings.epochs)
        batches = [(t, rows) for t in train for rows in _row_batches(len(t.examples), rng)]
        rng.shuffle(batches)
        for table, rows in batches:
            part = table.part(rows)
            noise = settings.vector_noise * torch.randn_like(part.text)
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=uses_bfloat16):
                found = head(part.text + noise, part.context, unreliable_past(part))
            outputs = {task: logits.float() for task, logits in found.items()}
            loss = role_loss(outputs, part.owners, part.examples, smoothing=0.02, weights=weights)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        reached = table_loss(head, dev)
        logger.info("%s, epoch %d: dev loss %.4f", role, epoch + 1, reached)
        if reached < best:
            best, best_state = reached, _copy(head)
    head.load_state_dict(best_state)
    head.eval()
    return head


def unreliable_past(table: RoleTable) -> Tensor:
    """Return the past of each sentence, left out of some examples, and another's in some."""
    n = len(table.examples)
    past = table.past[torch.searchsorted(table.owners, torch.arange(n))]
    chance = torch.rand(n)
    strange = chance < _PAST_STRANGE
    past[strange] = past[torch.randperm(n)][strange]
    past[chance >= 1 - _PAST_UNKNOWN] = 0.0
    return past[table.owners]


def _row_batches(n: int, rng: random.Random) -> list[list[int]]:
    rows = list(range(n))
    rng.shuffle(rows)
    return [rows[start : start + _BATCH] for start in range(0, n, _BATCH)]


def joined(role: str, heads: Sequence[RoleHead]) -> RoleHead:
    """Return one head with the hidden values of all, whose logits are the mean of theirs."""
    n, width = len(heads), heads[0].hidden.in_features // N_BLOCKS
    hidden = sum(head.hidden.out_features for head in heads)
    whole = RoleHead(role, width, hidden=hidden, dropout=0.0)
    states = [head.state_dict() for head in heads]
    whole.load_state_dict(
        {
            "hidden.weight": torch.cat([state["hidden.weight"] for state in states]),
            "hidden.bias": torch.cat([state["hidden.bias"] for state in states]),
            "past.weight": torch.cat([state["past.weight"] for state in states]),
            "output.weight": torch.cat([state["output.weight"] for state in states], dim=1) / n,
            "output.bias": torch.stack([state["output.bias"] for state in states]).mean(dim=0),
        }
    )
    return whole


def _copy(head: RoleHead) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in head.state_dict().items()}


def fit(paths: Paths) -> None:
    """Fit the heads of both roles and write `heads.pt`."""
    settings = paths.load()
    rng = random.Random(settings.fine_tune.seed)  # noqa: S311
    examples = labelled_examples(paths)
    train = part_of(examples, "train", paths.corpora)
    train += [augmented(item, 1.0, rng) for item in rng.sample(train, len(train) // 2)]
    dev = part_of(examples, "dev", paths.corpora)
    encoder = KeptVectors(paths.work, max_tokens=settings.fine_tune.max_tokens)
    table = VectorTable(encoder, texts_of([*train, *dev]))
    state = {}
    for role in OUTPUTS:
        told, asked = both_readings(train, table, role), both_readings(dev, table, role)
        members = []
        for member in range(settings.heads.members):
            torch.manual_seed(settings.fine_tune.seed + member)
            members.append(fit_head(role, told, asked, settings.heads))
        whole = joined(role, members)
        logger.info("%s, all members: dev loss %.4f", role, table_loss(whole, asked))
        state.update({f"{role}.{name}": value for name, value in whole.state_dict().items()})
    torch.save(state, paths.work / "heads.pt")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    run_step("fit_heads", fit)
