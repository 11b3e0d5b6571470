"""Figures of a bundle on test data that no training and no threshold has seen.

Run as `python -m training.evaluate` to judge `<work>/bundle/` again.
"""

import logging
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, computed_field
from sklearn.metrics import f1_score

from convqa.encoder.bundle import Bundle, load_bundle
from convqa.encoder.heads import decide
from convqa.encoder.manifest import Output
from convqa.encoder.session import Encoder
from convqa.schema import LANGUAGES
from training.calibrate import expected_calibration_error
from training.corpora import Example, GoldConversation, Split, part_of, read_conversations
from training.errors import Confusion, WorstError, confusion, worst_errors
from training.false_flags import clean_flags, grave_recall
from training.fit_heads import labelled_examples
from training.outcome_head import outcome_of
from training.predictions import targets, turn_labels, turn_probabilities
from training.served import VectorTable, head_inputs, texts_of
from training.settings import Paths, run_step

logger = logging.getLogger(__name__)

_RESAMPLES = 400

# Of the rarest label of a task that is one of several, of all labels where several may hold.
MEASURABLE_POSITIVES = 20


class Figure(BaseModel):
    """One figure with its 95 % bootstrap interval and the number of examples behind it.

    `source` is `segments`, `transcripts` (turns), or `all` for both. `positives` counts the
    examples of the rarest label, or the labels given where several may hold.
    """

    task: str
    source: str
    language: str
    measure: str
    value: float
    low: float
    high: float
    n: int
    positives: int

    @computed_field
    @property
    def is_measurable(self) -> bool:
        """Whether there are enough examples to claim a figure."""
        return self.positives >= MEASURABLE_POSITIVES


class LabelFigure(BaseModel):
    """Precision, recall and F1 of one label over all languages."""

    task: str
    label: str
    precision: float
    recall: float
    f1: float
    positives: int


class Report(BaseModel):
    """All figures of one bundle."""

    figures: list[Figure]
    labels: list[LabelFigure]
    calibration_error: dict[str, float]
    confusion: dict[str, Confusion]
    worst: dict[str, list[WorstError]]
    clean_flagged: dict[str, tuple[int, int]]
    clean_critical: dict[str, tuple[int, int]]
    grave_found: dict[str, tuple[int, int]]
    tokens_per_second: float
    tokens_per_conversation: float
    megabytes: float


Truth = NDArray[np.int64]
Guess = NDArray[np.bool_]


def macro_f1(truth: Truth, guess: Guess) -> float:
    """Return the mean F1 over the labels of a single-label task."""
    return float(
        f1_score(truth.argmax(axis=1), guess.argmax(axis=1), average="macro", zero_division=0)
    )


def micro_f1(truth: Truth, guess: Guess) -> float:
    """Return F1 over all known entries of a multi-label task."""
    known = truth >= 0
    hits = float(((truth == 1) & guess & known).sum())
    total = float((truth == 1).sum() + (guess & known).sum())
    return 2 * hits / total if total else 0.0


def figure(output: Output, source: str, language: str, truth: Truth, guess: Guess) -> Figure:
    """Return the figure of one task on some examples, with its interval."""
    is_single = output.activation == "softmax"
    measure = macro_f1 if is_single else micro_f1
    rng = np.random.default_rng(0)
    resampled = []
    for _ in range(_RESAMPLES):
        rows = rng.integers(0, len(truth), len(truth))
        resampled.append(measure(truth[rows], guess[rows]))
    low, high = np.percentile(resampled, [2.5, 97.5])
    given = (truth == 1).sum(axis=0)
    return Figure(
        task=output.task, source=source, language=language,
        measure="macro-F1" if is_single else "micro-F1", value=measure(truth, guess),
        low=float(low), high=float(high), n=len(truth),
        positives=int(given.min() if is_single else given.sum()),
    )  # fmt: skip


def task_figures(
    output: Output, role: str, examples: Sequence[Example], truth: Truth, guess: Guess
) -> list[Figure]:
    """Return the figures of one task by source and language."""
    found = []
    known = (truth >= 0).any(axis=1)
    for source in ("all", "segments", "transcripts"):
        for language in ("all", *LANGUAGES):
            rows = [
                row
                for row, item in enumerate(examples)
                if known[row]
                and source in ("all", item.source)
                and language in ("all", item.language)
            ]
            if rows:
                one = figure(output, source, language, truth[rows], guess[rows])
                found.append(one.model_copy(update={"task": f"{role} {output.task}"}))
    return found


def label_figures(output: Output, role: str, truth: Truth, guess: Guess) -> list[LabelFigure]:
    """Return precision, recall and F1 of each label."""
    found = []
    for column, label in enumerate(output.labels):
        known = truth[:, column] >= 0
        true, said = truth[known, column] == 1, guess[known, column]
        hits = float((true & said).sum())
        precision = hits / max(1.0, float(said.sum()))
        recall = hits / max(1.0, float(true.sum()))
        found.append(
            LabelFigure(
                task=f"{role} {output.task}", label=label, precision=precision, recall=recall,
                f1=2 * precision * recall / max(1e-9, precision + recall),
                positives=int(true.sum()),
            )
        )  # fmt: skip
    return found


