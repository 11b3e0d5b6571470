"""Two bundles on the same test data: is one better by more than noise, and nowhere worse?

The rule is stated in `training/README.md`. Figures of both bundles are resampled together, whole
conversations (or single segments) at a time, stratified by language, so that what makes a test
conversation hard for both does not count as noise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convqa.encoder.bundle import Bundle
from convqa.encoder.heads import decide
from convqa.encoder.manifest import Output
from convqa.encoder.session import Encoder
from convqa.schema import LANGUAGES
from training.corpora import Example, GoldConversation
from training.false_flags import clean_flags, grave_recall
from training.outcome_head import outcome_of
from training.predictions import targets, turn_labels
from training.served import VectorTable, head_inputs, texts_of

RESAMPLES = 1000

Share = tuple[int, int]
"""How many, of how many."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The frozen test set: turns and segments, and the conversations that the turns are from."""

    examples: tuple[Example, ...]
    talks: tuple[GoldConversation, ...]

    def units(self) -> dict[str, str]:
        """Return what is resampled, conversations and single segments, with their languages."""
        return {unit_of(item.id): item.language for item in self.examples}


@dataclass(frozen=True, slots=True)
class Counted:
    """Right, wrong and missed answers of one task: `(n_units, n_labels, 3)`."""

    counts: NDArray[np.float64]
    is_macro: bool


@dataclass(frozen=True, slots=True)
class Answers:
    """What one bundle answers to the test data.

    `tasks` are the counts of each task, of segments and of turns apart. `clean_flagged` and
    `clean_critical` are conversations without a fault that are flagged, by language and «all»;
    `grave_found` the impolite and dismissive texts that are found at the thresholds of findings.
    """

    tasks: Mapping[str, Counted]
    clean_flagged: Mapping[str, Share]
    clean_critical: Mapping[str, Share]
    grave_found: Mapping[str, Share]


@dataclass(frozen=True, slots=True)
class Gain:
    """A figure in [0, 1] under champion and challenger, and the 95 % interval of the difference."""

    before: float
    after: float
    low: float
    high: float

    @property
    def change(self) -> float:
        """Return challenger minus champion; above 0 is better."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Contest:
    """Gains in the mean of all task figures, by task over all languages, and by language."""

    mean: Gain
    tasks: Mapping[str, Gain]
    languages: Mapping[str, Gain]


def unit_of(example_id: str) -> str:
    """Return the conversation of a turn, or the segment itself."""
    return example_id.partition(":")[0]


def answers_of(bundle: Bundle, data: HeldOut) -> Answers:
    """Label the test data with a bundle and count what is right, unit by unit."""
    table = VectorTable(Encoder(bundle, threads=2), texts_of(data.examples))
    rows = {unit: row for row, unit in enumerate(data.units())}
    tasks: dict[str, Counted] = {}
    clean, caught = ({}, {}), {}
    for role, head in (("agent", bundle.agent), ("customer", bundle.customer)):
        inputs = head_inputs([e for e in data.examples if e.role == role], table, is_split=True)
        guesses = turn_labels(head, inputs, is_careful=False)
        units = np.array([rows[unit_of(item.id)] for item in inputs.examples])
        for source in ("segments", "transcripts"):
            own = np.array([item.source == source for item in inputs.examples])
            for output in head.outputs:
                truth = targets(inputs.examples, output)
                if (truth[own] >= 0).any():
                    tasks[f"{role} {output.task}, {source}"] = _counted(
                        output, units[own], truth[own], guesses[output.task][own], len(rows)
                    )
        if role == "agent":
            clean, caught = clean_flags(data.talks, head, inputs), grave_recall(head, inputs)
    tasks |= _outcomes(bundle, data.talks, table, rows)
    return Answers(tasks, clean[0], clean[1], caught)


def _outcomes(
    bundle: Bundle, talks: Sequence[GoldConversation], table: VectorTable, rows: Mapping[str, int]
) -> dict[str, Counted]:
    features = np.stack([outcome_of(talk, table, bundle.agent, bundle.customer) for talk in talks])
    found = bundle.conversation.predict(features)
    units = np.array([rows[talk.id] for talk in talks])
    counted = {}
    for output in bundle.conversation.outputs:
        given = [getattr(talk, output.task) for talk in talks]
        truth = np.array([[label == own for label in output.labels] for own in given], dtype=int)
        guess = decide(found[output.task], output)
        counted[output.task] = _counted(output, units, truth, guess, len(rows))
    return counted


def _counted(
    output: Output, units: NDArray[np.int64], truth: NDArray[np.int64], guess: NDArray[np.bool_],
    n_units: int,
) -> Counted:  # fmt: skip
    known = truth >= 0
    true, said = truth == 1, guess & known
    counts = np.zeros((n_units, len(output.labels), 3))
    for kind, cells in enumerate((true & said, ~true & said, true & ~said)):
        np.add.at(counts[:, :, kind], units, cells & known)
    return Counted(counts, is_macro=output.activation == "softmax")


def figures(counted: Counted, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return F1 for each row of weights over the units: macro, or micro over all labels.

    Labels that neither occur nor were found do not count, as in scikit-learn.
    """
    n_units, n_labels, _ = counted.counts.shape
    sums = (weights @ counted.counts.reshape(n_units, -1)).reshape(-1, n_labels, 3)
    if not counted.is_macro:
        sums = sums.sum(axis=1, keepdims=True)
    hits, total = 2 * sums[:, :, 0], 2 * sums[:, :, 0] + sums[:, :, 1] + sums[:, :, 2]
    f1 = np.divide(hits, total, out=np.full_like(hits, np.nan), where=total > 0)
    is_there = ~np.isnan(f1)
    return np.nansum(f1, axis=1) / np.maximum(is_there.sum(axis=1), 1)


def contest(data: HeldOut, champion: Answers, challenger: Answers) -> Contest:
    """Compare the answers of two bundles to the same test data."""
    languages = np.array(list(data.units().values()))
    weights = resampled_weights(languages)
    everywhere = {name: _pair(champion, challenger, name, weights) for name in champion.tasks}
    by_language = {}
    for language in LANGUAGES:
        own = weights * (languages == language)
        pairs = [_pair(champion, challenger, name, own) for name in champion.tasks]
        by_language[language] = _gain(np.mean(pairs, axis=0))
    return Contest(
        mean=_gain(np.mean(list(everywhere.values()), axis=0)),
        tasks={name: _gain(pair) for name, pair in everywhere.items()},
        languages=by_language,
    )


def resampled_weights(languages: NDArray[np.str_]) -> NDArray[np.float64]:
    """Return how often each unit is drawn, `(1 + RESAMPLES, n_units)`; the first row is the data.

    Units are drawn with replacement within their language.
    """
    rng = np.random.default_rng(0)
    weights = np.ones((1 + RESAMPLES, len(languages)))
    for language in sorted(set(languages.tolist())):
        rows = np.flatnonzero(languages == language)
        weights[1:, rows] = rng.multinomial(
            len(rows), np.full(len(rows), 1 / len(rows)), size=RESAMPLES
        )
    return weights


def _pair(
    champion: Answers, challenger: Answers, name: str, weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.stack([figures(one.tasks[name], weights) for one in (champion, challenger)])


def _gain(pair: NDArray[np.float64]) -> Gain:
    low, high = np.percentile(pair[1, 1:] - pair[0, 1:], [2.5, 97.5])
    return Gain(float(pair[0, 0]), float(pair[1, 0]), float(low), float(high))
