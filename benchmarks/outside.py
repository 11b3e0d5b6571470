"""What the shipped model says of texts that others wrote and others labelled.

    python -m benchmarks.outside --corpora FOLDER [--bundle FOLDER] [--out FILE]

None of these sets was read by any training. None was labelled by the codebook either: each has
labels that are near to one of ours, so a figure here says whether a model that was trained on
texts written for it holds elsewhere, not how good it is at its own task. Needs the packages of
`training` (scikit-learn, SciPy). The corpora are no part of the project.
"""

import argparse
import csv
import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.metrics import f1_score, roc_auc_score

from convqa.config import shipped_models
from convqa.detect.classify import ClassifyRequest, ClassifyResult, classify_texts
from convqa.detect.labels import detect_labels
from convqa.encoder import Bundle, Encoder, list_bundles, load_bundle
from convqa.redact import redact_conversation
from convqa.schema import Conversation, Role, Source, Turn
from convqa.segment import segment_conversation

_RESAMPLES = 1000
_GO_EMOTIONS: Mapping[str, str] = {
    **dict.fromkeys(
        ("anger", "annoyance", "disappointment", "disapproval", "disgust", "fear", "grief",
         "nervousness", "sadness"), "negative",
    ),
    **dict.fromkeys(("admiration", "excitement", "gratitude", "joy", "love", "relief"), "positive"),
    "neutral": "neutral",
}  # fmt: skip
_RED = {
    "Furie": "negative", "Frica": "negative", "Tristete": "negative",
    "Bucurie": "positive", "Neutru": "neutral",
}  # fmt: skip
_MULTIDOGO = {"openinggreeting": "greeting", "thankyou": "thanks", "closinggreeting": "closing"}
_SGD: Mapping[Role, Mapping[str, str]] = {
    "agent": {"REQUEST": "question", "REQ_MORE": "further_help", "GOODBYE": "closing"},
    "customer": {"REQUEST": "question", "THANK_YOU": "thanks", "GOODBYE": "closing"},
}

Array = NDArray[np.float64]
Measure = Callable[[Array, Array], float]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure with its 95 % interval from resampled units."""

    source: str
    compared: str
    measure: str
    value: float
    low: float
    high: float
    n: int
    positives: int | None = None

    @property
    def cells(self) -> str:
        """The row of a table."""
        n = f"{self.n:,}" if self.positives is None else f"{self.positives:,} of {self.n:,}"
        return (
            f"| {self.source} | {self.compared} | {self.measure} | {self.value:.3f} | "
            f"{self.low:.3f} to {self.high:.3f} | {n} |"
        )


class Model:
    """A bundle that labels single texts and whole conversations."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._encoder = Encoder(bundle, threads=1)

    def single(self, role: Role, texts: Sequence[str]) -> list[ClassifyResult]:
        """Return the labels of texts of one party, each without a context."""
        asked = [ClassifyRequest(str(n), role, text) for n, text in enumerate(texts)]
        return classify_texts(asked, self._encoder, self.bundle)

    def resolved(self, talk: Conversation) -> float:
        """Return how likely a conversation ended resolved, less how likely unresolved, -1 to 1."""
        segmented = segment_conversation(redact_conversation(talk))
        vectors = self._encoder.encode([segment.text for segment in segmented.segments])
        found = {
            finding.label: finding.probability or 0.0
            for finding in detect_labels(segmented, vectors, self.bundle)
            if finding.kind == "resolution"
        }
        return found.get("resolved", 0.0) - found.get("unresolved", 0.0)


def resolution(folder: Path, model: Model) -> Iterator[Row]:
    """Compare with what 19 people thought of helpdesk dialogues, translated from Chinese."""
    for path in sorted(folder.glob("train_data_en.json.gz")):
        talks = json.loads(gzip.decompress(path.read_bytes()))
        said = np.array([model.resolved(_dialogue(talk)) for talk in talks])
        for letter, what in (
            ("A", "was the task accomplished"),
            ("S", "was the customer satisfied"),
        ):
            ratings = [[one["quality"][letter] for one in talk["annotations"]] for talk in talks]
            mean = np.array([fmean(own) for own in ratings])
            one, rest = _rater_and_rest(ratings)
            yield _row("STC-3 helpdesk", f"resolution with «{what}»", "Spearman", _rank, mean, said)
            yield _row(
                "", "one of the raters with the mean of the others", "Spearman", _rank, rest, one
            )


def _dialogue(talk: Mapping[str, object]) -> Conversation:
    turns = tuple(
        Turn("agent" if turn["sender"] == "helpdesk" else "customer", " ".join(turn["utterances"]))
        for turn in talk["turns"]
    )
    return Conversation(str(talk["id"]), turns, Source("", "", 0), "en", "chat")


def _rater_and_rest(ratings: Sequence[Sequence[int]]) -> tuple[Array, Array]:
    """Return the rating of one person of each dialogue, in turn, and the mean of the others'."""
    one, rest = [], []
    for number, own in enumerate(ratings):
        place = number % len(own)
        one.append(float(own[place]))
        rest.append(fmean(own[:place] + own[place + 1 :]))
    return np.array(one), np.array(rest)