def speed(bundle: Bundle, texts: Sequence[str]) -> float:
    """Return tokens a second, special ones counted, on two threads, best of three passes."""
    encoder = Encoder(bundle, threads=2)
    n_tokens = int(encoder.count_tokens(texts).sum())
    encoder.encode(texts[:64])
    best = 0.0
    for _ in range(3):
        started = time.perf_counter()
        encoder.encode(texts)
        best = max(best, n_tokens / (time.perf_counter() - started))
    return best


def conversation_figures(
    bundle: Bundle, talks: Sequence[GoldConversation], table: VectorTable
) -> list[Figure]:
    """Return figures of resolution and ending."""
    features = np.stack([outcome_of(talk, table, bundle.agent, bundle.customer) for talk in talks])
    found = bundle.conversation.predict(features)
    figures = []
    for output in bundle.conversation.outputs:
        given = [getattr(talk, output.task) for talk in talks]
        truth = np.array([[label == own for label in output.labels] for own in given], dtype=int)
        guess = decide(found[output.task], output)
        for language in ("all", *LANGUAGES):
            rows = [i for i, talk in enumerate(talks) if language in ("all", talk.language)]
            if rows:
                own = figure(output, "transcripts", language, truth[rows], guess[rows])
                figures.append(own)
    return figures


def evaluate_bundle(
    bundle: Bundle, paths: Paths, table: VectorTable | None = None, *, split: Split = "test"
) -> Report:
    """Judge a bundle: single segments read whole, turns of conversations in their sentences."""
    examples = part_of(labelled_examples(paths), split, paths.corpora)
    talks = part_of(read_conversations(paths.corpora), split, paths.corpora)
    if table is None:
        table = VectorTable(Encoder(bundle, threads=2), texts_of(examples))
    figures: list[Figure] = []
    labels: list[LabelFigure] = []
    errors: dict[str, float] = {}
    tables: dict[str, Confusion] = {}
    worst: dict[str, list[WorstError]] = {}
    clean, caught = ({}, {}), {}
    for role, head in (("agent", bundle.agent), ("customer", bundle.customer)):
        inputs = head_inputs([e for e in examples if e.role == role], table, is_split=True)
        guesses = turn_labels(head, inputs, is_careful=False)
        values = turn_probabilities(head, inputs)
        for output in head.outputs:
            truth = targets(inputs.examples, output)
            guess = guesses[output.task]
            figures += task_figures(output, role, inputs.examples, truth, guess)
            labels += label_figures(output, role, truth, guess)
            one = np.array([item.source == "segments" for item in inputs.examples])
            errors[f"{role} {output.task}"] = _calibration_error(
                output, truth[one], values[output.task][one]
            )
            tables[f"{role} {output.task}"] = confusion(output, truth, guess)
            worst[f"{role} {output.task}"] = worst_errors(
                output, inputs.examples, truth, values[output.task], guess
            )
        if role == "agent":
            clean = clean_flags(talks, head, inputs)
            caught = grave_recall(head, inputs)
    figures += conversation_figures(bundle, talks, table)
    texts = [text for talk in talks for turn in talk.turns for text in turn.sentences]
    n_tokens = int(Encoder(bundle, threads=1).count_tokens(texts).sum())
    return Report(
        figures=figures, labels=labels, calibration_error=errors, confusion=tables, worst=worst,
        clean_flagged=clean[0], clean_critical=clean[1], grave_found=caught,
        tokens_per_second=speed(bundle, texts),
        tokens_per_conversation=n_tokens / len(talks),
        megabytes=sum(file.stat().st_size for file in bundle.path.iterdir()) / 1e6,
    )  # fmt: skip


def _calibration_error(output: Output, truth: Truth, values: NDArray[np.float64]) -> float:
    known = truth >= 0
    if output.activation == "softmax":
        rows = known.any(axis=1)
        best = values[rows].argmax(axis=1)
        right = truth[rows][np.arange(len(best)), best] == 1
        return expected_calibration_error(values[rows].max(axis=1), right)
    return expected_calibration_error(values[known], truth[known] == 1)


def summary(report: Report) -> str:
    """Return the pooled figures, one a line."""
    lines = [
        f"{f.task:22} {f.source:12} {f.measure} {f.value:.3f} [{f.low:.3f}, {f.high:.3f}] n={f.n}"
        for f in report.figures
        if f.language == "all"
    ]
    lines += [
        f"{task:22} calibration error {v:.3f}" for task, v in report.calibration_error.items()
    ]
    lines.append(
        f"clean flagged {report.clean_flagged['all']}, critical {report.clean_critical['all']}"
    )
    lines.append(f"{report.tokens_per_second:.0f} tokens/s, {report.megabytes:.1f} MB")
    return "\n".join(lines)


def run(paths: Paths) -> None:
    """Judge the bundle in the working folder and log the pooled figures."""
    report = evaluate_bundle(load_bundle(paths.work / "bundle"), paths)
    logger.info("%s", summary(report))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    run_step("evaluate", run)
