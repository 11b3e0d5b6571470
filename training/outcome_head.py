"""Fit the linear head that reads how a conversation ended.

Few of the labelled conversations are broken off, so some that are cut off in the middle are added
for `ending`: one that stops after a customer's question or problem was left by the agent, one that
stops after an agent's question by the customer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from convqa.detect.contexts import surroundings
from convqa.detect.outcome import SegmentLabels, conversation_features
from convqa.encoder.heads import SegmentHead
from convqa.schema import Role
from training.corpora import Example, GoldConversation
from training.labels import ENDING, RESOLUTION
from training.served import VectorTable

_OPEN_CUSTOMER = {"problem", "question", "complaint", "escalation", "denies_resolved"}
_DONE_CUSTOMER = {"thanks", "closing", "confirms_resolved"}
_NEXT_STEP = {"commitment", "transfer"}
_CUT_WEIGHT = 0.3


@dataclass(frozen=True, slots=True)
class Outcome:
    """A conversation's features and how it ended; `resolution` is None where that is unknown."""

    features: NDArray[np.int64]
    resolution: str | None
    ending: str
    weight: float = 1.0


def outcome_of(
    talk: GoldConversation, table: VectorTable, agent: SegmentHead, customer: SegmentHead
) -> NDArray[np.int64]:
    """Return the features of a conversation, computed as in scoring."""
    roles: list[Role] = [turn.role for turn in talk.turns for _ in turn.sentences]
    vectors = table.of([text for turn in talk.turns for text in turn.sentences])
    context, past = surroundings(roles, vectors)
    found = {}
    for role, head in (("agent", agent), ("customer", customer)):
        rows = [row for row, own in enumerate(roles) if own == role]
        found[role] = head.predict(vectors[rows], context[rows], past[rows])
    labelled = SegmentLabels(roles=roles, agent=found["agent"], customer=found["customer"])
    return conversation_features(labelled, vectors)


def cut_short(talk: GoldConversation) -> list[tuple[GoldConversation, str | None, str]]:
    """Return conversations cut off in the middle, with resolution and ending."""
    cut = []
    for end in range(3, len(talk.turns) - 2):
        last, following = talk.turns[end - 1], talk.turns[end]
        acts = last.acts or frozenset()
        part = replace(talk, turns=talk.turns[:end])
        if last.role == following.role:
            continue
        if last.role == "customer" and acts & _OPEN_CUSTOMER and not acts & _DONE_CUSTOMER:
            has_next_step = any(_promises(turn) for turn in part.turns)
            cut.append((part, None if has_next_step else "unresolved", "agent_left"))
        elif last.role == "agent" and "question" in acts and "further_help" not in acts:
            cut.append((part, None, "customer_left"))
    return cut[::2]


def _promises(turn: Example) -> bool:
    return turn.role == "agent" and bool((turn.acts or frozenset()) & _NEXT_STEP)


def outcomes(
    talks: Sequence[GoldConversation],
    table: VectorTable,
    agent: SegmentHead,
    customer: SegmentHead,
    *,
    with_cuts: bool,
) -> list[Outcome]:
    """Return the outcomes of conversations, and of their cut versions if asked for."""
    found = []
    for talk in talks:
        features = outcome_of(talk, table, agent, customer)
        found.append(Outcome(features, talk.resolution, talk.ending))
        for part, resolution, ending in cut_short(talk) if with_cuts else ():
            features = outcome_of(part, table, agent, customer)
            found.append(Outcome(features, resolution, ending, _CUT_WEIGHT))
    return found


@dataclass(frozen=True, slots=True)
class LinearHead:
    """Logits = features @ weight + bias, columns of `RESOLUTION` then `ENDING`."""

    weight: NDArray[np.float64]
    bias: NDArray[np.float64]


def fit_outcomes(
    train: Sequence[Outcome], *, n_vector: int, c: float, vector_c: float
) -> LinearHead:
    """Fit both outputs.

    Args:
        train: Labelled outcomes.
        n_vector: How many of the last features are components of vectors.
        c: Inverse strength of the L2 penalty on the weights of labels and course.
        vector_c: The same for those of vectors, which are many and say little each.
    """
    features = np.stack([item.features for item in train]).astype(np.float64)
    centre, spread = features.mean(axis=0), features.std(axis=0) + 20.0
    spread[-n_vector:] *= np.sqrt(c / vector_c)
    scaled = (features - centre) / spread
    weights, biases = [], []
    for name, labels in (("resolution", RESOLUTION), ("ending", ENDING)):
        given = [getattr(item, name) for item in train]
        rows = [row for row, label in enumerate(given) if label is not None]
        model = LogisticRegression(C=c, max_iter=2000)
        share = np.array([train[row].weight for row in rows])
        model.fit(scaled[rows], [labels.index(given[row]) for row in rows], sample_weight=share)
        weight = model.coef_.T / spread[:, None]
        weights.append(weight)
        biases.append(model.intercept_ - centre @ weight)
    return LinearHead(np.concatenate(weights, axis=1), np.concatenate(biases))