def politeness(folder: Path, model: Model) -> Iterator[Row]:
    """Compare with how polite five people found requests on Stack Exchange."""
    for path in sorted(folder.glob("stack-exchange.annotated.csv.gz")):
        with gzip.open(path, "rt", encoding="latin-1", newline="") as lines:
            rows = [row for row in csv.reader(lines) if _is_number(row[-1])]
        scores = np.array([float(row[-1]) for row in rows])
        found = [
            r.politeness.probabilities for r in model.single("agent", [row[2] for row in rows])
        ]
        said = np.array([own["polite"] - own["impolite"] for own in found])
        yield _row("Stanford, Stack Exchange", "politeness with the mean score", "Spearman", _rank,
                   scores, said)  # fmt: skip
        low, high = np.quantile(scores, [0.25, 0.75])
        ends = (scores <= low) | (scores >= high)
        yield _row("", "the politest quarter against the rudest", "AUC", roc_auc_score,
                   (scores[ends] >= high).astype(np.float64), said[ends])  # fmt: skip


def emotion(corpora: Path, model: Model) -> Iterator[Row]:
    """Compare with emotions that were labelled in posts, turned into three."""
    for name, source in (
        ("GoEmotions, Reddit, English", _go_emotions),
        ("RED, tweets, Romanian", _red),
    ):
        rows = list(source(corpora))
        if not rows:
            continue
        labels = ("negative", "neutral", "positive")
        truth = np.array([labels.index(label) for _, label in rows], dtype=np.float64)
        found = model.single("customer", [text for text, _ in rows])
        said = np.array([labels.index(own.emotion.label) for own in found], dtype=np.float64)
        yield _row(name, "emotion, three labels", "macro-F1", _macro, truth, said)


def _go_emotions(corpora: Path) -> Iterator[tuple[str, str]]:
    folder = corpora / "emotion_goemotions"
    for path in sorted(folder.glob("dev.tsv.gz")):
        names = (folder / "labels.txt").read_text(encoding="utf-8").split()
        for line in gzip.decompress(path.read_bytes()).decode("utf-8").splitlines():
            text, numbers, _ = line.split("\t")
            found = {_GO_EMOTIONS.get(names[int(number)]) for number in numbers.split(",")}
            if len(found) == 1 and (label := found.pop()) is not None:
                yield text, label


def _red(corpora: Path) -> Iterator[tuple[str, str]]:
    for path in sorted((corpora / "emotion_ro_red").glob("v1.val.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                yield row["Tweet"], _RED[row["Emotion"]]


def acts(corpora: Path, model: Model) -> Iterator[Row]:
    """Compare with the acts of customers in MultiDoGO and of both parties in SGD."""
    said: dict[tuple[str, Role], list[tuple[str, set[str]]]] = defaultdict(list)
    for path in sorted((corpora / "speechacts_multidogo").glob("dev.turn_level.tsv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                if row["utterance"] and row["intent"]:
                    named = {_MULTIDOGO.get(one, "") for one in row["intent"].split("<div>")}
                    said["MultiDoGO", "customer"].append((row["utterance"], named))
    for path in sorted((corpora / "speechacts_sgd").glob("dev.jsonl.gz")):
        for line in gzip.decompress(path.read_bytes()).decode("utf-8").splitlines():
            for speaker, text, given in json.loads(line)["turns"]:
                said["SGD", speaker].append((text, {_SGD[speaker].get(one, "") for one in given}))
    for (source, role), turns in said.items():
        found = [set(own.acts) for own in model.single(role, [text for text, _ in turns])]
        for act in dict.fromkeys(
            _MULTIDOGO.values() if source == "MultiDoGO" else _SGD[role].values()
        ):
            truth = np.array([act in named for _, named in turns], dtype=np.float64)
            guess = np.array([act in own for own in found], dtype=np.float64)
            if truth.any():
                yield _row(
                    f"{source}, {role}s", act, "F1", _f1, truth, guess, positives=int(truth.sum())
                )


def _row(
    source: str, compared: str, name: str, measure: Measure, truth: Array, said: Array,
    *, positives: int | None = None,
) -> Row:  # fmt: skip
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(_RESAMPLES):
        rows = rng.integers(0, len(truth), len(truth))
        drawn.append(measure(truth[rows], said[rows]))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Row(source, compared, name, measure(truth, said), low, high, len(truth), positives)


def _rank(truth: Array, said: Array) -> float:
    return float(spearmanr(truth, said).statistic)


def _macro(truth: Array, said: Array) -> float:
    return float(f1_score(truth, said, average="macro"))


def _f1(truth: Array, said: Array) -> float:
    return float(f1_score(truth, said, zero_division=0))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def report(corpora: Path, bundle: Bundle) -> Iterator[str]:
    """Yield the lines of the report."""
    model, version = Model(bundle), bundle.version_info
    yield f"# {version.name} {version.version} on data of others\n"
    yield "| set | what is compared | measure | value | 95 % interval | units |"
    yield "| --- | --- | --- | ---: | --- | ---: |"
    for row in (
        *resolution(corpora / "quality_stc3_helpdesk", model),
        *politeness(corpora / "politeness_stanford", model),
        *emotion(corpora, model),
        *acts(corpora, model),
    ):
        yield row.cells


def main() -> None:
    """Write the report."""
    parser = argparse.ArgumentParser(description="The shipped model on data of others.")
    parser.add_argument("--corpora", type=Path, required=True, help="folder of public corpora")
    parser.add_argument("--bundle", type=Path, help="another bundle than the shipped one")
    parser.add_argument("--out", type=Path, help="file to write instead of the terminal")
    args = parser.parse_args()
    bundle = load_bundle(args.bundle or list_bundles(shipped_models())[-1])
    text = "\n".join(report(args.corpora, bundle)) + "\n"
    if args.out is None:
        sys.stdout.write(text)
    else:
        args.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
